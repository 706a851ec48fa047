#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bench/coverage.hpp"
#include "jobs/surd-bench/commands.hpp"
#include "jobs/surd-bench/simulation.hpp"

namespace surd::jobs {
namespace {

struct CoverageArguments : Simulation {
  CoverageArguments() { studies = 2000; }

  int seeds_a_cell = 3;
  std::vector<std::string> scenarios;
};

void measure(const CoverageArguments& arguments) {
  const auto cases = chosen(bench::coverage_cases(arguments.seeds_a_cell, arguments.studies,
                                                  arguments.seed, arguments.threads),
                            arguments.scenarios);
  Json rows = Json::array();
  fmt::print("{}", bench::coverage_header());
  for (const bench::CoverageCase& one : cases) {
    for (const law::Experiment& experiment : one.experiments) {
      const bench::CoverageRow row = bench::measure_coverage(one.name, experiment);
      fmt::print("{}", bench::coverage_line(row));
      std::fflush(stdout);
      rows.push_back(bench::to_json(row));
    }
  }
  write_measurement(
      arguments.json,
      {{"measured", "coverage"}, {"seed", arguments.seed}, {"rows", std::move(rows)}});
}

}  // namespace

void add_bench_coverage_command(CLI::App& app) {
  const auto arguments = std::make_shared<CoverageArguments>();
  CLI::App* command = app.add_subcommand(
      "coverage", "How often 95 % intervals of alpha hold the truth of simulated studies");
  command->add_option("--seeds-a-cell", arguments->seeds_a_cell, "of the full grids")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  add_simulation(*command, *arguments, "of each scenario and alpha");
  command->add_option("--scenario", arguments->scenarios, "only these, by name")->delimiter(',');
  command->callback([arguments] { measure(*arguments); });
}

}  // namespace surd::jobs
