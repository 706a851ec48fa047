// What a budget audit says: how many unsolved seeds twice the steps would have solved, and what
// that does to the exponents.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/findings/finding.hpp"
#include "analysis/findings/settings.hpp"
#include "analysis/input/input.hpp"
#include "law/fit.hpp"
#include "law/share.hpp"

namespace surd::analysis {

struct AuditCounts {
  int unsolved = 0;  // seeds, as law::collect judges them
  int seeds = 0;     // of these, trained anew: every finished trial at a common learning rate has a
                     // result with twice the steps
  int solved = 0;    // of these, solved now
  int trials =
      0;  // with a result with twice the steps, of seeds that are not wholly trained anew too
  int trials_solved = 0;  // of these, at least tau on the test now
  std::optional<law::Share> share() const { return law::share_of(solved, seeds); }
};

// One task, architecture and further axes.
struct AuditedSeries {
  law::Series
      series;  // with the results of the seeds that were trained anew in the place of theirs
  AuditCounts counts;
  law::Fit fit;                   // of that
  std::optional<double> shift{};  // of alpha by that; 0 where nothing was trained anew
  std::string warning;            // where the budget and not the width limits; else empty
};

struct Audit {
  std::vector<AuditedSeries> series;  // in the order of the fits
  AuditCounts all;
  int left = 0;         // trials drawn that have no result yet
  std::string warning;  // of all together, where no series has one of its own
};

// Nothing where the input has no audit.
std::optional<Audit> audit_of(const Input& input, std::span<const Finding> fits,
                              const Settings& settings);

}  // namespace surd::analysis
