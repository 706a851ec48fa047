// Work that may crash, take all memory or never end, in a process of its own.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace surd {

struct IsolatedLimits {
  double cpu_s = 5;                                  // processor time
  double wall_s = 120;                               // for a child that waits for something
  std::size_t memory_bytes = std::size_t{1} << 30U;  // beyond what this process has now
};

// Takes the next bytes of what a body gives back.
using Put = std::function<void(std::string_view)>;

struct Isolated {
  std::shared_ptr<const char> memory;  // of the bytes; begins where any type may
  std::string_view bytes;              // what the body put, one part after the other
  std::string death;  // how the child died instead, in words: "it crashed (signal 11)"; else empty
};

// Runs `body` in a child of this process and gives back what it puts. An Error that it throws is
// thrown here, as Error or InputError; what else ends the child is told by `death`. The child dies
// with this process, keeps none of its descriptors (a lock on one lives as long as any copy),
// writes to no stream and is deaf to signals that ask this process to stop. A fork without exec:
// `body` may use memory and files, but neither MPI nor a device, and no other thread may hold what
// it needs. Error where there can be no child.
Isolated isolated(const IsolatedLimits& limits, const std::function<void(const Put& put)>& body);

}  // namespace surd
