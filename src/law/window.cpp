#include "law/window.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/error.hpp"

namespace surd::law {

std::size_t first_of_window(const std::vector<double>& losses, std::size_t size) {
  if (size == 0 || size > losses.size()) {
    throw Error({.what = "no such window of learning rates",
                 .expected = fmt::format("a size in [1, {}]", losses.size()),
                 .got = fmt::format("{}", size)});
  }
  double worst = 0;
  bool any = false;
  for (const double loss : losses) {
    if (!std::isfinite(loss)) continue;
    worst = any ? std::max(worst, loss) : loss;
    any = true;
  }
  // What is to be least of the window that begins at `first`.
  const std::size_t last = losses.size() - size;
  const auto order = [&](std::size_t first) {
    double sum = 0;
    std::size_t without = 0;
    for (std::size_t i = first; i < first + size; ++i) {
      const bool has_loss = std::isfinite(losses[i]);
      sum += has_loss ? losses[i] : worst;
      without += has_loss ? 0 : 1;
    }
    const std::size_t twice = 2 * first;
    return std::tuple(sum, without, twice > last ? twice - last : last - twice, first);
  };
  std::size_t best = 0;
  for (std::size_t first = 1; first <= last; ++first) {
    if (order(first) < order(best)) best = first;
  }
  return best;
}

}  // namespace surd::law
