// Reading the axes of a block. InputError with file:line:column: empty, a value twice, wrong type,
// impossible value.
#pragma once

#include "grid/source.hpp"

namespace surd::grid {

// A list, one value, or {geometric: {from, to, factor, multiple_of}}; values in [1, most].
Axis read_integer_axis(const Node& node, const std::string& name, std::int64_t most);
Axis read_hidden_axis(const Node& node);
Axis read_setting_axis(const Setting& setting, const Node& node);
// [lookup, lis], lookup, or {lookup: {symbols: 8}, lis: {}}.
std::vector<TaskChoice> read_tasks(const Node& node);
// [standard, {sparse: {c: 2}}], standard, or {standard: {}, sparse: [{c: 1}, {c: 2}]}.
std::vector<ArchitectureChoice> read_architectures(const Node& node);
// `name` is "length" or "size": one axis for all tasks, or a map with one for each.
std::vector<Axis> read_lengths(const Node& node, const std::string& name,
                               const std::vector<TaskChoice>& choices);

}  // namespace surd::grid
