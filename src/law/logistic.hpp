// The logistic curve and what belongs to it, without overflow at any argument.
#pragma once

#include <cmath>

namespace surd::law {

inline double logistic(double u) {
  return u >= 0 ? 1 / (1 + std::exp(-u)) : std::exp(u) / (1 + std::exp(u));
}
// ln(1 + e^u)
inline double softplus(double u) {
  return u > 0 ? u + std::log1p(std::exp(-u)) : std::log1p(std::exp(u));
}
// Its inverse, of a chance in (0, 1).
inline double log_odds(double chance) { return std::log(chance / (1 - chance)); }

// p = (1 - lambda) logistic(u) with lambda = logistic(v), and what moves its log odds.
struct Chance {
  double p = 0;
  double by_u = 0;  // d ln(p / (1 - p)) / du
  double by_v = 0;
};
inline Chance chance_of(double u, double lambda) {
  const double s = logistic(u);
  const double p = (1 - lambda) * s;
  return {.p = p, .by_u = (1 - s) / (1 - p), .by_v = -lambda / (1 - p)};
}

}  // namespace surd::law
