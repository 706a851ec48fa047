// The label of further axes, as tables print it and --axes takes it: "model.layers=2,
// task.symbols=8".
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"

namespace surd::analysis {

// By name. A value that could be taken for several axes, since it holds ", " or starts with a
// quote, stands as a JSON string.
std::string axes_label(std::vector<std::pair<std::string, std::string>> axes);
// A null is left out: the row's study has no such axis.
std::string axes_label(const std::vector<std::pair<std::string, Json>>& further);

// Names and values of such a label again; no value where there is no "=". Also of an architecture's
// options: "c=2, d=3".
std::vector<std::pair<std::string, std::optional<std::string>>> axes_of(const std::string& label);

}  // namespace surd::analysis
