#include "analysis/best.hpp"

#include <algorithm>
#include <tuple>

namespace surd::analysis {

const law::Trial* best_of(const std::vector<const law::Trial*>& trials, const std::vector<double>& common) {
  const auto rank = [&](const law::Trial& trial) {
    const bool is_common = std::find(common.begin(), common.end(), trial.learning_rate) != common.end();
    return std::tuple(is_common, trial.status == law::Status::diverged ? 0 : trial.accuracy_validation, -trial.learning_rate);
  };
  const law::Trial* found = nullptr;
  for (const law::Trial* trial : trials) {
    if (law::has_result(*trial) && (!found || rank(*trial) > rank(*found))) found = trial;
  }
  return found;
}

}  // namespace surd::analysis
