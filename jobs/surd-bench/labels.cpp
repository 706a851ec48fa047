#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "base/option.hpp"
#include "bench/labels.hpp"
#include "jobs/surd-bench/commands.hpp"

namespace surd::jobs {
namespace {

struct LabelsArguments {
  int studies = 1000;
  std::uint64_t seed = 20240221;
  int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  bool before = false;
  std::string json;
};

void measure(const LabelsArguments& arguments) {
  Json rows = Json::array();
  for (const bench::LabelDesign& design : bench::label_designs()) {
    fmt::print("{}{}:\n\n{}", rows.empty() ? "" : "\n", design.name,
               bench::labels_header(arguments.before));
    for (const bench::LabelLaw& law : bench::label_laws()) {
      const bench::LabelRow row =
          bench::measure_labels(design, law, arguments.studies, arguments.seed, arguments.threads);
      fmt::print("{}", bench::labels_line(law, row, arguments.before));
      std::fflush(stdout);
      rows.push_back(bench::to_json(design, law, row));
    }
  }
  write_measurement(arguments.json,
                    {{"measured", "labels"}, {"seed", arguments.seed}, {"rows", std::move(rows)}});
}

}  // namespace

void add_bench_labels_command(CLI::App& app) {
  const auto arguments = std::make_shared<LabelsArguments>();
  CLI::App* command = app.add_subcommand(
      "labels", "Which verdict simulated studies of known laws get, and how many are wrong");
  command->add_option("--studies", arguments->studies, "of each law and design")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  command->add_option("--seed", arguments->seed, "of the simulated studies")->capture_default_str();
  command->add_option("--threads", arguments->threads, "of no influence on the numbers")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_flag("--before", arguments->before,
                    "also by the former rule: sqrt where neither 0 nor 1 is in the interval");
  command->add_option("--json", arguments->json, "write what was measured to this file")
      ->check(output_file);
  command->callback([arguments] { measure(*arguments); });
}

}  // namespace surd::jobs
