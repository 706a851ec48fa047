// Which verdict does a study get whose true law is known? Also of laws that are no powers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "law/verdict.hpp"

namespace surd::bench {

// A full grid; kappa 6, lapse .05, thresholds at a random place between two widths.
struct LabelDesign {
  std::string name;
  std::vector<double> lengths;
  std::vector<double> widths;
  int seeds = 3;  // a cell
};
const std::vector<LabelDesign>& label_designs();

struct LabelLaw {
  std::string name;
  double (*log_width)(double log_length);  // up to a constant
  bool grows = true;
  // What the words of `sqrt` must hold to be right of this law; empty: they are right as they
  // stand. None: `sqrt` is wrong whatever its words.
  std::optional<std::string> sqrt_if_said;
};
const std::vector<LabelLaw>& label_laws();

// The rule up to version 0.1: sqrt where the interval of alpha holds .5 and neither 0 nor 1.
law::Verdict verdict_before(const law::Fit& fit, const law::Contrast* contrast);

struct LabelRow {
  int studies = 0;
  double half_width = 0;               // median, of alpha; open ends at the limits of the search
  std::map<law::Verdict, int> labels;  // studies, after
  int wrong = 0;                       // sqrt or flat that the law is not, grows of a constant
  int sqrt_before = 0;
  int wrong_before = 0;
};
// Each study beside a baseline of constant width in the same design. `threads` has no influence on
// the numbers.
LabelRow measure_labels(const LabelDesign& design, const LabelLaw& law, int studies,
                        std::uint64_t seed, int threads);

// Columns of a Markdown table: its two header lines, and the line of a row.
std::string labels_header(bool before);
std::string labels_line(const LabelLaw& law, const LabelRow& row, bool before);
Json to_json(const LabelDesign& design, const LabelLaw& law, const LabelRow& row);

}  // namespace surd::bench
