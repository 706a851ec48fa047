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
#include "law/more_steps.hpp"
#include "law/share.hpp"
#include "law/verdict.hpp"

namespace surd::analysis {

// With fewer seeds near the threshold an audit does not say whether steps lacked there: where all
// of so many stay unsolved, the interval of the share that is solved still goes up to .6.
constexpr int audited_near_least = 4;

struct AuditCounts {
  int unsolved = 0;  // seeds, as law::collect judges them
  int seeds = 0;     // of these, trained anew: every finished trial at a common learning rate has a
                     // result with twice the steps
  int solved = 0;    // of these, solved now
  int trials =
      0;  // with a result with twice the steps, of seeds that are not wholly trained anew too
  int trials_solved = 0;  // of these, at least tau on the test now
  // Of the first three, those in cells near the threshold (law/near.hpp), where alpha hangs.
  int unsolved_near = 0;
  int seeds_near = 0;
  int solved_near = 0;
  std::optional<law::Share> share() const { return law::share_of(solved, seeds); }
  std::optional<law::Share> share_near() const { return law::share_of(solved_near, seeds_near); }
  // Near the threshold fewer were trained anew than would say anything, and there are more.
  bool few_near() const { return seeds_near < audited_near_least && seeds_near < unsolved_near; }
};

// One task, architecture and further axes.
struct AuditedSeries {
  law::Series
      series;  // with the results of the seeds that were trained anew in the place of theirs
  AuditCounts counts;
  law::Fit fit;                   // of that
  std::optional<double> shift{};  // of alpha by that; 0 where nothing was trained anew
  std::optional<law::StepsShift>
      shift_all{};  // of alpha had all seeds had twice the steps; none where no seed was audited
  std::string warning;  // where the budget and not the width limits; else empty
};

struct Audit {
  std::vector<AuditedSeries> series;  // in the order of the fits
  AuditCounts all;
  int left = 0;         // trials drawn that have no result yet
  std::string warning;  // of all together, where no series has one of its own
};

// What it says against the exponent of its series, to end a verdict; nothing where it warns of
// nothing. It withholds where alpha may shift by a tenth and more.
std::optional<law::Doubt> doubt_of(const AuditedSeries& series);

// Nothing where the input has no audit.
std::optional<Audit> audit_of(const Input& input, std::span<const Finding> fits,
                              const Settings& settings);

}  // namespace surd::analysis
