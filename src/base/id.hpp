// Strong types for ids: a rank cannot be passed where a bundle number is wanted.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace surd {

template <typename Tag, typename Value>
struct Id {
  Value value{};
  auto operator<=>(const Id&) const = default;
};

// 32 hexadecimal digits: the 128-bit hash of everything that can change a trial's result.
using TrialId = Id<struct TrialTag, std::string>;
// Positions in study order, from 0: of a cell, of a trial.
using CellIndex = Id<struct CellTag, std::size_t>;
using TrialIndex = Id<struct TrialIndexTag, std::size_t>;
// Number of an attempt (one execution of a bundle), from 1, unique within a run folder.
using AttemptId = Id<struct AttemptTag, std::int64_t>;
// MPI rank in the world; 0 is the coordinator.
using Rank = Id<struct RankTag, int>;

}  // namespace surd

template <typename Tag, typename Value>
struct std::hash<surd::Id<Tag, Value>> {
  std::size_t operator()(const surd::Id<Tag, Value>& id) const noexcept {
    return std::hash<Value>{}(id.value);
  }
};
