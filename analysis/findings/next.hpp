// surd-fit next: which seeds to run next, as a fragment of the study that surd-run takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/findings/settings.hpp"
#include "analysis/input/input.hpp"
#include "law/next.hpp"

namespace surd::analysis {

enum class Goal { alpha, delta };

// Which curve, and how much. Empty words are filled where the input leaves no choice but the
// baseline; for delta no architecture means all but the baseline.
struct Wish {
  std::string task;
  std::string architecture;
  std::string axes;  // label of further axes
  Goal goal = Goal::alpha;
  bool new_widths =
      true;  // between two widths of a length that follow each other by more than a factor 1.2, too
  law::Search search{};
};

// Some seeds of one cell.
struct NextSeeds {
  std::string architecture;
  double length = 0;
  double hidden = 0;
  std::vector<std::int64_t> seeds;  // their numbers: the smallest from 1 on that have no result yet
  double cost = 0;                  // FLOPs of one seed, all learning rates together
  law::Purpose purpose = law::Purpose::narrow;  // of the first
  bool then_narrows = false;  // the first looks for the boundary, the others narrow the interval
};

struct Next {
  Wish wish;  // as filled
  // Whose seeds are proposed: that one; for delta those compared, then the baseline.
  std::vector<std::string> architectures;
  law::Proposal proposal;
  std::vector<NextSeeds> cells;  // its picks
  std::string
      unit;  // of costs and the budget: "FLOPs", or "length x width^2" where the input knows none
  // Of the 95 % interval that fit reports for the same results, widened for lack of fit by h, of
  // several differences the widest; none where one is open or missing.
  std::optional<double> fitted_half_width;
  double dispersion = 1;  // h, the largest
  std::vector<std::string> notes;
};

// FLOPs of a seed: the mean of the cell's trials times the number of learning rates; for a cell
// without a result by a power law in length and width fitted to those of the same architecture.
// Where the input knows no FLOPs: length x width^2. InputError: no or several curves fit the wish;
// for delta no baseline; every width skipped; what law::propose refuses.
Next next_seeds(const Input& input, const Choices& choices, const Wish& wish);

}  // namespace surd::analysis
