// What two results have in common, as a table, JSON and CSV.
#pragma once

#include <string>

#include "analysis/findings/compare.hpp"
#include "base/json.hpp"

namespace surd::analysis {

std::string table(const Compared& compared);
// {"format_version": 1, "a", "b", "tau", "cells": [{"task", "architecture", "length", "hidden",
// "seeds_a", "solved_a", "accuracy_a" (median),
//  "accuracies_a", the same with _b, "p", "differs"}], "exponents": [{"task", "architecture",
//  "alpha_a", "alpha_a_low", "alpha_a_high", the same with _b, "difference" (a - b),
//  "difference_low", "difference_high", "lengths"}], "tests": {"cells", "tested", "below_05",
//  "expected_by_chance"}, "only_a": [{"task", "architecture", "cells": [[length, hidden], ...]}],
//  "only_b", "notes"}; null where there is no number, then with "reason".
Json to_json(const Compared& compared);
// One row a cell that both have.
std::string to_csv(const Compared& compared);
// What the columns of these mean: see explain.hpp.
std::string explain_compare();

}  // namespace surd::analysis
