// What a search knows so far: what the fit would report now, and whether that is enough.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "law/candidates.hpp"
#include "law/contrast.hpp"
#include "law/interval.hpp"
#include "law/likelihood.hpp"

namespace surd::law {

// A search stops at an interval only from so many lengths on: with fewer the lack of fit, by which
// intervals are widened, shows too little.
constexpr std::size_t bracketed_least = 6;
constexpr int seeds_least = 8;  // and from so many seeds on of each of these lengths

struct Number {
  std::optional<double> value;
  Interval interval;        // 95 %, as reported
  std::size_t lengths = 0;  // that bracket: in a difference, both curves
  std::string reason;       // why there is no value; empty where there is one
};

struct Look {
  std::vector<Number> alphas;  // of each curve
  std::vector<Number> deltas;  // of each curve but the last, the baseline, where there are several
  std::vector<Contrast> contrasts;  // that the deltas are taken from
  // By which a search stops, of what it asks for: alpha of one curve, each difference of several.
  // That of the interval, but wider where it is not widened for lack of fit, or rests on few seeds:
  // a search that stops at narrow intervals chooses the lucky ones. Infinite where an end is open
  // or there is no value.
  std::vector<double> half_widths;
  bool reached = false;  // all of them, from bracketed_least lengths on, are narrow enough
};

// Without a half-width nothing is reached. Curves may have no seeds. InputError: no curve, a
// half-width that is not positive.
Look look(const std::vector<Curve>& curves, std::optional<double> half_width,
          const Options& options = {});
// The same without the alphas of several curves, by which no search stops.
Look look_at_asked(const std::vector<Curve>& curves, std::optional<double> half_width,
                   const Options& options = {});

}  // namespace surd::law
