#include "analysis/findings/next.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <utility>

#include "analysis/findings/choose.hpp"
#include "base/error.hpp"
#include "law/contrast.hpp"
#include "law/fit.hpp"

namespace surd::analysis {
namespace {

using Place = std::pair<double, double>;  // length, hidden

constexpr double gap_least = 1.2;  // between widths that get another between them

// Numbers of seeds that have a result or failed: 1 ... counted, and these.
struct Taken {
  std::int64_t counted = 0;
  std::set<std::int64_t> named;
};

// All that the input says of one curve's cells.
struct Known {
  law::Series series;
  std::set<Place> places;    // named by the study, with or without results
  std::set<Place> runnable;  // of them, those that its design does not skip
  std::map<Place, Taken> seeds;
  std::map<Place, std::pair<double, int>>
      flops;  // sum over trials that were trained, and their number
};

Known known_of(const Input& input, const law::Series& series) {
  Known known{.series = series, .places = {}, .runnable = {}, .seeds = {}, .flops = {}};
  const auto is_ours = [&](const auto& one) {
    return one.task == series.task && one.architecture == series.architecture &&
           one.axes == series.axes;
  };
  for (std::size_t i = 0; i < input.trials.size(); ++i) {
    const law::Trial& trial = input.trials[i];
    if (!is_ours(trial)) continue;
    const Place place(trial.length, trial.hidden);
    known.places.insert(place);
    if (trial.status != law::Status::skipped) known.runnable.insert(place);
    const bool trained =
        trial.status == law::Status::finished || trial.status == law::Status::diverged;
    if (trained || trial.status == law::Status::failed) known.seeds[place].named.insert(trial.seed);
    if (!trained || i >= input.flops.size() || !(input.flops[i] > 0)) continue;
    known.flops[place].first += input.flops[i];
    ++known.flops[place].second;
  }
  for (const law::CountedCell& counted : input.counted) {
    if (!is_ours(counted)) continue;
    const Place place(counted.cell.length, counted.cell.hidden);
    known.places.insert(place);
    known.runnable.insert(place);
    std::int64_t& count = known.seeds[place].counted;
    count = std::max<std::int64_t>(count, counted.cell.seeds);
  }
  return known;
}

// Between two widths of a length that follow each other: the multiple of what divides all widths,
// and so of the heads, nearest to their geometric mean.
std::set<Place> places_between(const Known& known) {
  std::int64_t divisor = 0;
  for (const auto& [length, hidden] : known.places)
    divisor = std::gcd(divisor, std::llround(hidden));
  std::set<Place> between;
  if (divisor == 0) return between;
  for (auto place = known.places.begin(); place != known.places.end(); ++place) {
    const auto next = std::next(place);
    if (next == known.places.end() || next->first != place->first ||
        next->second < gap_least * place->second)
      continue;
    if (!known.runnable.contains(*place) || !known.runnable.contains(*next)) continue;
    const double middle = std::sqrt(place->second * next->second);
    const double width =
        std::round(middle / static_cast<double>(divisor)) * static_cast<double>(divisor);
    if (width > place->second && width < next->second) between.emplace(place->first, width);
  }
  return between;
}

// ln cost = b0 + b1 ln L + b2 ln d by least squares with b1, b2 drawn towards 1 and 2, so that one
// length or one width is enough.
class Price {
 public:
  explicit Price(const Known& known)
      : rates_(std::max(1.0, static_cast<double>(known.series.learning_rates.size()))) {
    constexpr double pull = 0.1;
    for (const auto& [place, sum] : known.flops) own_[place] = rates_ * sum.first / sum.second;
    if (own_.empty()) return;
    const auto count = static_cast<double>(own_.size());
    std::array<double, 3> mean{};
    for (const auto& [place, cost] : own_) {
      mean[0] += std::log(cost) / count;
      mean[1] += std::log(place.first) / count;
      mean[2] += std::log(place.second) / count;
    }
    double ll = pull, ld = 0, dd = pull, lr = 0,
           dr = 0;  // r: ln cost less that of the exponents 1 and 2
    for (const auto& [place, cost] : own_) {
      const double l = std::log(place.first) - mean[1];
      const double d = std::log(place.second) - mean[2];
      const double r = std::log(cost) - mean[0] - l - 2 * d;
      ll += l * l, ld += l * d, dd += d * d, lr += l * r, dr += d * r;
    }
    const double determinant = ll * dd - ld * ld;
    exponent_length_ = 1 + (dd * lr - ld * dr) / determinant;
    exponent_hidden_ = 2 + (ll * dr - ld * lr) / determinant;
    constant_ = mean[0] - exponent_length_ * mean[1] - exponent_hidden_ * mean[2];
  }

  bool is_known() const { return !own_.empty(); }
  double of(const Place& place) const {
    const auto found = own_.find(place);
    if (found != own_.end()) return found->second;
    return std::exp(constant_ + exponent_length_ * std::log(place.first) +
                    exponent_hidden_ * std::log(place.second));
  }

 private:
  double rates_;
  std::map<Place, double> own_;
  double constant_ = 0;
  double exponent_length_ = 1;
  double exponent_hidden_ = 2;
};

law::Curve curve_of(const Known& known, const Price& price, bool new_widths,
                    const std::string& where) {
  law::Curve curve{.cells = known.series.cells, .candidates = {}};
  std::set<Place> places = known.runnable;
  if (new_widths) places.merge(places_between(known));
  for (const Place& place : places)
    curve.candidates.push_back(
        {.length = place.first, .hidden = place.second, .cost = price.of(place)});
  if (curve.candidates.empty()) {
    throw InputError({.what = "there is no cell of " + law::name(known.series) +
                              " of which more seeds could be run",
                      .where = where,
                      .expected = "a length with a width that the design did not skip",
                      .advice = "Set run.design to grid, or add widths to the study."});
  }
  return curve;
}

std::vector<std::int64_t> free_seeds(const Known& known, const Place& place, int count) {
  const auto found = known.seeds.find(place);
  const Taken taken = found == known.seeds.end() ? Taken{} : found->second;
  std::vector<std::int64_t> seeds;
  for (std::int64_t seed = taken.counted + 1; static_cast<int>(seeds.size()) < count; ++seed) {
    if (!taken.named.contains(seed)) seeds.push_back(seed);
  }
  return seeds;
}

// The curves that are asked for: one for alpha; for delta those compared, then the baseline.
std::vector<const law::Series*> curves_of(const law::Evidence& evidence, const Wish& wish,
                                          const std::string& baseline, const std::string& where) {
  std::vector<const law::Series*> all;
  for (const law::Series& series : evidence.series) all.push_back(&series);
  const CurveName name{wish.task, wish.architecture, wish.axes};
  if (wish.goal == Goal::alpha) return {all[choose(all, name, baseline, where)]};
  std::vector<const law::Series*> compared;
  for (const std::size_t place : matching(all, name)) {
    if (wish.architecture.empty() && all[place]->architecture == baseline) continue;
    compared.push_back(all[place]);
  }
  const auto is_beside = [&](const law::Series* one, const law::Series* other) {
    return one->task == other->task && one->axes == other->axes;
  };
  if (compared.empty() || !std::all_of(compared.begin(), compared.end(), [&](const auto* one) {
        return is_beside(one, compared.front());
      })) {
    return {all[choose(all, name, baseline, where)]};  // says what there is
  }
  const auto against = std::find_if(all.begin(), all.end(), [&](const law::Series* series) {
    return series->architecture == baseline && is_beside(series, compared.front());
  });
  if (against == all.end() || *against == compared.front()) {
    throw InputError(
        {.what = "there is nothing to take the difference from",
         .where = where,
         .expected = "results of the baseline, and another architecture",
         .got = fmt::format("architecture '{}', baseline '{}'", compared.front()->architecture,
                            baseline),
         .advice = "Choose with --architecture and --baseline, or take --goal alpha."});
  }
  compared.push_back(*against);
  return compared;
}

// What fit says of the same results.
void note_fitted(const std::vector<law::Curve>& curves, Goal goal, const law::Options& options,
                 Next& next) {
  std::optional<double> widest = 0;
  const auto note = [&](const auto& found) {  // law::Fit or law::Contrast
    next.dispersion = std::max(next.dispersion, found.criterion.dispersion);
    if (!found.reason.empty() || !found.interval.closed()) {
      widest.reset();
    } else if (widest) {
      widest = std::max(*widest, (*found.interval.high - *found.interval.low) / 2);
    }
  };
  if (goal == Goal::alpha) {
    note(law::fit(curves.front().cells, options));
  } else {
    for (std::size_t i = 0; i + 1 < curves.size(); ++i)
      note(law::contrast(curves[i].cells, curves.back().cells, options));
  }
  next.fitted_half_width = widest;
}

}  // namespace

Next next_seeds(const Input& input, const Choices& choices, const Wish& wish) {
  const Settings settings = settle(choices, input);
  const law::Evidence evidence = evidence_of(input, settings.tau);
  const auto chosen = curves_of(evidence, wish, settings.baseline, input.path);
  Next next;
  next.wish = wish;
  next.wish.task = chosen.front()->task;
  next.wish.axes = chosen.front()->axes;
  next.wish.search.options = settings.options;
  next.notes = evidence.notes;
  std::vector<Known> known;
  for (const law::Series* series : chosen) {
    next.architectures.push_back(series->architecture);
    known.push_back(known_of(input, *series));
  }
  next.wish.architecture = fmt::format(
      "{}",
      fmt::join(std::span(next.architectures).first(std::max<std::size_t>(1, known.size() - 1)),
                ", "));
  std::vector<Price> prices;
  for (const Known& one : known) prices.emplace_back(one);
  const bool is_priced = std::all_of(prices.begin(), prices.end(),
                                     [](const Price& price) { return price.is_known(); });
  next.unit = is_priced ? "FLOPs" : "length x width^2";
  if (!is_priced) {
    next.notes.emplace_back(
        "the input does not say what training cost: a seed counts as length x width^2, and so does "
        "the budget");
    for (std::size_t i = 0; i < prices.size(); ++i) {
      Known without = known[i];
      without.flops.clear();
      prices[i] = Price(without);
    }
  }
  std::vector<law::Curve> curves;
  for (std::size_t i = 0; i < known.size(); ++i)
    curves.push_back(curve_of(known[i], prices[i], wish.new_widths, input.path));
  next.proposal = law::propose(curves, next.wish.search);
  note_fitted(curves, wish.goal, settings.options, next);
  for (const law::Pick& pick : next.proposal.picks) {
    const law::Candidate& candidate = curves[pick.curve].candidates[pick.candidate];
    next.cells.push_back(
        {.architecture = next.architectures[pick.curve],
         .length = candidate.length,
         .hidden = candidate.hidden,
         .seeds = free_seeds(known[pick.curve], {candidate.length, candidate.hidden}, pick.seeds),
         .cost = candidate.cost,
         .purpose = pick.purpose,
         .then_narrows = pick.then_narrows});
  }
  return next;
}

}  // namespace surd::analysis
