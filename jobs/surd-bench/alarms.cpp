#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bench/false_alarms.hpp"
#include "jobs/surd-bench/commands.hpp"
#include "jobs/surd-bench/simulation.hpp"

namespace surd::jobs {
namespace {

struct AlarmArguments : Simulation {
  int seeds_a_cell = 3;
  std::vector<std::string> scenarios;
};

void measure(const AlarmArguments& arguments) {
  const auto cases = chosen(bench::alarm_cases(), arguments.scenarios);
  Json rows = Json::array();
  fmt::print("{}", bench::alarms_header());
  for (const bench::AlarmCase& one : cases) {
    const bench::AlarmRow row = bench::measure_alarms(
        one, arguments.seeds_a_cell, arguments.studies, arguments.seed, arguments.threads);
    fmt::print("{}", bench::alarms_line(row));
    std::fflush(stdout);
    rows.push_back(bench::to_json(row));
  }
  write_measurement(arguments.json, {{"measured", "alarms"},
                                     {"seed", arguments.seed},
                                     {"seeds_a_cell", arguments.seeds_a_cell},
                                     {"rows", std::move(rows)}});
}

}  // namespace

void add_bench_alarms_command(CLI::App& app) {
  const auto arguments = std::make_shared<AlarmArguments>();
  CLI::App* command = app.add_subcommand(
      "alarms",
      "How often the fit doubts a curve's data: where the law holds, and in studies with a fault");
  command->add_option("--seeds-a-cell", arguments->seeds_a_cell)
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  add_simulation(*command, *arguments, "of each scenario and alpha");
  command->add_option("--scenario", arguments->scenarios, "only these, by name")->delimiter(',');
  command->callback([arguments] { measure(*arguments); });
}

}  // namespace surd::jobs
