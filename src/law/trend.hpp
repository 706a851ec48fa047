// Whether events are commoner at higher scores, stratum by stratum: an exact test of counts.
#pragma once

#include <vector>

namespace surd::law {

// Draws of one stratum that share a score.
struct Counted {
  int score = 0;  // only differences within a stratum count
  int of = 0;
  int events = 0;
  int most_events = of;  // more would have led to another choice of the stratum's groups
};
using Stratum = std::vector<Counted>;

// One-sided: the chance that the sum of scores over all events is as high or higher where within
// each stratum every draw is an event with the same chance, given each stratum's number of events.
// At most the level where chances fall with the score instead. 1 without events. Exact where there
// are few; else normal, and groups whose choice bounds them are left out.
double chance_of_rise(const std::vector<Stratum>& strata);

}  // namespace surd::law
