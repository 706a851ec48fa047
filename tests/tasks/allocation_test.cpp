// Sampling allocates nothing once its buffers have grown.
#include <catch2/catch.hpp>
#include <atomic>
#include <cstdlib>
#include <new>

#include "tasks/split.hpp"
#include "tasks/support.hpp"

namespace {
std::atomic<long> allocations{0};
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size,
                   const std::nothrow_t&) noexcept {  // as a pair with the delete below, or
                                                      // sanitizers see a mismatch
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace surd::tasks {
namespace {

TEST_CASE("sampling allocates nothing in the steady state") {
  for (const TaskSettings& settings : all_settings()) {
    INFO(settings.name << " " << settings.size);
    const auto task = make_task(settings);
    const SplitSampler sampler(*task);
    Instance instance;
    const auto sample = [&](std::uint32_t begin, std::uint32_t end) {
      for (std::uint32_t i = begin; i < end; ++i) {
        RandomStream stream(1, Split::train, 0, i);
        sampler.sample(Split::train, stream, settings.size, instance);
      }
    };
    sample(0, 3000);
    const long before = allocations;
    sample(3000, 4000);
    CHECK(allocations - before <= 1);  // a buffer may still grow to the very longest instance
  }
}

}  // namespace
}  // namespace surd::tasks
