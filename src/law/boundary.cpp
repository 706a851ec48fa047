#include "law/boundary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "law/logistic.hpp"

namespace surd::law {
namespace {

constexpr double usual_kappa = 6;  // where the fit's penalties are centred
constexpr double usual_lapse = 0.05;
constexpr double alpha_mean = 0.5;
constexpr double alpha_deviation = 0.5;
constexpr double alpha_step = 0.1;
constexpr double step = 0.1;  // of the log threshold
constexpr double margin = 1;  // in ln d beyond the widths
constexpr double off_law =
    0.1;  // the chance that a length has nothing to do with the power law of the others
constexpr double almost_sure = 0.9;
constexpr double cheap_share = 0.05;  // probes below this share of a column's mean cost count as
                                      // equally cheap: a round of trials costs something too
constexpr int tipping_most = 8;       // seeds of a width, in hope that they agree
constexpr double extra_share =
    0.5;  // what may be spent on probes that only might be needed, as a share of the one that is

double log_odds_to_chance(double u) { return (1 - usual_lapse) * logistic(u); }

// The log likelihood of a column's seeds with its log threshold at t.
double log_likelihood(const Column& column, double t) {
  double sum = 0;
  for (const Place& place : column.places) {
    if (!place.tried()) continue;
    const double p =
        std::clamp(log_odds_to_chance(usual_kappa * (place.log_hidden - t)), 1e-9, 1 - 1e-9);
    sum += place.solved * std::log(p) + (place.seeds - place.solved) * std::log1p(-p);
  }
  return sum;
}

void normalise(std::vector<double>& weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= sum;
}

// Log thresholds on a grid that spans all widths; those beyond count at its ends.
struct Axis {
  double first = 0;
  std::size_t size = 0;

  explicit Axis(const std::vector<Column>& columns) {
    double low = INFINITY;
    double high = -INFINITY;
    for (const Column& column : columns) {
      low = std::min(low, column.places.front().log_hidden);
      high = std::max(high, column.places.back().log_hidden);
    }
    first = low - margin;
    size = static_cast<std::size_t>(std::ceil((high - low + 2 * margin) / step)) + 1;
  }
  double value(std::size_t i) const { return first + step * static_cast<double>(i); }
};

// What the other columns lead to expect of column `own`: weights on the axis.
std::vector<double> expectation(const std::vector<Column>& columns,
                                const std::vector<std::vector<double>>& likelihoods,
                                const Axis& axis, std::size_t own) {
  std::vector<double> weights(axis.size, 0);
  const double own_log_length = std::log(columns[own].length);
  const auto last = static_cast<long>(axis.size) - 1;
  std::vector<double> logs;
  for (double alpha = alpha_mean - 2 * alpha_deviation;
       alpha <= alpha_mean + 2 * alpha_deviation + alpha_step / 2; alpha += alpha_step) {
    const double z = (alpha - alpha_mean) / alpha_deviation;
    std::vector<double> at(axis.size, -z * z / 2);
    for (std::size_t j = 0; j < columns.size(); ++j) {
      if (j == own) continue;
      const long by = std::lround(alpha * (std::log(columns[j].length) - own_log_length) / step);
      for (long i = 0; i <= last; ++i) {
        const long there = std::clamp(i + by, 0L, last);
        at[static_cast<std::size_t>(i)] += likelihoods[j][static_cast<std::size_t>(there)];
      }
    }
    logs.insert(logs.end(), at.begin(), at.end());
  }
  const double highest = *std::max_element(logs.begin(), logs.end());
  for (std::size_t i = 0; i < logs.size(); ++i)
    weights[i % axis.size] += std::exp(logs[i] - highest);
  normalise(weights);
  for (double& weight : weights)
    weight = (1 - off_law) * weight + off_law / static_cast<double>(axis.size);
  return weights;
}

std::optional<std::pair<std::size_t, std::size_t>> bracket(const Column& column) {
  const std::size_t none = column.places.size();
  std::size_t unsolved = none;
  for (std::size_t k = 0; k < column.places.size(); ++k) {
    const Place& place = column.places[k];
    if (place.mostly_unsolved()) unsolved = k;
    if (place.mostly_solved() && unsolved != none) return std::pair(unsolved, k);
    if (!place.tried() && place.can_tell()) unsolved = none;
  }
  for (std::size_t k = 0; k < column.places.size(); ++k) {
    if (column.places[k].mixed()) return std::pair(k, k);
  }
  return std::nullopt;
}

// Optimal search trees over intervals of k (Knuth, Acta Informatica 1, 1971) with a cost for each
// probe: cost[low][high] is expected until only one k of low ... high is left, probe[low][high] the
// place to try first.
struct Tree {
  std::vector<std::vector<double>> cost;
  std::vector<std::vector<std::optional<std::size_t>>> probe;

  Tree(const Column& column, const std::vector<double>& chance) {
    const std::size_t n = column.places.size();
    cost.assign(n + 1, std::vector<double>(n + 1, 0));
    probe.assign(n + 1, std::vector<std::optional<std::size_t>>(n + 1));
    double mean = 0;
    std::size_t count = 0;
    for (const Place& place : column.places) {
      if (!place.candidate) continue;
      mean += place.cost;
      ++count;
    }
    const double cheap = count > 0 ? cheap_share * mean / static_cast<double>(count) : 0;
    std::vector<double> below(n + 2, 0);
    for (std::size_t k = 0; k <= n; ++k) below[k + 1] = below[k] + chance[k];
    for (std::size_t span = 1; span <= n; ++span) {
      for (std::size_t low = 0; low + span <= n; ++low) {
        const std::size_t high = low + span;
        const double weight = below[high + 1] - below[low];
        double best = INFINITY;
        for (std::size_t j = low; j < high; ++j) {  // solved: k <= j; unsolved: k > j
          const Place& place = column.places[j];
          if (!place.can_tell()) continue;
          const double price = place.running > 0 ? 0 : std::max(place.cost, cheap);
          const double total = price * weight + cost[low][j] + cost[j + 1][high];
          if (total >= best) continue;
          best = total;
          probe[low][high] = j;
        }
        if (probe[low][high]) cost[low][high] = best;
      }
    }
  }
};

}  // namespace

std::vector<Boundary> boundaries(const std::vector<Column>& columns) {
  const Axis axis(columns);
  std::vector<std::vector<double>> likelihoods;
  for (const Column& column : columns) {
    std::vector<double>& values = likelihoods.emplace_back(axis.size);
    for (std::size_t i = 0; i < axis.size; ++i) values[i] = log_likelihood(column, axis.value(i));
  }
  std::vector<Boundary> found;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const Column& column = columns[c];
    const std::vector<double> expected = expectation(columns, likelihoods, axis, c);
    const double highest = *std::max_element(likelihoods[c].begin(), likelihoods[c].end());
    Boundary boundary{.chance = std::vector<double>(column.places.size() + 1, 0),
                      .bracket = bracket(column)};
    for (std::size_t i = 0; i < axis.size; ++i) {
      const auto above =
          std::find_if(column.places.begin(), column.places.end(),
                       [&](const Place& place) { return place.log_hidden >= axis.value(i); });
      boundary.chance[static_cast<std::size_t>(above - column.places.begin())] +=
          expected[i] * std::exp(likelihoods[c][i] - highest);
    }
    normalise(boundary.chance);
    boundary.best = static_cast<std::size_t>(
        std::max_element(boundary.chance.begin(), boundary.chance.end()) - boundary.chance.begin());
    boundary.beyond = !boundary.bracket &&
                      std::max(boundary.chance.front(), boundary.chance.back()) > almost_sure;
    found.push_back(std::move(boundary));
  }
  return found;
}

namespace {

// Beside a width whose seeds disagree: the nearest untried one on the side that lacks its end of
// the bracket. Where there is none, as at the smallest width, further seeds of its own may tip it:
// two that disagree say little, and without a bracket the length counts in no difference.
std::vector<std::size_t> other_end(const Column& column, std::size_t mixed) {
  const bool below = column.places[mixed].mostly_solved();
  for (std::size_t by = 1; by < column.places.size(); ++by) {
    if (below ? by > mixed : mixed + by >= column.places.size()) break;
    const std::size_t k = below ? mixed - by : mixed + by;
    const Place& place = column.places[k];
    if (place.running > 0) return {};
    if (!place.tried() && place.candidate) return {k};
  }
  const Place& own = column.places[mixed];
  const bool may_tip = own.candidate && own.running == 0 && own.seeds < tipping_most;
  return may_tip ? std::vector<std::size_t>{mixed} : std::vector<std::size_t>{};
}

}  // namespace

std::vector<std::size_t> places_to_try(const Column& column, const Boundary& boundary) {
  if (boundary.bracket && boundary.bracket->first != boundary.bracket->second) return {};
  if (boundary.bracket) return other_end(column, boundary.bracket->first);
  const Tree tree(column, boundary.chance);
  const auto first = tree.probe.front().back();
  if (!first) return {};
  std::vector<std::size_t> places;
  if (column.places[*first].running == 0) places.push_back(*first);
  double extra = extra_share * column.places[*first].cost;
  using Range = std::pair<std::size_t, std::size_t>;
  std::vector<Range> next = {{0, *first}, {*first + 1, column.places.size()}};
  while (!next.empty()) {
    std::vector<Range> after;
    for (const auto& [low, high] : next) {
      const auto probe = tree.probe[low][high];
      if (!probe) continue;
      const Place& place = column.places[*probe];
      const bool runs = place.running > 0;
      if (!runs && (place.tried() || place.cost > extra)) continue;
      extra -= place.cost;
      if (!runs) places.push_back(*probe);
      after.emplace_back(low, *probe);
      after.emplace_back(*probe + 1, high);
    }
    next = std::move(after);
  }
  return places;
}

}  // namespace surd::law
