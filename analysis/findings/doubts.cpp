#include "analysis/findings/doubts.hpp"

#include "analysis/findings/late.hpp"

namespace surd::analysis {

std::vector<law::Doubt> doubts_of(const Input& input, const law::Series& series,
                                  const law::Fit& /*fit*/) {
  std::vector<law::Doubt> doubts;
  if (const auto late = late_doubt(input, series)) doubts.push_back(*late);
  return doubts;
}

}  // namespace surd::analysis
