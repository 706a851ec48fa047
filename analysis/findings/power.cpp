#include "analysis/findings/power.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <thread>

#include "analysis/report/text.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "base/option.hpp"

namespace surd::analysis {
namespace {

Json json_of(const law::Scenario& scenario) {
  return {{"lengths", scenario.lengths},
          {"widths", scenario.widths},
          {"seeds", scenario.seeds},
          {"alpha", scenario.alpha},
          {"threshold", scenario.threshold},
          {"kappa", scenario.kappa},
          {"lapse_shortest", scenario.lapse_shortest},
          {"lapse_longest", scenario.lapse_longest},
          {"scatter", scenario.scatter}};
}

Json json_of(const law::Accuracy& accuracy) {
  return {{"truth", accuracy.truth},
          {"studies", accuracy.studies},
          {"bias", accuracy.bias},
          {"standard_deviation", accuracy.standard_deviation},
          {"coverage", accuracy.coverage ? Json(accuracy.coverage->value) : Json()},
          {"half_width", accuracy.half_width},
          {"half_width_low", accuracy.half_width_low},
          {"half_width_high", accuracy.half_width_high},
          {"open", accuracy.open}};
}

std::vector<std::string> line_of(const std::string& name, const law::Accuracy& accuracy, int studies) {
  if (accuracy.studies == 0) return {name, "-", "-", "-", "-", "-", "-", std::to_string(studies)};
  return {name,
          rounded(accuracy.half_width, 2),
          fmt::format("{} to {}", rounded(accuracy.half_width_low, 2), rounded(accuracy.half_width_high, 2)),
          rounded(accuracy.open, 2),
          rounded(accuracy.coverage->value, 2),
          fmt::format("{:+.2f}", accuracy.bias + 0.0),
          rounded(accuracy.standard_deviation, 2),
          std::to_string(studies - accuracy.studies)};
}

std::string advice(const Planned& planned, const HalfWidth& half_width) {
  if (half_width.seeds) {
    return fmt::format("\nA half-width of {} for alpha in half of the studies: {} seed{} a cell\n", half_width.wanted, *half_width.seeds,
                       *half_width.seeds == 1 ? "" : "s");
  }
  return fmt::format("\nA half-width of {} for alpha is not reached by {} seeds a cell: {}\n", half_width.wanted, half_width.most,
                     planned.scenario.lengths.size() < 6 ? "run six lengths or more" : "run widths in smaller steps, or lengths further apart");
}

struct Flags {
  PlannedFlags plan;
  int studies = 1000;
  std::uint64_t seed = 1;
  int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::optional<double> half_width;
  int most = 256;
  bool json = false;
};

// Half of the mean step between widths, in ln width: a threshold is not known better than to the step that it lies in.
double half_a_step(const std::vector<double>& widths) {
  return widths.size() < 2 ? 0 : std::log(widths.back() / widths.front()) / static_cast<double>(widths.size() - 1) / 2;
}

void power(const Flags& flags) {
  if (flags.half_width && std::isnan(*flags.half_width)) {
    throw InputError({.what = "the half-width is not a number", .where = "--half-width", .expected = "a number in [0.001, 5]", .got = "nan"});
  }
  const Planned plan = planned(flags.plan);
  for (const std::string& note : plan.notes) fmt::print(stderr, "note: {}\n", note);
  law::Experiment experiment;
  experiment.scenario = plan.scenario;
  experiment.baseline = plan.baseline;
  experiment.jitter = half_a_step(plan.scenario.widths);
  experiment.studies = flags.studies;
  experiment.seed = flags.seed;
  experiment.options = flags.plan.choices.options;
  experiment.threads = flags.threads;
  const law::Power power = law::power_of(experiment);
  std::optional<HalfWidth> half_width;
  if (flags.half_width) half_width = {*flags.half_width, flags.most, law::seeds_for(experiment, *flags.half_width, flags.most)};
  if (flags.json) {
    fmt::print("{}\n", power_json(plan, power, half_width).dump(2));
  } else {
    fmt::print("{}", power_table(plan, power, half_width));
  }
}

void add_curve(std::string& csv, const std::string& architecture, const law::Scenario& scenario, RandomStream& random, bool counted) {
  for (const law::Cell& cell : law::simulate(scenario, random)) {
    if (counted) {
      csv += fmt::format("simulated,{},{},{},{},{}\n", architecture, cell.length, cell.hidden, cell.seeds, cell.solved);
      continue;
    }
    for (int seed = 0; seed < cell.seeds; ++seed) {
      const bool is_solved = seed < cell.solved;
      const auto accuracy = [&] { return is_solved ? 0.95 + 0.05 * random.uniform() : 0.6 * random.uniform(); };
      const double validation = accuracy();
      csv += fmt::format("simulated,{},{},{},{},{:.4f},{:.4f}\n", architecture, cell.length, cell.hidden, seed + 1, validation, accuracy());
    }
  }
}

}  // namespace

std::string power_table(const Planned& planned, const law::Power& power, const std::optional<HalfWidth>& half_width) {
  std::string text = description(planned) + fmt::format("\n{} simulated studies, thresholds at random within a step of the widths\n", power.studies);
  Lines lines = {{"", "half-width of the 95 % interval", "10 % to 90 %", "open", "coverage", "bias", "sd", "no value"}};
  lines.push_back(line_of("alpha", power.alpha, power.studies));
  if (power.delta) lines.push_back(line_of("delta alpha", *power.delta, power.studies));
  text += aligned(lines) + "\nChance of each verdict\n";
  Lines verdicts;
  for (const auto& [verdict, share] : power.verdicts) {
    verdicts.push_back(
        {"  " + law::to_string(verdict), rounded(share.value, 2), fmt::format("[{}, {}]", rounded(share.low, 2), rounded(share.high, 2))});
  }
  text += aligned(verdicts);
  if (half_width) text += advice(planned, *half_width);
  return text;
}

Json power_json(const Planned& planned, const law::Power& power, const std::optional<HalfWidth>& half_width) {
  Json verdicts = Json::object();
  for (const auto& [verdict, share] : power.verdicts)
    verdicts[law::to_string(verdict)] = {{"chance", share.value}, {"low", share.low}, {"high", share.high}};
  Json json = {{"format_version", 1},
               {"study", json_of(planned.scenario)},
               {"baseline", planned.baseline ? json_of(*planned.baseline) : Json()},
               {"studies", power.studies},
               {"alpha", json_of(power.alpha)},
               {"delta_alpha", power.delta ? json_of(*power.delta) : Json()},
               {"verdicts", std::move(verdicts)},
               {"half_width", nullptr},
               {"notes", planned.notes}};
  if (half_width) json["half_width"] = {{"wanted", half_width->wanted}, {"seeds", half_width->seeds ? Json(*half_width->seeds) : Json()}};
  return json;
}

std::string simulated_csv(const Planned& planned, std::uint64_t seed, bool counted) {
  RandomStream random(seed, Split::test, 0, 0);
  std::string csv =
      counted ? "task,architecture,length,hidden,seeds,solved\n" : "task,architecture,length,hidden,seed,accuracy_validation,accuracy_test\n";
  add_curve(csv, "efficient", planned.scenario, random, counted);
  if (planned.baseline) add_curve(csv, "standard", *planned.baseline, random, counted);
  return csv;
}

void add_power(CLI::App& app) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("power", "What a planned study is likely to find: interval, and the chance of each verdict, by simulation");
  add_planned_flags(*command, flags->plan);
  command->add_option("--studies", flags->studies, "Simulated ones")->capture_default_str()->check(CLI::Range(1, 1'000'000));
  command->add_option("--seed", flags->seed, "Of the simulation")->capture_default_str();
  command->add_option("--threads", flags->threads, "Of no influence on the numbers")->capture_default_str()->check(CLI::Range(1, 1024));
  command
      ->add_option("--half-width", flags->half_width,
                   "Also find the seeds a cell with which half of the studies have at most this half-width of alpha")
      ->check(CLI::Range(0.001, 5.0));
  command->add_option("--most-seeds", flags->most, "A cell, for --half-width")->capture_default_str()->check(CLI::Range(1, 100'000));
  command->add_flag("--json", flags->json, "JSON on standard output instead of the table");
  command->callback([flags] { power(*flags); });
}

void add_simulate(CLI::App& app) {
  struct SimulateFlags {
    PlannedFlags plan;
    std::uint64_t seed = 1;
    std::string out;
    bool counted = false;
  };
  const auto flags = std::make_shared<SimulateFlags>();
  CLI::App* command = app.add_subcommand("simulate", "Writes a synthetic study as CSV, drawn from the law that is fitted");
  add_planned_flags(*command, flags->plan);
  command->add_option("--seed", flags->seed, "Of the draw")->capture_default_str();
  command->add_option("--out", flags->out, "The CSV file (default: standard output)")->check(output_file);
  command->add_flag("--counted", flags->counted, "A row a cell with seeds and solved, instead of a row a seed");
  command->callback([flags] {
    const Planned plan = planned(flags->plan);
    for (const std::string& note : plan.notes) fmt::print(stderr, "note: {}\n", note);
    const std::string csv = simulated_csv(plan, flags->seed, flags->counted);
    if (flags->out.empty()) {
      fmt::print("{}", csv);
    } else {
      write_file_atomically(flags->out, csv);
      fmt::print("{}\n", flags->out);
    }
  });
}

}  // namespace surd::analysis
