// The width needed at one length: by its own seeds, and by the law.
#pragma once

#include <optional>
#include <vector>

#include "law/fit.hpp"

namespace surd::law {

// The width needed at a length, by itself or by the law. No width where the seeds of that length do
// not bracket it.
struct Point {
  double length = 0;
  std::optional<double> width{};
  Interval interval{};  // 95 %, in widths
};
// Thresholds free for each length with shared kappa and lapse: what a plot shows beside the law.
std::vector<Point> free_thresholds(const std::vector<Cell>& cells, const Options& options = {});
// The last of them alone, for a fraction of the work; nothing without seeds.
std::optional<Point> largest_threshold(const std::vector<Cell>& cells, const Options& options = {});
// The law's width at `length` (any, so that a band can be drawn or a length left out predicted),
// with the fit's own critical value.
Point predict(const std::vector<Cell>& cells, const Options& options, const Fit& fit,
              double length);

// The maximum with a threshold free for each length of `cells`, all with seeds, from that of the
// power law: theta = (log thresholds by length, ln kappa, z0, z1).
Optimum maximise_free_thresholds(const std::vector<Cell>& cells, const Options& options,
                                 const Optimum& law);

}  // namespace surd::law
