// What stands beside the exponents as tables and JSON: laws without a free exponent, the additive
// offset, the held-out length.
#pragma once

#include <span>
#include <string>

#include "analysis/findings/findings.hpp"
#include "analysis/report/table.hpp"
#include "base/json.hpp"

namespace surd::analysis {

// Of JSON alone: the laws of one series, a row each; additive offsets; saturation; what is said of
// each series.
ResultTable references_table(std::span<const law::ReferenceLaw> laws);
ResultTable offset_table(std::span<const law::Offset> offsets);
ResultTable saturation_table(std::span<const law::Saturation> saturations);
ResultTable references_by_series(const Findings& findings);

// Of the terminal's table; empty where nothing has an exponent.
std::string laws_text(const Findings& findings);
std::string held_out_text(const Findings& findings);
// [{"task", "architecture", "laws": [{"name", "threshold", "log_likelihood", "aicc", "weight"}],
// "words", "offset": {"share", "share_low", "share_high",
//   "offset", "offset_low", "offset_high", "slope", "log_likelihood_gain"},
// "saturation": {"half", "half_least", "half_most", "log_likelihood", "log_likelihood_gain",
//   "over_sqrt", "excluded"}}]; "reason" where there is nothing.
Json laws_json(const Findings& findings);

}  // namespace surd::analysis
