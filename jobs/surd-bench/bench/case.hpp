// What is trained in a measurement, from the words of a command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spec/trial.hpp"

namespace surd::bench {

// A grid of trainings. What is left empty takes the first of the table's values, or in the table
// all of them.
struct Cases {
  std::vector<std::string> tasks{};
  std::vector<int> sizes{};    // either these ...
  std::vector<int> lengths{};  // ... or the largest size whose length fits into each
  std::vector<int> hidden{};
  std::vector<std::string> architectures{};  // as labels: "sparse(c=2)"
  int layers = 3;
  int heads = 4;
  double ffn_ratio = 4;
  std::string position = "sinusoidal";
  double dropout = 0;
  std::string precision = "fp32";
  int batch_sequences = 64;
  int batch_tokens = 0;  // sequences are this by the length instead; 0: batch_sequences
  std::uint64_t seed = 1;
};

// "sparse(c=2,block=8)" resolved. InputError: malformed, or what spec::resolve refuses.
spec::Architecture parse_architecture(const std::string& label);

// One trial a point of the grid: by task, size, hidden, architecture, in the order given. They
// never stop and never evaluate by themselves. InputError: sizes and lengths both; unknown names;
// impossible sizes or widths.
std::vector<spec::Trial> make_trials(const Cases& cases);

// The table of docs/speed.md: arithmetic, edit distance and LIS at about 85 and 221 tokens, seven
// widths from 16 to 128, three architectures.
std::vector<spec::Trial> table_trials(const Cases& cases);

// range: "128..4096". Each doubling from the first to the last, batches of equal tokens; unless the
// cases say otherwise arithmetic, whose vocabulary does not grow, every architecture whose time per
// token should stay flat, width 32 and 8192 tokens. InputError: a malformed range.
std::vector<spec::Trial> trials_by_length(const Cases& cases, const std::string& range);

}  // namespace surd::bench
