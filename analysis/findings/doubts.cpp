#include "analysis/findings/doubts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "analysis/findings/late.hpp"
#include "analysis/findings/without_accuracy.hpp"
#include "law/falling.hpp"
#include "law/rates.hpp"

namespace surd::analysis {
namespace {

constexpr double lapse_noted = 0.2;
constexpr std::size_t widths_told = 6;

std::string list(const std::vector<double>& widths) {
  const std::string plural = widths.size() == 1 ? "" : "s";
  if (widths.size() <= widths_told)
    return fmt::format("width{} {}", plural, fmt::join(widths, ", "));
  return fmt::format("widths from {} to {}", widths.front(), widths.back());
}

std::string chance(double p) { return p < 0.001 ? "p < .001" : fmt::format("p {:.3f}", p); }

void doubt_falling(const law::Series& series, const law::Fit& fit,
                   std::vector<law::Doubt>& doubts) {
  const law::Falling falling = law::falling(series.cells);
  if (!falling.found()) return;
  doubts.push_back(
      {.words = fmt::format(
           "success falls again with the width: {} of {} seeds fail at {}, {} of {} at narrower "
           "ones from the first solved one on ({}){}; run more steps or other learning rates at "
           "the wide ones",
           falling.failed, falling.of, list(falling.widths), falling.failed_narrower,
           falling.of_narrower, chance(falling.p), fit.alpha ? ", so that alpha may be off" : ""),
       .withholds = true});
}

// A rate of the set, or a place in the windows.
std::string named(double rate, const law::Series& series) {
  return series.windows
             ? fmt::format("the {}. of the window's {}", rate, series.learning_rates.size())
             : fmt::format("{}", rate);
}

// Where a better rate may lie beyond the set.
std::string beyond(double rate, const law::Series& series) {
  if (series.windows)
    return rate == series.learning_rates.front() ? "below the windows" : "above the windows";
  return fmt::format("{} {}", rate == series.learning_rates.front() ? "below" : "above", rate);
}

// Lengths that lack a rate seem to need more width than they do. Of widths both kinds of lack make
// alpha smaller: the narrow ones are those of short lengths, and wide ones that fail look like a
// lapse (surd-bench alarms).
std::string off(const law::RateDrift& drift) {
  if (drift.along == law::Along::width) return "too low";
  if (drift.end_until && drift.end_from)
    return "too high where long lengths lack more, too low where short ones do";
  return drift.end_from ? "too high" : "too low";
}

void doubt_rates(const law::Series& series, const law::Fit& fit, std::vector<law::Doubt>& doubts) {
  const std::optional<law::RateDrift> drift = law::rate_drift(series);
  if (!drift || !fit.alpha) return;
  const std::string what = drift->along == law::Along::length ? "length" : "width";
  std::vector<std::string> add;
  if (drift->end_until) add.push_back(beyond(drift->rate_until, series));
  if (drift->end_from) add.push_back(beyond(drift->rate_from, series));
  const std::string who = add.size() > 1 ? "small and large" : drift->end_from ? "large" : "small";
  doubts.push_back(
      {.words = fmt::format(
           "the best learning rate drifts with the {}: {} up to {}, {} from {} on ({}); {} {}s may "
           "need rates beyond the set, so that alpha may be {}; add rates {}",
           what, named(drift->rate_until, series), drift->until, named(drift->rate_from, series),
           drift->from, chance(drift->p), who, what, off(*drift), fmt::join(add, " and ")),
       .withholds = true});
}

}  // namespace

std::vector<law::Doubt> doubts_of(const Input& input, const law::Series& series,
                                  const law::Fit& fit) {
  std::vector<law::Doubt> doubts;
  doubt_falling(series, fit, doubts);
  doubt_rates(series, fit, doubts);
  const auto add = [&doubts](std::optional<law::Doubt> doubt) {
    if (doubt) doubts.push_back(std::move(*doubt));
  };
  add(late_doubt(input, series));
  add(doubt_of_missing_accuracy(input, series));
  return doubts;
}

std::string lapse_note(const law::Series& series, const law::Fit& fit) {
  if (!fit.lapse || *fit.lapse <= lapse_noted) return "";
  return fmt::format(
      "{}: lapse {:.2f}: of seeds whose width suffices so many fail, for want of steps, a learning "
      "rate or luck; the exponent leans on how that changes with the length",
      law::name(series), *fit.lapse);
}

std::string no_exponent(const law::Series& series) {
  if (series.rates_by_seed)
    return "its seeds have learning rates of their own, so none can be used; give all seeds of the "
           "task the same rates, or leave out the column learning_rate";
  if (series.share_no_rate)
    return "the architectures or cells of this task share no learning rate; run all with the same "
           "ones";
  const bool any_unsolved =
      std::any_of(series.cells.begin(), series.cells.end(),
                  [](const law::Cell& cell) { return cell.solved < cell.seeds; });
  if (series.solved == 0 || any_unsolved) return "";
  const auto is_censored = [](const law::Seed& seed) {
    return seed.outcome == law::Outcome::censored && seed.trial;
  };
  const auto first = std::find_if(series.seeds.begin(), series.seeds.end(), is_censored);
  if (first == series.seeds.end()) return "";
  return fmt::format(
      "all seeds that count are solved, but {} others do not count ({}); run what they lack",
      std::count_if(first, series.seeds.end(), is_censored), first->why_censored);
}

}  // namespace surd::analysis
