#include "store/range.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace surd::store {
namespace {

constexpr double most = std::numeric_limits<double>::infinity();
constexpr double whole_most = 2147483647;  // what a study's sizes may be

constexpr Range size{1e-9, whole_most, "a positive number up to 2147483647"};
constexpr Range share{0, 1, "a fraction from 0 to 1"};
constexpr Range amount{0, 1e300, "a number from 0"};
constexpr Range rate{0, 1e9, "a number from 0"};

struct Named {
  std::string_view column;
  Range range;
};

constexpr std::array<Named, 36> ranges = {{
    {"length", size},
    {"hidden", size},
    {"size", size},
    {"mean_tokens", {0, most, "a number from 0"}},
    {"paper_length", {0, whole_most, "a number from 0 to 2147483647"}},
    {"learning_rate", rate},
    {"accuracy", share},
    {"accuracy_validation", share},
    {"accuracy_validation_best", share},
    {"accuracy_test", share},
    {"accuracy_validation_before", share},
    {"accuracy_validation_after", share},
    {"accuracy_test_before", share},
    {"accuracy_test_after", share},
    {"solved_before", {0, 1, "0 or 1"}},
    {"solved_after", {-1, 1, "-1, 0 or 1"}},
    {"steps", amount},
    {"steps_before", amount},
    {"steps_after", amount},
    {"steps_to_solve", {-1, 1e300, "a number of steps, or -1"}},
    {"tokens", amount},
    {"flops", {0, 1e300, "FLOPs, a number from 0"}},
    {"flops_forward", {0, 1e300, "FLOPs, a number from 0"}},
    {"flops_generation", {0, 1e300, "FLOPs, a number from 0"}},
    {"parameters", amount},
    {"parameters_without_embeddings", amount},
    {"state_bytes", {0, 1e300, "bytes, a number from 0"}},
    {"seconds", amount},
    {"attempts", amount},
    {"step", amount},
    {"start", amount},
    {"count", amount},
    {"attempt", amount},
    {"trial", amount},
    {"point", amount},
    {"data_parallel", {1, whole_most, "a number of ranks"}},
}};

}  // namespace

Range range_of(std::string_view column) {
  const auto found = std::find_if(ranges.begin(), ranges.end(),
                                  [&](const Named& named) { return named.column == column; });
  return found == ranges.end() ? Range{-most, most, "a number"} : found->range;
}

}  // namespace surd::store
