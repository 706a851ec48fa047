// What stands beside the exponents as tables and JSON: laws without a free exponent, the additive
// offset, the held-out length.
#pragma once

#include <span>
#include <string>

#include "analysis/findings/findings.hpp"
#include "analysis/report/table.hpp"
#include "base/json.hpp"

namespace surd::analysis {

// Of JSON alone: the laws of one series, a row each; additive offsets; what is said of each series.
ResultTable references_table(std::span<const law::ReferenceLaw> laws);
ResultTable offset_table(std::span<const law::Offset> offsets);
ResultTable references_by_series(const Findings& findings);

// Of the terminal's table; empty where nothing has an exponent.
std::string laws_text(const Findings& findings);
std::string held_out_text(const Findings& findings);
// [{"task", "architecture", "laws": [{"name", "threshold", "log_likelihood", "aicc", "weight"}],
// "words", "offset": {"share", "share_low", "share_high",
//   "offset", "offset_low", "offset_high", "slope", "log_likelihood_gain"}}]; "reason" where there
//   is nothing.
Json laws_json(const Findings& findings);

}  // namespace surd::analysis
