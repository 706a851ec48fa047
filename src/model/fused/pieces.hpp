// Pieces of one block of memory, each at a cache line.
#pragma once

#include <sys/mman.h>

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
    const auto size = static_cast<std::size_t>(count.used_ + line);
    memory.clear();
    memory.reserve(size);
    ask_for_large_pages(memory.data(), size);  // before they are touched
    memory.assign(size, 0.0F);
    const auto misplaced = reinterpret_cast<std::uintptr_t>(memory.data()) / sizeof(float) % line;
    Pieces pieces(memory.data() + (line - misplaced) % line);
    lay_out(pieces);
  }

 private:
  // Rows of long sequences lie on pages of their own, more than the processor has the places of at
  // hand. Only pages that lie in the block as a whole, so that none of it costs memory; where the
  // kernel has no large pages nothing changes.
  static void ask_for_large_pages(float* block, std::size_t size) {
    constexpr std::uintptr_t page_bytes = std::uintptr_t{1} << 21;
    const auto first = reinterpret_cast<std::uintptr_t>(block);
    const std::uintptr_t begin = (first + page_bytes - 1) / page_bytes * page_bytes;
    const std::uintptr_t end = (first + size * sizeof(float)) / page_bytes * page_bytes;
    if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  }

  float* block_;
  std::ptrdiff_t used_ = 0;
};

}  // namespace surd::model::fused
