#include "law/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "law/scan.hpp"
#include "law/thresholds.hpp"

namespace surd::law {
namespace {

constexpr double remains = 0.1;            // a law of this weight cannot be dismissed
constexpr double separable_length = 4096;  // below, ln L and L^.25 run together

struct Shape {
  std::string_view name;
  double (*log_value)(double log_length);
};
constexpr std::string_view root_law = "sqrt L";
constexpr std::array<Shape, 9> shapes = {
    {{"const", [](double) { return 0.0; }},
     {"ln L", [](double l) { return std::log(l); }},
     {"L^.25", [](double l) { return l / 4; }},
     {"sqrt(L)/ln L", [](double l) { return l / 2 - std::log(l); }},
     {root_law, [](double l) { return l / 2; }},
     {"sqrt(L ln L)", [](double l) { return (l + std::log(l)) / 2; }},
     {"sqrt(L) ln L", [](double l) { return l / 2 + std::log(l); }},
     {"L/ln L", [](double l) { return l - std::log(l); }},
     {"L", [](double l) { return l; }}}};
// Of which only a logarithm separates one from the other.
const std::array<std::vector<std::string_view>, 2> but_for_a_logarithm = {
    {{"sqrt(L)/ln L", root_law, "sqrt(L ln L)", "sqrt(L) ln L"}, {"L/ln L", "L"}}};

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

// `cells` have seeds.
ReferenceLaw law_of(const Shape& shape, const std::vector<Cell>& cells, const Options& options) {
  const double mean = mean_log(distinct_lengths(cells));
  std::vector<double> log_shape;
  for (const Cell& cell : cells)
    log_shape.push_back(shape.log_value(std::log(cell.length)) - shape.log_value(mean));
  const Likelihood likelihood = shaped(rows(cells), log_shape, options);
  const Optimum optimum = maximise_threshold(likelihood);
  return {.name = std::string(shape.name),
          .threshold = std::exp(optimum.theta[0]),
          .log_likelihood = optimum.value,
          .aicc = aicc(optimum.value, likelihood.size(), cells.size())};
}

std::string in_a_row(const std::vector<std::string>& names) {
  std::string words = names.front();
  for (std::size_t i = 1; i < names.size(); ++i)
    words += (i + 1 < names.size() ? ", " : " and ") + names[i];
  return words;
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
  for (const auto& alike : but_for_a_logarithm) {
    std::vector<std::string> both;
    for (const ReferenceLaw* law : left) {
      if (std::find(alike.begin(), alike.end(), law->name) != alike.end())
        both.push_back(law->name);
    }
    if (both.size() > 1) words += "; only a logarithm separates " + in_a_row(both);
  }
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
  References references;
  double best = -INFINITY;
  for (const Shape& shape : shapes) {
    references.laws.push_back(law_of(shape, cells, options));
    best = std::max(best, references.laws.back().log_likelihood);
  }
  double sum = 0;
  for (ReferenceLaw& law : references.laws) sum += law.weight = std::exp(law.log_likelihood - best);
  for (ReferenceLaw& law : references.laws) law.weight /= sum;
  references.words = words_of(references.laws, fit);
  return references;
}

std::string but_for_a_logarithm_of_sqrt(const std::vector<Cell>& all_cells, const Fit& fit) {
  if (!fit.alpha || fit.lengths.front() < 2) return "";
  const auto cells = with_seeds(all_cells);
  const auto& alike = but_for_a_logarithm.front();
  std::vector<std::string> left;
  for (const Shape& shape : shapes) {
    if (shape.name == root_law || std::find(alike.begin(), alike.end(), shape.name) == alike.end())
      continue;
    const double log_likelihood = law_of(shape, cells, fit.options).log_likelihood;
    if (2 * (fit.optimum.value - log_likelihood) <= fit.criterion.critical)
      left.emplace_back(shape.name);
  }
  return left.empty() ? "" : in_a_row(left);
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

Saturation fit_saturation(const std::vector<Cell>& all_cells, const Options& options,
                          const Fit& fit) {
  constexpr double beyond = 16;  // times the lengths that were run, K is looked for
  Saturation found;
  found.reason = fit.reason;
  if (!fit.alpha) return found;
  const auto all = rows(with_seeds(all_cells));
  const double mean = mean_log(fit.lengths);
  std::optional<Optimum> last;
  // L/(L + K) = sigma(ln L - ln K), by x about the geometric mean length.
  const auto maximum = [&](double log_half) {
    std::vector<double> log_shape;
    for (const Row& row : all) {
      log_shape.push_back(row.x - std::log((std::exp(mean + row.x) + std::exp(log_half)) /
                                           (std::exp(mean) + std::exp(log_half))));
    }
    const Likelihood likelihood = shaped(all, log_shape, options);
    last = last ? maximise(likelihood, last->theta) : maximise_threshold(likelihood);
    return last->value;
  };
  found.half_least = fit.lengths.front() / beyond;
  found.half_most = fit.lengths.back() * beyond;
  const Scan scan =
      scan_maximum(maximum, std::log(found.half_least), std::log(found.half_most), INFINITY);
  std::vector<double> root;
  for (const Row& row : all) root.push_back(row.x / 2);
  found.half = std::exp(scan.best);
  found.log_likelihood = scan.value;
  found.gain = scan.value - fit.optimum.value;
  found.over_sqrt = scan.value - maximise_threshold(shaped(all, root, options)).value;
  found.excluded = -2 * found.gain > fit.criterion.critical;
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
