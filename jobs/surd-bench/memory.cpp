#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/option.hpp"
#include "bench/memory.hpp"
#include "jobs/surd-bench/commands.hpp"
#include "spec/architecture.hpp"

namespace surd::jobs {
namespace {

struct MemoryArguments {
  bool answer = false;
  int steps = 20;
  std::string json;
};

void run(const MemoryArguments& arguments) {
  if (arguments.answer) return bench::answer_memory();
  Json cases = Json::array();
  fmt::print(
      "| task | L | D | architecture | layers | batch | lanes | precision | forecast MB | measured "
      "MB | ratio | growth MB |\n");
  fmt::print("|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (const auto& [trial, lanes] : bench::memory_cases(arguments.steps)) {
    const bench::MemoryUse use = bench::measure_memory_apart("/proc/self/exe", trial, lanes);
    const double forecast_bytes = bench::forecast_bytes(trial, lanes);
    const std::string label = spec::label(trial.architecture),
                      precision = spec::to_string(trial.recipe.precision);
    fmt::print("| {} | {} | {} | {} | {} | {} | {} | {} | {:.1f} | {:.1f} | {:.2f} | {:.2f} |\n",
               trial.task.name, trial.length, trial.hidden, label, trial.model.layers,
               trial.recipe.batch_sequences, lanes, precision, forecast_bytes / 1e6,
               use.peak_bytes / 1e6, forecast_bytes / use.peak_bytes, use.growth_bytes / 1e6);
    std::fflush(stdout);
    cases.push_back({{"trial", spec::to_json(trial)},
                     {"task", trial.task.name},
                     {"length", trial.length},
                     {"hidden", trial.hidden},
                     {"architecture", label},
                     {"layers", trial.model.layers},
                     {"batch_sequences", trial.recipe.batch_sequences},
                     {"lanes", lanes},
                     {"precision", precision},
                     {"forecast_bytes", forecast_bytes},
                     {"peak_bytes", use.peak_bytes},
                     {"growth_bytes", use.growth_bytes}});
  }
  write_measurement(arguments.json, {{"measured", "memory"}, {"cases", cases}});
}

}  // namespace

void add_bench_memory_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "memory",
      "Peak memory of bundles above the idle process, each in a new process, against the forecast");
  const auto arguments = std::make_shared<MemoryArguments>();
  command
      ->add_option(
          "--steps", arguments->steps,
          "of each bundle; growth counts from the 100th to the last full hundred before the end")
      ->capture_default_str()
      ->check(CLI::Range(2, 1'000'000));
  command->add_flag("--answer", arguments->answer)->group("");
  command->add_option("--json", arguments->json, "write everything measured to this file")
      ->check(output_file);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace surd::jobs
