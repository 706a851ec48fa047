// Tables for a paper.
#pragma once

#include <string>

#include "analysis/report/table.hpp"

namespace surd::analysis {

// Words as LaTeX shows them, whatever they hold.
std::string latex_words(const std::string& words);
// The columns that a terminal shows first as a tabular of the package booktabs, without float or
// caption; empty without rows.
std::string for_latex(const ResultTable& table);

}  // namespace surd::analysis
