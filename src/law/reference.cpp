#include "law/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "law/scan.hpp"

namespace surd::law {
namespace {

constexpr double remains = 0.1;            // a law of this weight cannot be dismissed
constexpr double separable_length = 4096;  // below, ln L and L^.25 run together

struct Shape {
  const char* name;
  double (*log_value)(double log_length);
};
constexpr std::array<Shape, 6> shapes = {
    {{"const", [](double) { return 0.0; }},
     {"ln L", [](double l) { return std::log(l); }},
     {"L^.25", [](double l) { return l / 4; }},
     {"sqrt L", [](double l) { return l / 2; }},
     {"sqrt(L) ln L", [](double l) { return l / 2 + std::log(l); }},
     {"L", [](double l) { return l; }}}};

// Thresholds exp(c + shape): the shape of a row is known, so it moves the row's width.
Likelihood shaped(std::vector<Row> rows, const std::vector<double>& log_shape,
                  const Options& options) {
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].log_hidden -= log_shape[i];
  const auto count = static_cast<Eigen::Index>(rows.size());
  return {std::move(rows), Eigen::MatrixXd::Ones(count, 1), 1, options};
}

std::optional<double> aicc(double log_likelihood, int parameters, std::size_t observations) {
  const double left = static_cast<double>(observations) - parameters - 1;
  if (left <= 0) return std::nullopt;
  return -2 * log_likelihood + 2 * parameters + 2.0 * parameters * (parameters + 1) / left;
}

std::string words_of(const std::vector<ReferenceLaw>& laws, const Fit& fit) {
  std::vector<const ReferenceLaw*> left;
  for (const ReferenceLaw& law : laws) {
    if (law.weight >= remains) left.push_back(&law);
  }
  std::sort(left.begin(), left.end(),
            [](const auto* a, const auto* b) { return a->weight > b->weight; });
  std::vector<std::string> names;
  bool is_slow = false;
  for (const ReferenceLaw* law : left) {
    names.push_back(fmt::format("{} ({:.2f})", law->name, law->weight));
    is_slow = is_slow || law->name == "ln L" || law->name == "L^.25";
  }
  std::string words =
      fmt::format("{} remain{}", fmt::join(names, ", "), names.size() == 1 ? "s" : "");
  if (is_slow && fit.lengths.back() < separable_length)
    words += "; ln L and L^.25 cannot be told apart below L = 4096";
  if (fit.criterion.dispersion > 1)
    words += fmt::format("; the power law fits badly (h {:.1f}), so these weights are too sure",
                         fit.criterion.dispersion);
  return words;
}

}  // namespace

const std::vector<std::string>& reference_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Shape& shape : shapes) all.emplace_back(shape.name);
    return all;
  }();
  return names;
}

References reference_laws(const std::vector<Cell>& all_cells, const Options& options,
                          const Fit& fit) {
  if (!fit.alpha) return {.reason = fit.reason, .laws = {}, .words = {}};
  if (fit.lengths.front() < 2)
    return {.reason = "ln L has no meaning at lengths below 2", .laws = {}, .words = {}};
  const auto cells = with_seeds(all_cells);
  const double mean = mean_log(fit.lengths);
  References references;
  double best = -INFINITY;
  for (const Shape& shape : shapes) {
    std::vector<double> log_shape;
    for (const Cell& cell : cells)
      log_shape.push_back(shape.log_value(std::log(cell.length)) - shape.log_value(mean));
    const Likelihood likelihood = shaped(rows(cells), log_shape, options);
    const Optimum optimum = maximise_threshold(likelihood);
    references.laws.push_back({.name = shape.name,
                               .threshold = std::exp(optimum.theta[0]),
                               .log_likelihood = optimum.value,
                               .aicc = aicc(optimum.value, likelihood.size(), cells.size())});
    best = std::max(best, optimum.value);
  }
  double sum = 0;
  for (ReferenceLaw& law : references.laws) sum += law.weight = std::exp(law.log_likelihood - best);
  for (ReferenceLaw& law : references.laws) law.weight /= sum;
  references.words = words_of(references.laws, fit);
  return references;
}

Offset fit_offset(const std::vector<Cell>& all_cells, const Options& options, const Fit& fit) {
  Offset found;
  found.reason = fit.reason;
  if (!fit.alpha) return found;
  const auto cells = with_seeds(all_cells);
  const auto all = rows(cells);
  std::optional<Optimum> last;
  const auto maximum = [&](double share) {
    std::vector<double> log_shape;
    for (const Row& row : all)
      log_shape.push_back(std::log(share + (1 - share) * std::exp(row.x / 2)));
    const Likelihood likelihood = shaped(all, log_shape, options);
    last = last ? maximise(likelihood, last->theta) : maximise_threshold(likelihood);
    return *last;
  };
  const Scan scan = scan_maximum([&](double share) { return maximum(share).value; }, 0, 1,
                                 fit.criterion.critical / 2);
  const double root = std::exp(mean_log(fit.lengths) / 2);  // sqrt of the geometric mean length
  const auto offset_at = [&](double share) { return share * std::exp(maximum(share).theta[0]); };
  found.share = scan.best;
  found.share_interval = {.low = scan.low, .high = scan.high};
  found.offset = offset_at(scan.best);
  found.slope = (1 - scan.best) * std::exp(maximum(scan.best).theta[0]) / root;
  found.offset_interval = {.low = offset_at(scan.low), .high = offset_at(scan.high)};
  found.gain = scan.value - fit.optimum.value;
  return found;
}

HeldOut hold_out(const std::vector<Cell>& all_cells, const Options& options) {
  const auto cells = with_seeds(all_cells);
  const auto lengths = distinct_lengths(cells);
  HeldOut held;
  if (lengths.size() < 3) {
    held.reason = "a held-out length needs two others: run three lengths or more";
    return held;
  }
  held.length = lengths.back();
  std::vector<Cell> others;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(others),
               [&](const Cell& cell) { return cell.length != lengths.back(); });
  held.observed = *largest_threshold(cells, options);
  const Fit without = fit(others, options);
  if (!without.alpha) {
    held.reason = "without the largest length there is no exponent: " + without.reason;
    return held;
  }
  held.predicted = predict(others, options, without, held.length);
  if (!held.observed.width) {
    held.reason = fmt::format("the seeds at length {} do not bracket its threshold", held.length);
    return held;
  }
  const double difference = std::log(*held.observed.width / *held.predicted.width);
  const auto& toward_observed =
      difference > 0 ? held.predicted.interval.high : held.predicted.interval.low;
  const auto& toward_predicted =
      difference > 0 ? held.observed.interval.low : held.observed.interval.high;
  if (!toward_observed || !toward_predicted) {
    held.reason = "an interval is open on the side of the other";
    return held;
  }
  held.miss = difference / std::hypot(std::log(*toward_observed / *held.predicted.width),
                                      std::log(*toward_predicted / *held.observed.width));
  return held;
}

}  // namespace surd::law
