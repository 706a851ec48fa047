// Pieces of one block of memory, each at a cache line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace surd::model::fused {

class Pieces {
 public:
  // Without a block it only counts.
  explicit Pieces(float* block) : block_(block) {}
  float* take(std::ptrdiff_t size) {
    float* const piece = block_ == nullptr ? nullptr : block_ + used_;
    used_ += (size + line - 1) / line * line;
    return piece;
  }
  static constexpr std::ptrdiff_t line = 16;

  // Calls lay_out(pieces) to count and then to hand out zeroed pieces of `memory`.
  template <typename LayOut>
  static void allocate(std::vector<float>& memory, const LayOut& lay_out) {
    Pieces count(nullptr);
    lay_out(count);
    memory.assign(static_cast<std::size_t>(count.used_ + line), 0.0F);
    const auto misplaced = reinterpret_cast<std::uintptr_t>(memory.data()) / sizeof(float) % line;
    Pieces pieces(memory.data() + (line - misplaced) % line);
    lay_out(pieces);
  }

 private:
  float* block_;
  std::ptrdiff_t used_ = 0;
};

}  // namespace surd::model::fused
