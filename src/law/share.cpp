#include "law/share.hpp"

#include <fmt/format.h>

#include <boost/math/distributions/binomial.hpp>
#include <string>

#include "base/error.hpp"

namespace surd::law {

std::optional<Share> share_of(int solved, int of) {
  if (solved < 0 || solved > of) {
    throw Error({.what = "not a share", .expected = fmt::format("between 0 and {}", of), .got = std::to_string(solved)});
  }
  if (of == 0) return std::nullopt;
  using Binomial = boost::math::binomial_distribution<>;
  constexpr double tail = 0.025;
  return Share{.value = static_cast<double>(solved) / of,
               .low = Binomial::find_lower_bound_on_p(of, solved, tail),
               .high = Binomial::find_upper_bound_on_p(of, solved, tail)};
}

}  // namespace surd::law
