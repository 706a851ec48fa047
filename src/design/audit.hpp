// The budget audit: unsolved seeds are trained anew with twice the steps, since a seed may be
// unsolved because its training was too short and not because its width is too small. What is drawn
// lies mostly near the threshold, where it can move the exponent, and depends on study and results
// alone: not on their order, on workers or on restarts.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "grid/study.hpp"
#include "spec/result.hpp"

namespace surd::design {

// So many unsolved seeds are drawn even where the share asks for fewer: less than five say next to
// nothing.
constexpr std::size_t audit_seeds_least = 5;
// One draw in so many goes far from the threshold, where a seed that is solved with twice the steps
// is not expected, and so would say most.
constexpr std::size_t audit_far_every = 5;

// Whether a training solved its seed, as an audit judges: on the test (law/solved.hpp).
bool is_solved(const spec::TrialResult& result, double tau);

// InputError where share is outside (0, 1].
void check_share(double share);

// What is drawn.
struct AuditDraw {
  std::vector<TrialIndex> trials;  // ascending: every finished learning rate of a drawn seed
  std::size_t seeds = 0;           // drawn
  std::size_t unsolved = 0;        // seeds that could be drawn
  std::size_t near = 0;            // drawn near the threshold (law/near.hpp)
  std::size_t unsolved_near = 0;   // that could be
};

// A seed can be drawn where all its learning rates have a result, at least one of them finished,
// and the one with the best validation accuracy (diverged: 0; of equals the lowest rate) has a test
// accuracy below study.fit.tau. Of n such seeds max(audit_seeds_least, ceil(share n)) are drawn, at
// most n: four near the threshold of their curve, then one far from it, and so on; where one kind
// is spent, the other. Far ones come by the rank of a hash of their trials' ids. Near ones come by
// that rank too, but each with a weight for how near it lies and how much it would move alpha. A
// larger share draws the same seeds and more.
//
// results: one a study trial, null where there is none (missing, skipped, quarantined). before:
// trials that earlier audits of the study drew; their seeds come first, so that an audit goes on
// with what it began, whatever program or results began it. InputError where share is outside (0,
// 1]; Error where the sizes differ.
AuditDraw draw_audit(const grid::Study& study,
                     const Indexed<TrialIndex, const spec::TrialResult*>& results, double share,
                     std::span<const TrialIndex> before = {});

// The study that trains these trials of `study` anew: recipe.steps doubled, so the schedule is
// stretched while the warm-up keeps its steps; all else as it was. Trials keep their order, cells
// are those that are needed; its design is grid. InputError where twice the steps are too many to
// count.
grid::Study audit_study(const grid::Study& study, std::span<const TrialIndex> trials);

}  // namespace surd::design
