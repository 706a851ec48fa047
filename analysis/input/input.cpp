#include "analysis/input/input.hpp"

namespace surd::analysis {

law::Evidence evidence_of(const Input& input, double tau) {
  return input.trials.empty() ? law::collect(input.counted) : law::collect(input.trials, tau);
}

std::string first_architecture(const Input& input) {
  if (!input.trials.empty()) return input.trials.front().architecture;
  return input.counted.empty() ? std::string() : input.counted.front().architecture;
}

}  // namespace surd::analysis
