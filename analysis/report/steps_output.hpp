// Steps until each cell was solved, as a table and JSON.
#pragma once

#include <span>
#include <string>

#include "analysis/findings/steps.hpp"
#include "analysis/report/text.hpp"
#include "base/json.hpp"

namespace surd::analysis {

// A row a cell; the first is the header, with a column of axes where there are any.
Lines lines_of(std::span<const Solving> cells);
Json to_json(std::span<const Solving> cells);
// What its columns mean: see explain.hpp.
std::string explain_steps();

}  // namespace surd::analysis
