#include "sweep/cell_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace surd::sweep {

std::string cell_words(std::span<const std::optional<SeedResult>> seeds, double tau) {
  constexpr std::size_t listed = 10;
  const auto is_solved = [&](const auto& seed) {
    return seed && law::is_solved(seed->rate.accuracy_validation, tau);
  };
  const auto solved = std::count_if(seeds.begin(), seeds.end(), is_solved);
  std::string words =
      fmt::format("{} of {} seeds solved in validation; on the test", solved, seeds.size());
  if (seeds.size() <= listed) {
    for (const auto& seed : seeds)
      words += seed ? fmt::format(" {:.3f}", seed->accuracy_test) : " none";
    return words;
  }
  std::vector<double> accuracies;
  for (const auto& seed : seeds) {
    if (seed) accuracies.push_back(seed->accuracy_test);
  }
  if (accuracies.empty()) return words + " none";
  std::sort(accuracies.begin(), accuracies.end());
  const double median =
      (accuracies[(accuracies.size() - 1) / 2] + accuracies[accuracies.size() / 2]) / 2;
  words += fmt::format(" median {:.3f}, {:.3f} to {:.3f}", median, accuracies.front(),
                       accuracies.back());
  if (const std::size_t without = seeds.size() - accuracies.size(); without > 0)
    words += fmt::format(", {} without a result", without);
  return words;
}

}  // namespace surd::sweep
