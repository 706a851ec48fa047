// A budget audit as a table, sentences and JSON.
#pragma once

#include <string>
#include <vector>

#include "analysis/findings/audit.hpp"
#include "analysis/report/table.hpp"
#include "base/json.hpp"

namespace surd::analysis {

// A row a series that has unsolved seeds, then one of all; for people alone.
ResultTable audit_table(const Audit& audit);
// The same without that, for JSON.
ResultTable audit_by_series(const Audit& audit);
// All warnings, and what else a reader must know, a sentence each.
std::vector<std::string> sentences_of(const Audit& audit);
Json to_json(const Audit& audit);

}  // namespace surd::analysis
