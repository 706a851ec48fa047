// A vector whose places are named by an index type of its own (base/id.hpp).
#pragma once

#include <cstddef>
#include <ranges>
#include <vector>

namespace surd {

// Looks nothing up by another index type: a cell is not found by the place of a trial. By a plain
// number it is the ordinary vector that it is otherwise.
template <typename Index, typename Value>
class Indexed : public std::vector<Value> {
 public:
  using std::vector<Value>::vector;
  using std::vector<Value>::operator[];
  using std::vector<Value>::at;
  decltype(auto) operator[](Index index) { return (*this)[index.value]; }
  decltype(auto) operator[](Index index) const { return (*this)[index.value]; }
  decltype(auto) at(Index index) { return this->at(index.value); }
  decltype(auto) at(Index index) const { return this->at(index.value); }
  // All places in order: for (const CellIndex cell : cells.places()).
  auto places() const {
    return std::views::iota(std::size_t{0}, this->size()) |
           std::views::transform([](std::size_t place) { return Index{place}; });
  }
};

}  // namespace surd
