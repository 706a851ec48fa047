// A packed batch: sequences one after another without padding, and which of their positions are
// supervised.
#pragma once

#include <cstdint>
#include <vector>

namespace surd::model {

// Letters: T tokens in all, S sequences, M supervised positions.
struct Batch {
  std::vector<std::int32_t> tokens;  // [T] inputs
  std::vector<std::int32_t>
      starts;  // [S + 1] sequence s is tokens[starts[s], starts[s + 1]); starts[S] == T
  std::vector<std::int32_t> rows;  // [M] ascending indices into tokens of the supervised positions
  std::vector<std::int32_t> labels;  // [M] their targets
  // Dropout's masks are a pure function of this key and of (first_sequence + s, position, feature,
  // place in the model): the same on any layout.
  std::uint64_t dropout_key = 0;    // of (seed, step)
  std::int64_t first_sequence = 0;  // index of sequence 0 in the whole team's batch

  int sequences() const { return static_cast<int>(starts.size()) - 1; }
  void clear() {
    tokens.clear();
    starts.assign(1, 0);
    rows.clear();
    labels.clear();
  }
};

}  // namespace surd::model
