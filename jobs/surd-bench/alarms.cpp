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
#include "bench/false_alarms.hpp"
#include "jobs/surd-bench/commands.hpp"

namespace surd::jobs {
namespace {

struct AlarmArguments {
  int seeds_a_cell = 3;
  int studies = 1000;
  std::uint64_t seed = 20240221;
  int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::string> scenarios;
  std::string json;
};

void measure(const AlarmArguments& arguments) {
  const auto cases = bench::alarm_cases();
  const auto& wanted = arguments.scenarios;
  std::vector<std::string> names;
  for (const bench::AlarmCase& one : cases) names.push_back(one.name);
  for (const std::string& name : wanted) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string nearest = nearest_word(name, names);
    throw InputError({.what = "unknown scenario",
                      .expected = fmt::format("{}", fmt::join(names, ", ")),
                      .got = fmt::format("'{}'", name),
                      .advice = nearest.empty() ? "" : fmt::format("Did you mean '{}'?", nearest)});
  }
  Json rows = Json::array();
  fmt::print("{}", bench::alarms_header());
  for (const bench::AlarmCase& one : cases) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), one.name) == wanted.end())
      continue;
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
