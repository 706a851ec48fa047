// Steps until each cell was solved, as a table and JSON.
#pragma once

#include <span>

#include "analysis/findings/steps.hpp"
#include "analysis/report/text.hpp"
#include "base/json.hpp"

namespace surd::analysis {

// A row a cell; the first is the header, with a column of axes where there are any.
Lines lines_of(std::span<const Solving> cells);
Json to_json(std::span<const Solving> cells);

}  // namespace surd::analysis
