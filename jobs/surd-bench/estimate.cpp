#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/option.hpp"
#include "bench/estimate.hpp"
#include "jobs/surd-bench/commands.hpp"

namespace surd::jobs {
namespace {

struct EstimateArguments {
  int studies = 1000;
  std::uint64_t seed = 20240221;
  int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::string> scenarios;
  std::string json;
};

void measure_estimates(const EstimateArguments& arguments) {
  const std::vector<bench::EstimateCase> cases = bench::estimate_cases();
  std::vector<std::string> names;
  for (const bench::EstimateCase& one : cases) names.push_back(one.name);
  const auto& wanted = arguments.scenarios;
  for (const std::string& word : wanted) {
    if (std::find(names.begin(), names.end(), word) != names.end()) continue;
    const std::string nearest = nearest_word(word, names);
    throw InputError(
        {.what = "unknown scenario",
         .expected = fmt::format("{}", fmt::join(names, "; ")),
         .got = fmt::format("'{}'", word),
         .advice = nearest.empty() ? std::string() : fmt::format("Did you mean '{}'?", nearest)});
  }
  Json rows = Json::array();
  fmt::print("{}", bench::estimate_header());
  for (const bench::EstimateCase& one : cases) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), one.name) == wanted.end())
      continue;
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
  command->add_option("--studies", arguments->studies, "of each scenario and alpha")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  command->add_option("--seed", arguments->seed, "of the simulated studies")->capture_default_str();
  command->add_option("--threads", arguments->threads, "of no influence on the numbers")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_option("--scenario", arguments->scenarios, "only this, by name; may be repeated");
  command->add_option("--json", arguments->json, "write what was measured to this file")
      ->check(output_file);
  command->callback([arguments] { measure_estimates(*arguments); });
}

}  // namespace surd::jobs
