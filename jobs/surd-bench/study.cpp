#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/option.hpp"
#include "bench/large_study.hpp"
#include "jobs/surd-bench/commands.hpp"
#include "sweep/machine.hpp"

namespace surd::jobs {
namespace {

struct StudyArguments {
  int trials = 100'000;
  int workers = 1000;
  std::string folder = std::filesystem::temp_directory_path();
  std::string json;
};

void add(CLI::App& app, const std::string& name, const std::string& help,
         const std::shared_ptr<StudyArguments>& arguments,
         const std::function<Json(const grid::Study&, const StudyArguments&)>& measure) {
  CLI::App* command = app.add_subcommand(name, help);
  command->add_option("--trials", arguments->trials, "of the study, at least")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  if (name == "dispatch") {
    command->add_option("--workers", arguments->workers, "simulated ones")
        ->capture_default_str()
        ->check(CLI::Range(1, 100'000));
  }
  if (name == "store")
    command->add_option("--folder", arguments->folder, "on the disk to measure")
        ->capture_default_str();
  command->add_option("--json", arguments->json, "write what was measured to this file")
      ->check(output_file);
  command->callback([=] {
    Json measured = measure(bench::large_study(arguments->trials), *arguments);
    for (const auto& [key, value] : measured.items())
      fmt::print(
          "{:<18} {}\n", key,
          value.is_number_float() ? fmt::format("{:.4g}", value.get<double>()) : value.dump());
    measured["measured"] = name;
    write_measurement(arguments->json, measured);
  });
}

}  // namespace

void write_measurement(const std::string& path, Json measured) {
  if (path.empty()) return;
  measured["machine"] = sweep::machine_text();
  measured["time"] = iso_time(unix_time_s());
  write_file_atomically(path, measured.dump(2) + "\n");
}

void add_bench_study_commands(CLI::App& app) {
  add(app, "dispatch", "Events a second of the scheduler on a large study, on simulated workers",
      std::make_shared<StudyArguments>(),
      [](const grid::Study& study, const StudyArguments& arguments) {
        return bench::measure_dispatch(study, arguments.workers);
      });
  add(app, "store", "Journal appends and results.h5 of a large study",
      std::make_shared<StudyArguments>(),
      [](const grid::Study& study, const StudyArguments& arguments) {
        return bench::measure_store(study, arguments.folder);
      });
  add(app, "fit", "From the trials of a large study to exponents",
      std::make_shared<StudyArguments>(),
      [](const grid::Study& study, const StudyArguments&) { return bench::measure_fit(study); });
}

}  // namespace surd::jobs
