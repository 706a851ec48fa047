#include "analysis/findings/next.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "analysis/input/axes.hpp"
#include "analysis/findings/choose.hpp"
#include "analysis/fit.hpp"
#include "analysis/report/number.hpp"
#include "analysis/input/source.hpp"
#include "base/error.hpp"
#include "base/option.hpp"
#include "law/contrast.hpp"
#include "law/fit.hpp"

namespace surd::analysis {
namespace {

using Place = std::pair<double, double>;  // length, hidden

constexpr double gap_least = 1.2;  // between widths that get another between them
constexpr const char* purpose_words[] = {"bracket", "replicate", "narrow"};

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
  std::map<Place, std::pair<double, int>> flops;  // sum over trials that were trained, and their number
};

Known known_of(const Input& input, const law::Series& series) {
  Known known{.series = series, .places = {}, .runnable = {}, .seeds = {}, .flops = {}};
  const auto is_ours = [&](const auto& one) { return one.task == series.task && one.architecture == series.architecture && one.axes == series.axes; };
  for (std::size_t i = 0; i < input.trials.size(); ++i) {
    const law::Trial& trial = input.trials[i];
    if (!is_ours(trial)) continue;
    const Place place(trial.length, trial.hidden);
    known.places.insert(place);
    if (trial.status != law::Status::skipped) known.runnable.insert(place);
    const bool trained = trial.status == law::Status::finished || trial.status == law::Status::diverged;
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

// Between two widths of a length that follow each other: the multiple of what divides all widths, and so of the heads, nearest to their geometric
// mean.
std::set<Place> places_between(const Known& known) {
  std::int64_t divisor = 0;
  for (const auto& [length, hidden] : known.places) divisor = std::gcd(divisor, std::llround(hidden));
  std::set<Place> between;
  if (divisor == 0) return between;
  for (auto place = known.places.begin(); place != known.places.end(); ++place) {
    const auto next = std::next(place);
    if (next == known.places.end() || next->first != place->first || next->second < gap_least * place->second) continue;
    if (!known.runnable.contains(*place) || !known.runnable.contains(*next)) continue;
    const double middle = std::sqrt(place->second * next->second);
    const double width = std::round(middle / static_cast<double>(divisor)) * static_cast<double>(divisor);
    if (width > place->second && width < next->second) between.emplace(place->first, width);
  }
  return between;
}

// ln cost = b0 + b1 ln L + b2 ln d by least squares with b1, b2 drawn towards 1 and 2, so that one length or one width is enough.
class Price {
 public:
  explicit Price(const Known& known) : rates_(std::max(1.0, static_cast<double>(known.series.learning_rates.size()))) {
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
    double ll = pull, ld = 0, dd = pull, lr = 0, dr = 0;  // r: ln cost less that of the exponents 1 and 2
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
    return std::exp(constant_ + exponent_length_ * std::log(place.first) + exponent_hidden_ * std::log(place.second));
  }

 private:
  double rates_;
  std::map<Place, double> own_;
  double constant_ = 0;
  double exponent_length_ = 1;
  double exponent_hidden_ = 2;
};

law::Curve curve_of(const Known& known, const Price& price, bool new_widths, const std::string& where) {
  law::Curve curve{.cells = known.series.cells, .candidates = {}};
  std::set<Place> places = known.runnable;
  if (new_widths) places.merge(places_between(known));
  for (const Place& place : places) curve.candidates.push_back({.length = place.first, .hidden = place.second, .cost = price.of(place)});
  if (curve.candidates.empty()) {
    throw InputError({.what = "there is no cell of " + law::name(known.series) + " of which more seeds could be run",
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

// Plain where YAML reads these characters as they stand, else as a JSON string, which YAML reads too.
std::string yaml_scalar(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("_.()=+-").find(c) != std::string_view::npos;
  };
  if (!text.empty() && text != "-" && std::all_of(text.begin(), text.end(), is_plain)) return text;
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// One line, whatever names are in it.
std::string comment(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return "# " + text + "\n";
}

// "c=2, d=3" as entries of a map: c: 2, d: 3.
std::string entries_yaml(const std::string& label) {
  std::string text;
  for (const auto& [name, value] : axes_of(label)) {
    text += (text.empty() ? "" : ", ") + yaml_scalar(name);
    if (value) text += ": " + yaml_scalar(*value);
  }
  return text;
}

// "sparse(c=2)" as a study has it: {sparse: {c: 2}}.
std::string architecture_yaml(const std::string& label) {
  const std::size_t open = label.find('(');
  if (open == std::string::npos || !label.ends_with(')')) return yaml_scalar(label);
  return fmt::format("{{{}: {{{}}}}}", yaml_scalar(label.substr(0, open)), entries_yaml(label.substr(open + 1, label.size() - open - 2)));
}

std::string boundary_word(const law::Open& open) {
  switch (open.beyond) {
    case law::Open::Beyond::no: return "unknown";
    case law::Open::Beyond::below: return "below";
    case law::Open::Beyond::above: return "above";
  }
  return "";
}

}  // namespace

Next next_seeds(const Input& input, const Settings& settings, Wish wish) {
  const law::Evidence evidence = input.trials.empty() ? law::collect(input.counted) : law::collect(input.trials, settings.tau);
  std::vector<const law::Series*> all;
  for (const law::Series& series : evidence.series) all.push_back(&series);
  const law::Series& chosen = evidence.series[choose(all, {wish.task, wish.architecture, wish.axes}, settings.baseline, input.path)];
  Next next;
  next.wish = wish;
  next.wish.task = chosen.task;
  next.wish.architecture = chosen.architecture;
  next.wish.axes = chosen.axes;
  next.wish.search.options = settings.options;
  next.notes = evidence.notes;
  std::vector<Known> known = {known_of(input, chosen)};
  if (wish.goal == Goal::delta) {
    const auto baseline = std::find_if(evidence.series.begin(), evidence.series.end(), [&](const law::Series& series) {
      return series.task == chosen.task && series.axes == chosen.axes && series.architecture == settings.baseline;
    });
    if (baseline == evidence.series.end() || &*baseline == &chosen) {
      throw InputError({.what = "there is nothing to take the difference from",
                        .where = input.path,
                        .expected = "results of the baseline, and another architecture",
                        .got = fmt::format("architecture '{}', baseline '{}'", chosen.architecture, settings.baseline),
                        .advice = "Choose with --architecture and --baseline, or take --goal alpha."});
    }
    known.push_back(known_of(input, *baseline));
  }
  std::vector<Price> prices;
  for (const Known& one : known) prices.emplace_back(one);
  const bool is_priced = std::all_of(prices.begin(), prices.end(), [](const Price& price) { return price.is_known(); });
  next.unit = is_priced ? "FLOPs" : "length x width^2";
  if (!is_priced) {
    next.notes.emplace_back("the input does not say what training cost: a seed counts as length x width^2, and so does the budget");
    for (std::size_t i = 0; i < prices.size(); ++i) {
      Known without = known[i];
      without.flops.clear();
      prices[i] = Price(without);
    }
  }
  std::vector<law::Curve> curves;
  for (std::size_t i = 0; i < known.size(); ++i) {
    next.architectures.push_back(known[i].series.architecture);
    curves.push_back(curve_of(known[i], prices[i], wish.new_widths, input.path));
  }
  next.proposal = law::propose(curves, next.wish.search);
  const auto note_fitted = [&](const auto& found) {  // law::Fit or law::Contrast
    next.dispersion = found.criterion.dispersion;
    if (found.reason.empty() && found.interval.closed()) next.fitted_half_width = (*found.interval.high - *found.interval.low) / 2;
  };
  if (wish.goal == Goal::alpha) {
    note_fitted(law::fit(curves[0].cells, settings.options));
  } else {
    note_fitted(law::contrast(curves[0].cells, curves[1].cells, settings.options));
  }
  for (const law::Pick& pick : next.proposal.picks) {
    const law::Candidate& candidate = curves[pick.curve].candidates[pick.candidate];
    next.cells.push_back({.architecture = next.architectures[pick.curve],
                          .length = candidate.length,
                          .hidden = candidate.hidden,
                          .seeds = free_seeds(known[pick.curve], {candidate.length, candidate.hidden}, pick.seeds),
                          .cost = candidate.cost,
                          .purpose = pick.purpose,
                          .then_narrows = pick.then_narrows});
  }
  return next;
}

std::string to_yaml(const Next& next) {
  const law::Proposal& proposal = next.proposal;
  const std::string goal = next.wish.goal == Goal::alpha ? "alpha" : "delta alpha against " + next.architectures.back();
  std::string text = comment(fmt::format("What to run next for {} of {} {}{}: {} seed{} for {:.3g} of a budget of {:.3g} {}.", goal, next.wish.task,
                                         next.wish.architecture, next.wish.axes.empty() ? "" : " (" + next.wish.axes + ")", proposal.seeds,
                                         proposal.seeds == 1 ? "" : "s", proposal.cost, next.wish.search.budget, next.unit));
  if (proposal.half_width) {
    text += comment(fmt::format("Half-width of the 95 % interval, if the law fits: {:.2f} now, {:.2f} expected afterwards.", *proposal.half_width,
                                *proposal.half_width_after));
    if (next.dispersion > 1) {
      text += comment(fmt::format("The interval of fit now, widened for lack of fit (h {:.2f}): {}.", next.dispersion,
                                  next.fitted_half_width ? fmt::format("half-width {:.2f}", *next.fitted_half_width) : "open"));
    }
  } else {
    text += comment("No interval can be expected yet: fewer than two lengths show their thresholds.");
  }
  for (const law::Open& open : proposal.open) {
    text += comment(fmt::format("{} at length {}: {}.", next.architectures[open.curve], open.length,
                                open.beyond == law::Open::Beyond::no      ? "the boundary is not found yet"
                                : open.beyond == law::Open::Beyond::above ? "no width solves it; add larger ones to the study"
                                                                          : "every width solves it; add smaller ones to the study"));
  }
  if (!proposal.reason.empty()) text += comment(fmt::format("{} is proposed: {}.", proposal.seeds == 0 ? "Nothing" : "No more", proposal.reason));
  for (const std::string& note : next.notes) text += comment(note);
  if (next.cells.empty()) return text;
  text += "# Append this to the study file (where it has an include already: these entries to that list), then start surd-run again.\ninclude:\n";
  const std::string axes = next.wish.axes.empty() ? "" : ", " + entries_yaml(next.wish.axes);
  for (const NextSeeds& cell : next.cells) {
    text +=
        fmt::format("  - {{task: {}, length: {}, hidden: {}, architecture: {}{}, seeds: [{}]}}  # {}{}; {:.2g} {} a seed\n",
                    yaml_scalar(next.wish.task), cell.length, cell.hidden, architecture_yaml(cell.architecture), axes, fmt::join(cell.seeds, ", "),
                    law::to_string(cell.purpose), cell.then_narrows ? ", then narrows the interval" : "", cell.cost, next.unit);
  }
  return text;
}

Json to_json(const Next& next) {
  Json open = Json::array();
  for (const law::Open& one : next.proposal.open) {
    open.push_back({{"architecture", next.architectures[one.curve]}, {"length", one.length}, {"boundary", boundary_word(one)}});
  }
  Json cells = Json::array();
  for (const NextSeeds& cell : next.cells) {
    cells.push_back({{"architecture", cell.architecture},
                     {"length", cell.length},
                     {"hidden", cell.hidden},
                     {"seeds", cell.seeds},
                     {"cost_a_seed", cell.cost},
                     {"purpose", cell.then_narrows ? "bracket_then_narrow" : purpose_words[static_cast<std::size_t>(cell.purpose)]}});
  }
  return {{"format_version", 1},
          {"task", next.wish.task},
          {"architecture", next.wish.architecture},
          {"axes", next.wish.axes},
          {"goal", next.wish.goal == Goal::alpha ? "alpha" : "delta"},
          {"unit", next.unit},
          {"budget", next.wish.search.budget},
          {"cost", next.proposal.cost},
          {"seeds", next.proposal.seeds},
          {"half_width", number(next.proposal.half_width)},
          {"half_width_after", number(next.proposal.half_width_after)},
          {"fitted_half_width", number(next.fitted_half_width)},
          {"dispersion", number_to_json(next.dispersion)},
          {"reason", next.proposal.reason},
          {"open", std::move(open)},
          {"cells", std::move(cells)},
          {"notes", next.notes}};
}

void add_next(CLI::App& app) {
  struct Flags {
    std::string input;
    Choices choices;
    Wish wish;
    bool only_grid = false, json = false;
  };
  const auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("next", "Which seeds to run next: those that narrow the interval of an exponent most per FLOP");
  command->add_option("input", flags->input, "Run folder, results.h5 or CSV file")->required();
  command->add_option("--budget", flags->wish.search.budget, "FLOPs that may be spent")->required()->check(positive_number);
  command->add_option("--at-once", flags->wish.search.at_once, "Seeds that can run at the same time: the most that are proposed")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--half-width", flags->wish.search.half_width, "Enough once the expected half-width of the interval is at most this")
      ->check(positive_number);
  command->add_option("--task", flags->wish.task, "Needed where there are several");
  command->add_option("--architecture", flags->wish.architecture, "Needed where there are several");
  command->add_option("--axes", flags->wish.axes, "Further axes, as fit prints them: \"model.layers=2\"; needed where there are several");
  command->add_option("--goal", flags->wish.goal, "alpha, or delta: the difference to the baseline's")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Goal>{{"alpha", Goal::alpha}, {"delta", Goal::delta}}));
  command->add_flag("--only-grid", flags->only_grid, "Only widths that the study has, none between them");
  add_choices(*command, flags->choices);
  command->add_flag("--json", flags->json, "JSON instead of a study fragment");
  command->callback([flags] {
    flags->wish.new_widths = !flags->only_grid;
    const Input input = read_input(flags->input);
    const Next next = next_seeds(input, settle(flags->choices, input), flags->wish);
    for (const std::string& note : input.notes) fmt::print(stderr, "note: {}\n", note);
    if (flags->json) {
      fmt::print("{}\n", to_json(next).dump(2));
    } else {
      fmt::print("{}", to_yaml(next));
    }
  });
}

}  // namespace surd::analysis
