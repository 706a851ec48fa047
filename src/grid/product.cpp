#include "grid/product.hpp"

#include <fmt/format.h>

namespace surd::grid {

Product::Product(const Block& block, const Source& source, bool zipped) : block_(block) {
  const std::size_t axes = 4 + block.further.size();
  std::vector<bool> grouped(axes, false);
  if (zipped) {
    for (std::size_t g = 0; g < source.zip.size(); ++g) {
      std::vector<std::size_t> group;
      for (const std::string& name : source.zip[g]) group.push_back(axis_of(name));
      std::sort(group.begin(), group.end());
      for (const std::size_t axis : group) grouped[axis] = true;
      require_equal_sizes(group, source.zip_where[g]);
      groups_.push_back(std::move(group));
    }
  }
  for (std::size_t axis = 0; axis < axes; ++axis) {
    if (!grouped[axis]) groups_.push_back({axis});
  }
  // A group stands where its first axis stands.
  std::sort(groups_.begin(), groups_.end());
}

double Product::count() const {
  double total = 0;
  for (std::size_t task = 0; task < block_.tasks.size(); ++task) {
    double product = 1;
    for (const auto& group : groups_) {
      if (group.front() != 0) product *= static_cast<double>(size(group.front(), task));
    }
    total += product;
  }
  return total;
}

std::size_t Product::axis_of(const std::string& name) const {
  if (name == "task") return 0;
  if (name == "length" || name == "size") return 1;
  if (name == "hidden") return 2;
  if (name == "architecture") return 3;
  for (std::size_t i = 0; i < block_.further.size(); ++i) {
    if (block_.further[i].name == name) return 4 + i;
  }
  throw Error("axis " + name + " is in no block");
}

std::size_t Product::size(std::size_t axis, std::size_t task) const {
  switch (axis) {
    case 0: return block_.tasks.size();
    case 1: return block_.lengths[task].values.size();
    case 2: return block_.hidden.values.size();
    case 3: return block_.architectures.size();
    default: return block_.further[axis - 4].values.size();
  }
}

std::string Product::name(std::size_t axis) const {
  static const std::vector<std::string> names = {"task", "length", "hidden", "architecture"};
  return axis < 4 ? names[axis] : block_.further[axis - 4].name;
}

void Product::require_equal_sizes(const std::vector<std::size_t>& group,
                                  const std::string& where) const {
  for (std::size_t task = 0; task < block_.tasks.size(); ++task) {
    for (const std::size_t axis : group) {
      if (size(axis, task) == size(group.front(), task)) continue;
      throw InputError(
          {.what = fmt::format("zipped axes differ in their number of values (task {})",
                               block_.tasks[task].settings.name),
           .where = where,
           .expected = fmt::format("{} for each, as {} has", size(group.front(), task),
                                   name(group.front())),
           .got = fmt::format("{} of {}", size(axis, task), name(axis))});
    }
  }
}

Draft Product::draft(std::size_t task, const std::vector<std::size_t>& index) const {
  Draft draft;
  draft.task = &block_.tasks[task];
  draft.length = &block_.lengths[task].values[index[1]];
  draft.by_size = block_.by_size;
  draft.drop_same_size = block_.lengths[task].geometric;
  draft.hidden = &block_.hidden.values[index[2]];
  draft.architecture = &block_.architectures[index[3]];
  for (std::size_t i = 0; i < block_.further.size(); ++i) {
    draft.further.emplace_back(find_setting(block_.further[i].name),
                               &block_.further[i].values[index[4 + i]]);
  }
  return draft;
}

}  // namespace surd::grid
