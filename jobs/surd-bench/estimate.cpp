#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "bench/estimate.hpp"
#include "jobs/surd-bench/commands.hpp"
#include "jobs/surd-bench/simulation.hpp"

namespace surd::jobs {
namespace {

struct EstimateArguments : Simulation {
  std::vector<std::string> scenarios;
};

void measure_estimates(const EstimateArguments& arguments) {
  const auto cases = chosen(bench::estimate_cases(), arguments.scenarios, "; ");
  Json rows = Json::array();
  fmt::print("{}", bench::estimate_header());
  for (const bench::EstimateCase& one : cases) {
    for (const double alpha : {0.0, 0.5, 1.0}) {
      const bench::EstimateRow row =
          bench::measure_estimate(one, alpha, arguments.studies, arguments.seed, arguments.threads);
      fmt::print("{}", bench::estimate_line(row));
      std::fflush(stdout);
      rows.push_back(bench::to_json(row));
    }
  }
  write_measurement(
      arguments.json,
      {{"measured", "estimate"}, {"seed", arguments.seed}, {"rows", std::move(rows)}});
}

}  // namespace

void add_bench_estimate_command(CLI::App& app) {
  const auto arguments = std::make_shared<EstimateArguments>();
  CLI::App* command = app.add_subcommand(
      "estimate", "Whether accuracies near a threshold say more of alpha than solved and unsolved");
  add_simulation(*command, *arguments, "of each scenario and alpha");
  command->add_option("--scenario", arguments->scenarios, "only this, by name; may be repeated");
  command->callback([arguments] { measure_estimates(*arguments); });
}

}  // namespace surd::jobs
