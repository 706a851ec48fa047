#include "bench/utilisation.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "jobs/surd-bench/commands.hpp"

namespace surd::jobs {
namespace {

struct UtilisationArguments {
  std::vector<int> workers = {2, 8, 64};
  std::vector<int> curves = {1, 3, 9};
  std::vector<int> at_once = {16, 64};
  int studies = 5;
  std::string json;
};

void measure(const UtilisationArguments& arguments) {
  fmt::print("{}", bench::utilisation_header());
  Json rows = Json::array();
  for (const grid::Goal goal : {grid::Goal::alpha, grid::Goal::delta}) {
    for (const int curves : arguments.curves) {
      if (goal == grid::Goal::delta && curves == 1) continue;
      for (const int at_once : arguments.at_once) {
        for (const int workers : arguments.workers) {
          const bench::UtilisationRow row = bench::measure_utilisation(
              {.workers = workers, .curves = curves, .at_once = at_once, .goal = goal},
              arguments.studies);
          fmt::print("{}", bench::utilisation_line(row));
          std::fflush(stdout);
          rows.push_back(bench::to_json(row));
        }
      }
    }
  }
  write_measurement(arguments.json, {{"measured", "utilisation"}, {"rows", std::move(rows)}});
}

}  // namespace

void add_bench_utilisation_command(CLI::App& app) {
  const auto arguments = std::make_shared<UtilisationArguments>();
  CLI::App* command = app.add_subcommand(
      "utilisation", "Share of the workers' time that a search (design boundary) uses, simulated");
  command->add_option("--workers", arguments->workers)
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  command->add_option("--curves", arguments->curves, "1, 3 or 9")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::IsMember({1, 3, 9}));
  command->add_option("--at-once", arguments->at_once, "run.boundary.at_once")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--studies", arguments->studies, "simulated, for each row")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  command->add_option("--json", arguments->json, "also write the figures to this file");
  command->callback([arguments] { measure(*arguments); });
}

}  // namespace surd::jobs
