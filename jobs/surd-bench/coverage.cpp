#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/option.hpp"
#include "bench/coverage.hpp"
#include "jobs/surd-bench/commands.hpp"

namespace surd::jobs {
namespace {

struct CoverageArguments {
  int seeds_a_cell = 3;
  int studies = 2000;
  std::uint64_t seed = 20240221;
  int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::string> scenarios;
  std::string json;
};

void measure(const CoverageArguments& arguments) {
  const auto cases = bench::coverage_cases(arguments.seeds_a_cell, arguments.studies,
                                           arguments.seed, arguments.threads);
  std::vector<std::string> names;
  for (const bench::CoverageCase& one : cases) names.push_back(one.name);
  for (const std::string& wanted : arguments.scenarios) {
    if (std::find(names.begin(), names.end(), wanted) != names.end()) continue;
    const std::string nearest = nearest_word(wanted, names);
    throw InputError({.what = "unknown scenario",
                      .expected = fmt::format("{}", fmt::join(names, ", ")),
                      .got = "'" + wanted + "'",
                      .advice = nearest.empty() ? "" : "Did you mean '" + nearest + "'?"});
  }
  Json rows = Json::array();
  fmt::print("{}", bench::coverage_header());
  for (const bench::CoverageCase& one : cases) {
    const auto& wanted = arguments.scenarios;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), one.name) == wanted.end())
      continue;
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
  command->add_option("--studies", arguments->studies, "of each scenario and alpha")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  command->add_option("--seed", arguments->seed, "of the simulated studies")->capture_default_str();
  command->add_option("--threads", arguments->threads, "of no influence on the numbers")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_option("--scenario", arguments->scenarios, "only these, by name")->delimiter(',');
  command->add_option("--json", arguments->json, "write what was measured to this file")
      ->check(output_file);
  command->callback([arguments] { measure(*arguments); });
}

}  // namespace surd::jobs
