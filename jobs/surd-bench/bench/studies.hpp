// Work on each of many simulated studies, by several threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

namespace surd::bench {

// Calls work(i) for each i below `studies`, at once for different ones; the first exception that
// any throws goes on.
template <typename Work>
void for_each_study(int studies, int threads, const Work& work) {
  const auto all = static_cast<std::size_t>(std::max(studies, 0));
  const auto count = static_cast<std::size_t>(std::clamp(threads, 1, std::max(studies, 1)));
  std::vector<std::exception_ptr> errors(count);
  const auto share = [&](std::size_t first) {
    try {
      for (std::size_t i = first; i < all; i += count) work(i);
    } catch (...) {
      errors[first] = std::current_exception();
    }
  };
  std::vector<std::thread> running;
  for (std::size_t i = 1; i < count; ++i) running.emplace_back(share, i);
  share(0);
  for (std::thread& thread : running) thread.join();
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace surd::bench
