// The tables of the report's page: a section of HTML each, empty where there is nothing to show.
#pragma once

#include <string>
#include <vector>

#include "analysis/findings/findings.hpp"
#include "analysis/report/figures/figures.hpp"

namespace surd::analysis {

using Rows = std::vector<std::vector<std::string>>;
// The first row is the header, the first `names` columns are text, the rest numbers. Cells are HTML
// already.
std::string table_of(const Rows& rows, std::size_t names);

std::string in_words(const law::Interval& interval);
std::string with_sign(double value);
std::string against_baseline(const Comparison& comparison);

std::string numbers_section(const Findings& findings);
std::string contrasts_section(const Findings& findings);
// Of single lengths, folded away.
std::string thresholds_section(const Findings& findings);
// With a sentence a curve; `figures` are those of the budgets, placed.
std::string budgets_section(const Findings& findings, const std::string& figures);
std::string laws_section(const Findings& findings);
std::string curvature_section(const Findings& findings);
std::string held_out_section(const Findings& findings);
std::string compute_section(const Findings& findings);
std::string sensitivity_section(const Findings& findings);
std::string audit_section(const Findings& findings);
// Forecast against actual cost; `figures` says how much of it they show, `place` is that of the
// figure.
std::string costs_section(const Training& training, const Input& input, const Findings& findings,
                          const TrainingFigures& figures, const std::string& place);
std::string unused_section(const Findings& findings);

}  // namespace surd::analysis
