// The verdict on an exponent, by rule.
#pragma once

#include <string>
#include <vector>

#include "law/contrast.hpp"
#include "law/fit.hpp"

namespace surd::law {

enum class Verdict { sqrt, flat, grows, inconclusive };
std::string to_string(Verdict verdict);  // the four words

// What speaks against taking an exponent at its word, seen in the data beside the fit.
struct Doubt {
  std::string words;       // go on from "; but "
  bool withholds = false;  // sqrt and flat are not given while it stands
};

struct Judgement {
  Verdict verdict = Verdict::inconclusive;
  std::string words;  // one sentence; where inconclusive, with what would settle it
};

// sqrt: the interval of alpha contains .5 and excludes .25 and .75, that of delta alpha excludes 0
// (no contrast, as for the baseline itself: never sqrt), the curvature's holds 0, and
// sqrt(L) fits better than any law that saturates, by half a unit of log likelihood or more. flat:
// it contains 0, excludes .25, and the curvature's holds 0. grows: it excludes 0 from above and is
// not sqrt. Else, and always with two lengths, inconclusive. `contrast` may be null. `cells` are
// those of the fit, and fitted again for the laws beside it; without any the intervals alone judge.
// The words end with the doubts; one that withholds makes grows of sqrt, and inconclusive of flat.
// Those of sqrt name what else remains: laws that only a logarithm separates from it, an offset d0,
// saturation.
Judgement judge(const Fit& fit, const Contrast* contrast, const std::vector<Cell>& cells,
                const std::vector<Doubt>& doubts = {});

}  // namespace surd::law
