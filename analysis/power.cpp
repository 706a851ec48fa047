// surd-fit power: what a planned study is likely to find.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>

#include "analysis/findings/planned.hpp"
#include "analysis/flags.hpp"
#include "analysis/report/power_output.hpp"
#include "analysis/subcommands.hpp"
#include "base/error.hpp"

namespace surd::analysis {
namespace {

struct PowerFlags {
  std::string pilot;
  PlannedFlags plan;
  int studies = 1000;
  std::uint64_t seed = 1;
  int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::optional<double> half_width;
  int most = 256;
  bool json = false;
};

void power(const PowerFlags& flags) {
  if (flags.half_width && std::isnan(*flags.half_width)) {
    throw InputError({.what = "the half-width is not a number",
                      .where = "--half-width",
                      .expected = "a number in [0.001, 5]",
                      .got = "nan"});
  }
  PlannedFlags wanted = flags.plan;
  wanted.pilot_scatter = true;
  const Planned plan = planned(wanted, read_pilot(flags.pilot));
  print_notes(plan.notes);
  law::Experiment experiment = experiment_of(plan);
  experiment.studies = flags.studies;
  experiment.seed = flags.seed;
  experiment.options = flags.plan.choices.options;
  experiment.threads = flags.threads;
  const law::Power power = law::power_of(experiment);
  std::optional<HalfWidth> half_width;
  if (flags.half_width)
    half_width = {*flags.half_width, flags.most,
                  law::seeds_for(experiment, *flags.half_width, flags.most)};
  if (flags.json) {
    fmt::print("{}\n", power_json(plan, power, half_width).dump(2));
  } else {
    fmt::print("{}", power_table(plan, power, half_width));
  }
}

}  // namespace

void add_power(CLI::App& app) {
  const auto flags = std::make_shared<PowerFlags>();
  CLI::App* command = app.add_subcommand("power",
                                         "What a planned study is likely to find: interval, and "
                                         "the chance of each verdict, by simulation");
  add_planned_flags(*command, flags->pilot, flags->plan);
  command->add_option("--studies", flags->studies, "Simulated ones")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--seed", flags->seed, "Of the simulation")->capture_default_str();
  command->add_option("--threads", flags->threads, "Of no influence on the numbers")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command
      ->add_option("--half-width", flags->half_width,
                   "Also find the seeds a cell with which half of the studies have at most this "
                   "half-width of alpha")
      ->check(CLI::Range(0.001, 5.0));
  command->add_option("--most-seeds", flags->most, "A cell, for --half-width")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  command->add_flag("--json", flags->json, "JSON on standard output instead of the table");
  add_scale(*command, flags->plan.scale);
  add_explain(*command, explain_power);
  command->callback([flags] { power(*flags); });
}

}  // namespace surd::analysis
