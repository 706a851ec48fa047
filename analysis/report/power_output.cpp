#include "analysis/report/power_output.hpp"

#include <fmt/format.h>

#include <cmath>
#include <span>
#include <utility>

#include "analysis/input/scale.hpp"
#include "analysis/report/explain.hpp"
#include "analysis/report/table.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

ResultTable scenarios_table(std::span<const law::Scenario> rows) {
  using S = const law::Scenario&;
  return make_table<law::Scenario>(
      {
          {{.key = "lengths", .title = "lengths", .means = "of the planned study"},
           [](S s) { return Numbers{s.lengths}; }},
          {{.key = "widths", .title = "widths", .means = "run at each length"},
           [](S s) { return Numbers{s.widths}; }},
          {{.key = "seeds", .title = "seeds a cell", .means = "of each length and width"},
           [](S s) { return s.seeds; }},
          {{.key = "alpha", .title = "alpha", .means = "guess at the exponent of the width needed"},
           [](S s) { return s.alpha; }},
          {{.key = "threshold",
            .title = "width",
            .means = "guess at the width needed at the geometric mean of the lengths"},
           [](S s) { return s.threshold; }},
          {{.key = "kappa",
            .title = "kappa",
            .means = "guess at how sharply the chance that a seed is solved rises with ln width"},
           [](S s) { return s.kappa; }},
          {{.key = "lapse_shortest",
            .title = "lapse",
            .means = "guess at the share of seeds that fail although the width suffices, at the "
                     "shortest length"},
           [](S s) { return s.lapse_shortest; }},
          {{.key = "lapse_longest", .means = "the same at the longest length"},
           [](S s) { return s.lapse_longest; }},
          {{.key = "scatter",
            .title = "scatter",
            .means = "standard deviation of the log thresholds of single lengths about the law: "
                     "that of --scatter, else what a pilot's thresholds show beyond its seeds"},
           [](S s) { return s.scatter; }},
      },
      rows);
}

Json json_of(const law::Scenario& scenario) {
  return to_json(scenarios_table(std::span(&scenario, 1)))[0];
}

// What is found of an exponent.
struct Line {
  const char* name;
  const law::Accuracy& accuracy;
  int studies;  // that were simulated
};

ResultTable accuracies_table(std::span<const Line> rows) {
  using L = const Line&;
  const auto known = [](auto value) {  // only where some study gives an exponent
    return [value](L l) { return l.accuracy.studies > 0 ? Value(value(l.accuracy)) : Value(); };
  };
  const Meaning spread = "the half-widths that one study in ten stays below, and one exceeds";
  return make_table<Line>(
      {
          {{.title = "exponent",
            .means = "alpha, of the planned study; delta alpha, its alpha less that of the "
                     "baseline"},
           [](L l) { return l.name; }},
          {{.key = "truth", .means = "the value that the studies were drawn with"},
           [](L l) { return l.accuracy.truth; }},
          {{.key = "studies", .means = "simulated ones that give a value"},
           [](L l) { return l.accuracy.studies; }},
          {{.key = "half_width",
            .title = "half-width of the 95 % interval",
            .format = Format::two_digits,
            .means = "half of the studies have at most this one; ends that are open count as the "
                     "limits of the search"},
           known([](const law::Accuracy& a) { return a.half_width; })},
          {{.title = "10 % to 90 %", .means = spread}, known([](const law::Accuracy& a) {
             return fmt::format("{} to {}", rounded(a.half_width_low, 2),
                                rounded(a.half_width_high, 2));
           })},
          {{.key = "half_width_low", .means = spread},
           known([](const law::Accuracy& a) { return a.half_width_low; })},
          {{.key = "half_width_high", .means = spread},
           known([](const law::Accuracy& a) { return a.half_width_high; })},
          {{.key = "open",
            .title = "open",
            .format = Format::two_digits,
            .means = "share of intervals with an end that no value closes"},
           known([](const law::Accuracy& a) { return a.open; })},
          {{.key = "coverage",
            .title = "coverage",
            .format = Format::two_digits,
            .means = "share of intervals that hold the true value: 0.95 is asked"},
           known([](const law::Accuracy& a) { return a.coverage->value; })},
          {{.key = "bias",
            .title = "bias",
            .format = Format::signed_two_digits,
            .means = "mean of the estimates less the true value"},
           known([](const law::Accuracy& a) { return a.bias; })},
          {{.key = "standard_deviation",
            .title = "sd",
            .format = Format::two_digits,
            .means = "standard deviation of the estimates"},
           known([](const law::Accuracy& a) { return a.standard_deviation; })},
          {{.title = "no value", .means = "simulated studies that give none"},
           [](L l) { return l.studies - l.accuracy.studies; }},
      },
      rows);
}

using Chance = std::pair<law::Verdict, law::Share>;

ResultTable chances_table(std::span<const Chance> rows) {
  using C = const Chance&;
  return make_table<Chance>(
      {
          {{.title = "verdict",
            .means = "sqrt, flat, grows or inconclusive, as surd-fit fit gives them; in JSON the "
                     "names of the members"},
           [](C c) { return law::to_string(c.first); }},
          {{.key = "chance",
            .title = "chance",
            .format = Format::two_digits,
            .means = "share of the simulated studies that end so"},
           [](C c) { return c.second.value; }},
          {{.key = "{}",
            .title = "95 %",
            .means = "the chances that so many simulated studies allow"},
           [](C c) {
             return law::Interval{c.second.low, c.second.high};
           }},
      },
      rows);
}

std::vector<Line> lines_of(const law::Power& power) {
  std::vector<Line> lines = {{"alpha", power.alpha, power.studies}};
  if (power.delta) lines.push_back({"delta alpha", *power.delta, power.studies});
  return lines;
}

std::string advice(const Planned& planned, const HalfWidth& half_width) {
  if (half_width.seeds) {
    return fmt::format("\nA half-width of {} for alpha in half of the studies: {} seed{} a cell\n",
                       half_width.wanted, *half_width.seeds, *half_width.seeds == 1 ? "" : "s");
  }
  return fmt::format("\nA half-width of {} for alpha is not reached by {} seeds a cell: {}\n",
                     half_width.wanted, half_width.most,
                     planned.scenario.lengths.size() < 6
                         ? "run six lengths or more"
                         : "run widths in smaller steps, or lengths further apart");
}

// Its rows.
std::string curve_csv(const std::string& architecture, const law::Scenario& scenario,
                      RandomStream& random, bool counted) {
  std::string csv;
  for (const law::Cell& cell : law::simulate(scenario, random)) {
    if (counted) {
      csv += fmt::format("simulated,{},{},{},{},{}\n", architecture, cell.length, cell.hidden,
                         cell.seeds, cell.solved);
      continue;
    }
    for (int seed = 0; seed < cell.seeds; ++seed) {
      const bool is_solved = seed < cell.solved;
      const auto accuracy = [&] {
        return is_solved ? 0.95 + 0.05 * random.uniform() : 0.6 * random.uniform();
      };
      const double validation = accuracy();
      csv += fmt::format("simulated,{},{},{},{},{:.4f},{:.4f}\n", architecture, cell.length,
                         cell.hidden, seed + 1, validation, accuracy());
    }
  }
  return csv;
}

}  // namespace

std::string description(const Planned& planned) {
  const law::Scenario& scenario = planned.scenario;
  const auto guess = [](const law::Scenario& one) {
    const std::string lapse = one.lapse_shortest == one.lapse_longest
                                  ? rounded(one.lapse_shortest, 3)
                                  : fmt::format("{} to {}", rounded(one.lapse_shortest, 3),
                                                rounded(one.lapse_longest, 3));
    return fmt::format("alpha {}, width {}, kappa {}, lapse {}{}", rounded(one.alpha, 2),
                       text3(one.threshold), text3(one.kappa), lapse,
                       one.scatter > 0 ? fmt::format(", scatter {}", rounded(one.scatter, 2)) : "");
  };
  std::string text = fmt::format(
      "Study:    lengths {}; widths {}; {} seed{} a cell\n", fmt::join(scenario.lengths, ", "),
      fmt::join(scenario.widths, ", "), scenario.seeds, scenario.seeds == 1 ? "" : "s");
  text += "Guess:    " + guess(scenario) + "\n";
  if (planned.baseline) text += "Baseline: " + guess(*planned.baseline) + "\n";
  const double middle = std::exp(law::mean_log(scenario.lengths));
  std::vector<double> outside;
  for (const double length : scenario.lengths) {
    const double width = scenario.threshold * std::pow(length / middle, scenario.alpha);
    if (width < scenario.widths.front() * (1 - 1e-9) || width > scenario.widths.back() * (1 + 1e-9))
      outside.push_back(length);
  }
  if (scenario.lengths.size() < 2) text += "An exponent needs two lengths: plan six or more\n";
  if (!outside.empty()) {
    text += fmt::format(
        "The guessed threshold lies outside the widths at length{} {}: plan other widths there\n",
        outside.size() == 1 ? "" : "s", fmt::join(outside, ", "));
  }
  return text;
}

std::string explain_power() {
  const ResultTable document = {
      .columns = {{.key = "format_version", .means = "of this JSON: 1"},
                  {.key = "study", .means = "the plan: its grid and the guesses at its truth"},
                  {.key = "baseline", .means = "the same of the baseline, null without one"},
                  {.key = "studies", .means = "how many were simulated"},
                  {.key = "scale",
                   .means = "what the exponents are of: hidden (the width), or the column whose "
                            "sizes stand in its place (--scale); guesses are widths"},
                  {.key = "verdicts", .means = "the chance of each"},
                  {.key = "half_width.wanted", .means = "that of --half-width"},
                  {.key = "half_width.seeds",
                   .means = "the fewest a cell with which half of the studies have at most it; "
                            "null where --most-seeds do not"},
                  {.key = "notes", .means = "what was taken from where, a sentence each"}},
      .rows = {}};
  return explain(
      "surd-fit power",
      {{.title = "Study, Guess and Baseline",
        .machines = "study, baseline",
        .table = scenarios_table({})},
       {.title = "What the simulated studies find",
        .machines = "alpha, delta_alpha",
        .table = accuracies_table({})},
       {.title = "Chance of each verdict", .machines = "verdicts", .table = chances_table({})},
       {.title = "What else there is", .machines = "the whole", .table = document}});
}

std::string power_table(const Planned& planned, const law::Power& power,
                        const std::optional<HalfWidth>& half_width) {
  std::string text =
      description(planned) +
      fmt::format("\n{} simulated studies, thresholds at random within a step of the widths{}\n",
                  power.studies,
                  planned.scale == SizeScale::hidden
                      ? std::string()
                      : fmt::format(", exponents of the {}", words_of(planned.scale).noun));
  text += for_terminal(accuracies_table(lines_of(power)));
  const std::vector<Chance> chances(power.verdicts.begin(), power.verdicts.end());
  text += "\nChance of each verdict\n" + for_terminal(chances_table(chances));
  if (half_width) text += advice(planned, *half_width);
  return text;
}

Json power_json(const Planned& planned, const law::Power& power,
                const std::optional<HalfWidth>& half_width) {
  const std::vector<Chance> chances(power.verdicts.begin(), power.verdicts.end());
  const Json rows = to_json(chances_table(chances));
  Json verdicts = Json::object();
  for (std::size_t i = 0; i < chances.size(); ++i)
    verdicts[law::to_string(chances[i].first)] = rows[i];
  const Json found = to_json(accuracies_table(lines_of(power)));
  Json json = {{"format_version", 1},
               {"study", json_of(planned.scenario)},
               {"baseline", planned.baseline ? json_of(*planned.baseline) : Json()},
               {"studies", power.studies},
               {"scale", words_of(planned.scale).key},
               {"alpha", found[0]},
               {"delta_alpha", power.delta ? found[1] : Json()},
               {"verdicts", std::move(verdicts)},
               {"half_width", nullptr},
               {"notes", planned.notes}};
  if (half_width)
    json["half_width"] = {{"wanted", half_width->wanted},
                          {"seeds", half_width->seeds ? Json(*half_width->seeds) : Json()}};
  return json;
}

std::string simulated_csv(const Planned& planned, std::uint64_t seed, bool counted) {
  RandomStream random(seed, Split::test, 0, 0);
  std::string csv =
      counted ? "task,architecture,length,hidden,seeds,solved\n"
              : "task,architecture,length,hidden,seed,accuracy_validation,accuracy_test\n";
  const std::string efficient = curve_csv("efficient", planned.scenario, random, counted);
  if (planned.baseline) csv += curve_csv("standard", *planned.baseline, random, counted);
  return csv + efficient;
}

}  // namespace surd::analysis
