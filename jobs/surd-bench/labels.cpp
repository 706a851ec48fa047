#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "bench/labels.hpp"
#include "jobs/surd-bench/commands.hpp"
#include "jobs/surd-bench/simulation.hpp"

namespace surd::jobs {
namespace {

struct LabelsArguments : Simulation {
  bool before = false;
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
  add_simulation(*command, *arguments, "of each law and design");
  command->add_flag("--before", arguments->before,
                    "also by the former rule: sqrt where neither 0 nor 1 is in the interval");
  command->callback([arguments] { measure(*arguments); });
}

}  // namespace surd::jobs
