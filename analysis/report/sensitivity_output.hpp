// How far the exponents lean on two choices, as a table, sentences and JSON.
#pragma once

#include <string>
#include <vector>

#include "analysis/findings/findings.hpp"
#include "analysis/report/table.hpp"
#include "base/json.hpp"

namespace surd::analysis {

// One for each other choice that changes a verdict, takes alpha away or puts it outside the
// interval of the findings; series by series.
std::vector<std::string> sensitivity_sentences(const Findings& findings);

// For a terminal: alpha (and delta alpha) in a row a series, then the sentences.
std::string sensitivity_text(const Findings& findings);
// Its columns without rows, for --explain.
ResultTable choices_in_words();
// Of JSON alone: a row a series and choice.
ResultTable taus_table(const Sensitivity& sensitivity);
ResultTable rates_table(const Sensitivity& sensitivity);
// {"tau": [{"task", "architecture", "tau", "alpha", "alpha_low", "alpha_high", "delta_alpha",
// "delta_low", "delta_high", "verdict"}, ...],
//  "learning_rate": [the same with "learning_rate" for "tau"], "warnings": [...]}; null where there
//  is no number, then with "reason"; "axes" where
// there are any. Of counted input both lists are empty, and "reason" says why.
Json sensitivity_json(const Findings& findings);

}  // namespace surd::analysis
