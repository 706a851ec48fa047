// Which keys a position sees in the CPU kernels of softmax attention. Keys that are seen by an
// interval of positions are in one or two lists: the near ones, of the whole sequence, a position's
// block or its window; and the tails of blocks, seen by all later blocks. With strides the tails
// lie at fixed offsets before each position and are in no list.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace surd::model::fused {

// All up to the position; those of its own block and the tails of all earlier ones; the last
// `block`; the last `block`, and the tails of all earlier blocks, counted back from the position.
enum class Pattern : std::uint8_t { all, blocks, window, strides };

struct VisibleKeys {
  Pattern pattern = Pattern::all;
  int block = 0;  // B
  int tail = 0;   // positions at the end of a block that are seen from later ones

  // Near keys of position i: from here to i. Near key j is seen up to near_end(j, length) - 1.
  int near_begin(int i) const {
    if (pattern == Pattern::all) return 0;
    return pattern == Pattern::blocks ? i / block * block : std::max(0, i - block + 1);
  }
  int near_end(int j, int length) const {
    if (pattern == Pattern::all) return length;
    return std::min(length, pattern == Pattern::blocks ? (j / block + 1) * block : j + block);
  }

  // Keys in the tails of a sequence's blocks but the last one, the position of each and the first
  // that sees it.
  int tail_keys(int length) const {
    return pattern == Pattern::blocks ? (length - 1) / block * tail : 0;
  }
  int tail_position(int key) const { return tail_begin(key) - tail + key % tail; }
  int tail_begin(int key) const { return (key / tail + 1) * block; }

  // The offsets, below `length` and ascending, at which a position sees keys before its window.
  // A list: kernels could not inline a callback that baseline code of this header calls.
  std::vector<int> offsets(int length) const {
    std::vector<int> all;
    for (int start = block; pattern == Pattern::strides && start < length; start += block) {
      for (int offset = start; offset < std::min(start + tail, length); ++offset)
        all.push_back(offset);
    }
    return all;
  }

  // Room for what a position sees beyond the near keys.
  int most_beyond(int length) const {
    return pattern == Pattern::blocks || pattern == Pattern::strides
               ? (length + block - 1) / block * tail
               : 0;
  }

  // Positions of all keys that position i sees, in the order in which they are summed.
  void list(int i, std::vector<int>& positions) const {
    positions.clear();
    for (int key = 0; key < tail_keys(i + 1); ++key) positions.push_back(tail_position(key));
    for (int j = near_begin(i); j <= i; ++j) positions.push_back(j);
    for (const int offset : offsets(i + 1)) positions.push_back(i - offset);
  }
};

}  // namespace surd::model::fused
