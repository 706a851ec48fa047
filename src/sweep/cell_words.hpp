// What a run prints of a cell whose trials have all ended.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "law/solved.hpp"

namespace surd::sweep {

// What a seed came to by the learning rate that stands for it (law/solved.hpp).
struct SeedResult {
  law::Rate rate;
  double accuracy_test = 0;  // judged
};

// "2 of 3 seeds solved in validation; on the test 0.981 0.996 none": solved as the design judges,
// none where a seed has no result. Beyond ten seeds only the median, the least and the most of
// those with a result.
std::string cell_words(std::span<const std::optional<SeedResult>> seeds, double tau);

}  // namespace surd::sweep
