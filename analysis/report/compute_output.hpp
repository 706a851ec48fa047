// Compute to solve as text and JSON.
#pragma once

#include <span>
#include <string>

#include "analysis/findings/findings.hpp"
#include "analysis/report/table.hpp"
#include "base/json.hpp"

namespace surd::analysis {

// Of JSON alone: how the FLOPs of a measure grow, their ratio, and what they are compared with.
ResultTable growth_table(std::span<const law::Compute> rows);
ResultTable saving_table(std::span<const law::Saving> rows);
ResultTable against_table(std::span<const Comparison> rows);

// Of the terminal's table: gamma and the ratio against the baseline, and sentences that say whether
// it saves. Empty where no FLOPs are known.
std::string compute_text(const Findings& findings);
// [{"task", "architecture", "forward": {"gamma", "gamma_low", "gamma_high", "flops"}, "generation":
// {...}, and of compared ones "against":
// {"baseline",
//   "length", "forward": {"ratio", "ratio_low", "ratio_high", "words"}, "generation": {...}}}];
//   null and "reason" where there is no number.
Json compute_json(const Findings& findings);

}  // namespace surd::analysis
