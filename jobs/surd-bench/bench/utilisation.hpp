// How much of its workers' time a search uses: rounds leave workers idle where they ask for too few
// trials at a time. The search, the scheduler and its messages are real; training is its FLOPs.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "grid/study.hpp"

namespace surd::bench {

struct UtilisationCase {
  int workers = 8;
  int curves = 3;  // 1, 3 or 9: architectures, at one or three numbers of layers
  int at_once = 16;
  grid::Goal goal = grid::Goal::delta;
};

struct UtilisationRow {
  UtilisationCase of;
  std::size_t trials_at_once = 0;  // that two rounds of every group may ask for
  double busy = 0;                 // share of workers x time spent training, mean over the studies
  double stretch = 0;  // time over that of an even spread of the same work, no less than the
                       // longest trial
  double trials = 0;   // run
  int studies = 0;
};

// lookup at 12 lengths and 12 widths, 2 learning rates, results drawn from the guess of the study
// (design/expected.hpp).
UtilisationRow measure_utilisation(const UtilisationCase& of, int studies);

std::string utilisation_header();
std::string utilisation_line(const UtilisationRow& row);
Json to_json(const UtilisationRow& row);

}  // namespace surd::bench
