// Which seeds to run next, as a fragment of the study that surd-run takes, and as JSON.
#pragma once

#include <string>

#include "analysis/findings/next.hpp"
#include "base/json.hpp"

namespace surd::analysis {

// A fragment to add to the study: comments, and an `include` list.
std::string to_yaml(const Next& next);
// What each word of that and of the JSON means: see explain.hpp.
std::string explain_next();
// {"format_version": 1, "task", "architecture", "axes", "goal", "unit", "budget", "cost", "seeds",
// "half_width", "half_width_after",
//  "fitted_half_width", "dispersion", "reason", "open": [{"architecture", "length", "boundary":
//  "unknown" | "below" | "above"}], "cells": [{"architecture", "length", "hidden", "seeds": [...],
//  "cost_a_seed", "purpose": "bracket" | "replicate" | "narrow" | "bracket_then_narrow"}], "notes":
//  [...]}
Json to_json(const Next& next);

}  // namespace surd::analysis
