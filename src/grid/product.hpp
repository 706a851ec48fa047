// The product of a block's axes, in study order.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "grid/source.hpp"

namespace surd::grid {

// One combination of axis values, before it is resolved.
struct Draft {
  const TaskChoice* task = nullptr;
  const AxisValue* length = nullptr;
  bool by_size = false;
  bool drop_same_size = false;  // of a geometric axis
  const AxisValue* hidden = nullptr;
  const ArchitectureChoice* architecture = nullptr;
  std::vector<std::pair<const Setting*, const AxisValue*>> further;
};

// Combinations of the axes of a block; zipped axes advance together.
class Product {
 public:
  // `block` must outlive it. InputError where zipped axes differ in their number of values.
  Product(const Block& block, const Source& source, bool zipped);

  // How many combinations there are, as a number that cannot overflow.
  double count() const;

  template <typename Visit>
  void each(Visit visit) const {
    std::vector<std::size_t> index(4 + block_.further.size(), 0);
    for (std::size_t task = 0; task < block_.tasks.size(); ++task) {
      std::fill(index.begin(), index.end(), 0);
      for (const std::size_t axis : groups_.front()) index[axis] = task;  // the task's own group
      bool more = true;
      while (more) {
        visit(draft(task, index));
        more = false;
        for (std::size_t g = groups_.size(); g-- > 1 && !more;) {  // the last axis is the fastest
          const std::size_t next = index[groups_[g].front()] + 1;
          more = next < size(groups_[g].front(), task);
          for (const std::size_t axis : groups_[g]) index[axis] = more ? next : 0;
        }
      }
    }
  }

 private:
  // 0 task, 1 length or size, 2 hidden, 3 architecture, then further axes.
  std::size_t axis_of(const std::string& name) const;
  std::size_t size(std::size_t axis, std::size_t task) const;
  std::string name(std::size_t axis) const;
  void require_equal_sizes(const std::vector<std::size_t>& group, const std::string& where) const;
  Draft draft(std::size_t task, const std::vector<std::size_t>& index) const;

  const Block& block_;
  std::vector<std::vector<std::size_t>> groups_;
};

}  // namespace surd::grid
