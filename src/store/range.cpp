#include "store/range.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace surd::store {
namespace {

constexpr double most = std::numeric_limits<double>::infinity();
constexpr double whole_most = 2147483647;  // what a study's sizes may be

constexpr Range size_range{1e-9, whole_most, "a positive number up to 2147483647"};
constexpr Range share_range{0, 1, "a fraction from 0 to 1"};
constexpr Range amount_range{0, 1e300, "a number from 0"};
constexpr Range rate_range{0, 1e9, "a number from 0"};

struct Named {
  std::string_view column;
  Range range;
};

constexpr std::array<Named, 37> ranges = {{
    {"length", size_range},
    {"hidden", size_range},
    {"size", size_range},
    {"mean_tokens", {0, most, "a number from 0"}},
    {"paper_length", {0, whole_most, "a number from 0 to 2147483647"}},
    {"learning_rate", rate_range},
    {"window", {-1, 1e6, "a number of learning rates, 0 or -1"}},
    {"accuracy", share_range},
    {"accuracy_validation", share_range},
    {"accuracy_validation_best", share_range},
    {"accuracy_test", share_range},
    {"accuracy_validation_before", share_range},
    {"accuracy_validation_after", share_range},
    {"accuracy_test_before", share_range},
    {"accuracy_test_after", share_range},
    {"solved_before", {0, 1, "0 or 1"}},
    {"solved_after", {-1, 1, "-1, 0 or 1"}},
    {"steps", amount_range},
    {"steps_before", amount_range},
    {"steps_after", amount_range},
    {"steps_to_solve", {-1, 1e300, "a number of steps, or -1"}},
    {"tokens", amount_range},
    {"flops", {0, 1e300, "FLOPs, a number from 0"}},
    {"flops_forward", {0, 1e300, "FLOPs, a number from 0"}},
    {"flops_generation", {0, 1e300, "FLOPs, a number from 0"}},
    {"parameters", amount_range},
    {"parameters_without_embeddings", amount_range},
    {"state_bytes", {0, 1e300, "bytes, a number from 0"}},
    {"seconds", amount_range},
    {"attempts", amount_range},
    {"step", amount_range},
    {"start", amount_range},
    {"count", amount_range},
    {"attempt", amount_range},
    {"trial", amount_range},
    {"point", amount_range},
    {"data_parallel", {1, whole_most, "a number of ranks"}},
}};

}  // namespace

Range range_of(std::string_view column) {
  const auto found = std::find_if(ranges.begin(), ranges.end(),
                                  [&](const Named& named) { return named.column == column; });
  return found == ranges.end() ? Range{-most, most, "a number"} : found->range;
}

}  // namespace surd::store
