#include "analysis/input/input.hpp"

namespace surd::analysis {

law::Evidence evidence_of(const Input& input, double tau) {
  return input.trials.empty() ? law::collect(input.counted) : law::collect(input.trials, tau);
}

}  // namespace surd::analysis
