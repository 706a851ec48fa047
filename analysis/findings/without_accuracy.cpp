#include "analysis/findings/without_accuracy.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace surd::analysis {

std::optional<law::Doubt> doubt_of_missing_accuracy(const Input& input, const law::Series& series) {
  constexpr std::size_t one_in = 20;
  const std::vector<std::size_t>& places = input.without_accuracy;
  if (places.empty()) return std::nullopt;
  std::size_t trials = 0, without = 0;
  for (const law::Seed& seed : series.seeds) {
    trials += seed.trials.size();
    without += static_cast<std::size_t>(
        std::count_if(seed.trials.begin(), seed.trials.end(), [&](std::size_t place) {
          return std::binary_search(places.begin(), places.end(), place);
        }));
  }
  if (one_in * without <= trials) return std::nullopt;
  return law::Doubt{
      .words = fmt::format("{} of {} trials have no accuracy and are taken as missing: write nan "
                           "for those that diverged",
                           without, trials),
      .withholds = false};
}

}  // namespace surd::analysis
