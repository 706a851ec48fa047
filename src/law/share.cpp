#include "law/share.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/hypergeometric.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace surd::law {

namespace {

void check(int solved, int of) {
  if (solved >= 0 && solved <= of) return;
  throw Error({.what = "not a share", .expected = fmt::format("between 0 and {}", of), .got = std::to_string(solved)});
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
  const int solved = solved_a + solved_b;
  const int least = std::max(0, solved - of_b);  // solved of a in any table with these totals
  const int most = std::min(solved, of_a);
  if (least == most) return {};
  const boost::math::hypergeometric_distribution<> tables(solved, of_a, of_a + of_b);
  std::vector<double> chances;
  for (int k = least; k <= most; ++k) chances.push_back(boost::math::pdf(tables, k));
  const auto as_rare = [&](double chance) {
    double sum = 0;
    for (const double one : chances) sum += one <= chance * (1 + 1e-7) ? one : 0;  // equal to the last digits
    return std::min(1.0, sum);
  };
  Fisher test{.p = as_rare(chances[static_cast<std::size_t>(solved_a - least)])};
  for (const double chance : chances) test.level += as_rare(chance) < 0.05 ? chance : 0;
  return test;
}

}  // namespace surd::law
