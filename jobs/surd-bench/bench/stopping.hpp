// Whether intervals hold that a search stopped at because they were narrow, and what it saves:
// simulated studies that search as a run does, against the full grid.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "bench/search.hpp"
#include "law/searched.hpp"
#include "law/share.hpp"

namespace surd::bench {

struct StoppingCase {
  Goal goal = Goal::alpha;
  double alpha = 0.5;  // true; also the true difference, from a baseline of alpha 0
  int lengths = 8;     // from 16 to 256
  double own = 0;      // scatter of the log thresholds about the law of each curve
  double shared = 0;   // the same about the laws of both
  double half_width = 0.2;
  int at_once = 16;
  int most = 8;  // seeds of a cell
};
// The rows of the table: this case, each of its settings changed alone, and those changed together
// that make stopping hardest.
std::vector<StoppingCase> stopping_cases();

struct StoppingRow {
  StoppingCase search;
  int studies = 0;
  int with_value = 0;     // studies that give a number; coverage, bias and half-width are theirs
  law::Share coverage{};  // of the reported intervals
  double bias = 0;        // mean less truth
  double half_width = 0;  // median
  double reached = 0;     // share of the studies that reached the half-width
  double cost_share = 0;  // of the full grid's, three seeds a cell; mean over the studies
  double seeds = 0;       // the same
  double rounds = 0;
};
StoppingRow measure_stopping(const StoppingCase& search, int studies, std::uint64_t seed,
                             int threads, const law::Proposing& proposing = law::propose);

// A Markdown table: its two header lines, and the line of a row; with a first column of another
// name where there is one.
std::string stopping_header(const std::string& first = "");
std::string stopping_line(const StoppingRow& row, const std::string& first = "");
Json to_json(const StoppingRow& row);

}  // namespace surd::bench
