#include "law/share.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace surd::law {

namespace {

void check(int solved, int of) {
  if (solved >= 0 && solved <= of) return;
  throw Error({.what = "not a share",
               .expected = fmt::format("between 0 and {}", of),
               .got = std::to_string(solved)});
}

}  // namespace

std::optional<Share> share_of(int solved, int of) {
  check(solved, of);
  if (of == 0) return std::nullopt;
  using Binomial = boost::math::binomial_distribution<>;
  constexpr double tail = 0.025;
  return Share{.value = static_cast<double>(solved) / of,
               .low = Binomial::find_lower_bound_on_p(of, solved, tail),
               .high = Binomial::find_upper_bound_on_p(of, solved, tail)};
}

Fisher fisher(int solved_a, int of_a, int solved_b, int of_b) {
  check(solved_a, of_a);
  check(solved_b, of_b);
  const std::int64_t solved = std::int64_t{solved_a} + solved_b;
  const std::int64_t all = std::int64_t{of_a} + of_b;
  const std::int64_t least =
      std::max<std::int64_t>(0, solved - of_b);  // solved of a in any table with these totals
  const std::int64_t most = std::min<std::int64_t>(solved, of_a);
  if (least == most) return {};
  // Chances from the likeliest table outwards, each from its neighbour, until they are nothing to
  // speak of.
  constexpr double nothing = 1e-300;
  const auto real = [](std::int64_t count) { return static_cast<double>(count); };
  const auto rise = [&](std::int64_t k) {  // chance of k + 1 over that of k
    return real(solved - k) / real(k + 1) * (real(of_a - k) / real(of_b - solved + k + 1));
  };
  const auto likeliest =
      static_cast<std::int64_t>(real(solved + 1) * (real(of_a) + 1) / real(all + 2));
  const std::int64_t start = std::clamp(likeliest, least, most);
  std::vector<double> chances = {1};
  double observed = solved_a == start ? 1 : 0;
  const auto add = [&](std::int64_t k, double chance) {
    chances.push_back(chance);
    if (k == solved_a) observed = chance;
  };
  double chance = 1;
  for (std::int64_t k = start + 1; k <= most && (chance *= rise(k - 1)) >= nothing; ++k)
    add(k, chance);
  chance = 1;
  for (std::int64_t k = start - 1; k >= least && (chance /= rise(k)) >= nothing; --k)
    add(k, chance);

  std::sort(chances.begin(), chances.end());
  std::vector<double> sums(chances.size());  // of the rarest tables
  std::partial_sum(chances.begin(), chances.end(), sums.begin());
  // Over all tables with a chance of at most this one, equal to the last digits.
  const auto as_rare = [&](double one) {
    const auto above = std::upper_bound(chances.begin(), chances.end(), one * (1 + 1e-7));
    return above == chances.begin()
               ? 0
               : sums[static_cast<std::size_t>(above - chances.begin()) - 1] / sums.back();
  };
  const auto frequent = std::partition_point(chances.begin(), chances.end(),
                                             [&](double one) { return as_rare(one) < 0.05; });
  const double level =
      frequent == chances.begin()
          ? 0
          : sums[static_cast<std::size_t>(frequent - chances.begin()) - 1] / sums.back();
  return {.p = as_rare(observed), .level = level};
}

}  // namespace surd::law
