// What the tables of a subcommand say, column by column, in plain words: its --explain.
#pragma once

#include <string>
#include <vector>

#include "analysis/report/table.hpp"

namespace surd::analysis {

// A table whose columns are explained; its rows are of no influence.
struct Explained {
  std::string title;    // what it is, and what a row is
  std::string shown{};  // when people see it; empty: always, or never where no column has a title
  std::string machines{};  // its places in JSON, and "--csv"; empty: none
  ResultTable table;
};

// In lines for a terminal. A column that stands in several tables is explained at the first.
std::string explain(const std::string& command, const std::vector<Explained>& tables);

}  // namespace surd::analysis
