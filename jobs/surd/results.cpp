#include "jobs/surd/results.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/option.hpp"
#include "base/shell.hpp"
#include "store/merge.hpp"
#include "store/results.hpp"
#include "store/run_folder.hpp"
#include "store/salvage.hpp"
#include "store/snapshot.hpp"
#include "store/verify.hpp"

namespace surd::jobs {

namespace {

struct ResultsOptions {
  std::vector<std::string> runs;
  std::string csv;
  std::string out;
  bool audit = false;
  bool salvage = false;
};

// False where the journal is whole.
bool salvage(const std::string& run) {
  const store::SalvageReport report = store::salvage_run(run);
  if (report.faults.empty()) return false;
  for (const std::string& fault : report.faults) fmt::print("damaged: {}\n", fault);
  for (const store::SeqRange& gap : report.missing) fmt::print("lost: {}\n", to_string(gap));
  for (const std::string& trial : report.trials) fmt::print("lost: {}\n", trial);
  for (const std::string& note : report.notes) fmt::print("note: {}\n", note);
  fmt::print("{}: a new journal of {} records; the damaged one is {}. `surd run {}` goes on\n", run,
             report.kept, report.damaged.string(), shell_word(run));
  return true;
}

void rebuild(const ResultsOptions& options) {
  for (const std::string& run : options.runs) {
    if (options.salvage && salvage(run)) continue;
    store::rebuild_results(run);
    fmt::print("{}: made from the journal\n", store::RunFolder(run).results().string());
  }
}

void verify(const ResultsOptions& options, int& exit_code) {
  for (const std::string& run : options.runs) {
    const store::Verification found = store::verify_run(run);
    for (const std::string& sentence : found.damage) fmt::print("damaged: {}\n", sentence);
    for (const std::string& sentence : found.notes) fmt::print("note: {}\n", sentence);
    fmt::print("{}: {} records, {} finished trials, {} checkpoints: {}\n", run, found.records,
               found.trials_done, found.checkpoints,
               found.damage.empty() ? "whole" : fmt::format("{} faults", found.damage.size()));
    if (!found.damage.empty()) exit_code = static_cast<int>(Exit::error);
  }
}

void export_table(const ResultsOptions& options) {
  const std::string& run = options.runs.front();
  std::string text;
  std::size_t count = 0;
  const auto take = [&](const auto& rows) { text = store::to_csv(rows), count = rows.size(); };
  const auto snapshot = store::read_run(run);
  for (const std::string& note : snapshot->notes()) fmt::print(stderr, "note: {}\n", note);
  if (options.audit) {
    take(snapshot->audit());
    if (count == 0)
      throw InputError({.what = "there was no budget audit",
                        .where = run,
                        .advice = fmt::format("surd run {} --audit 0.05 makes one", run)});
  } else {
    take(snapshot->rows());
  }
  if (options.csv == "-") {
    fmt::print("{}", text);
    return;
  }
  write_file_atomically(options.csv, text);
  fmt::print("{}: {} trials\n", options.csv, count);
}

void merge(const ResultsOptions& options) {
  const std::vector<std::filesystem::path> runs(options.runs.begin(), options.runs.end());
  const store::MergeReport report = store::merge_runs(runs, options.out);
  for (const std::string& note : report.notes) fmt::print("note: {}\n", note);
  fmt::print("{}: {} finished trials of {} runs, {} of them in several with equal results\n",
             options.out, report.trials, runs.size(), report.shared);
}

}  // namespace

void add_results_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<ResultsOptions>();
  CLI::App* command =
      app.add_subcommand("results", "Rebuild, verify, export and merge what runs found");
  command->require_subcommand(1);

  CLI::App* rebuilding =
      command->add_subcommand("rebuild", "Make results.h5 from the journal alone");
  rebuilding->add_option("runs", options->runs, "Run folders")->required();
  rebuilding->add_flag("--salvage", options->salvage,
                       "First a new journal from what is whole of a damaged one");
  rebuilding->callback([options] { rebuild(*options); });

  CLI::App* verifying = command->add_subcommand(
      "verify", "Check journal, checkpoints and results.h5; exit 1 on damage");
  verifying->add_option("runs", options->runs, "Run folders")->required();
  verifying->callback([options, &exit_code] { verify(*options, exit_code); });

  CLI::App* exporting = command->add_subcommand("export", "Write the table of trials as CSV");
  exporting->add_option("run", options->runs, "Run folder or results.h5")->required()->expected(1);
  exporting->add_option("--csv", options->csv, "File to write, - for the terminal")
      ->required()
      ->check(
          [](const std::string& path) { return path == "-" ? std::string() : output_file(path); });
  exporting->add_flag("--audit", options->audit, "The table of the budget audit instead");
  exporting->callback([options] { export_table(*options); });

  CLI::App* merging =
      command->add_subcommand("merge", "Put the finished trials of several runs into a new folder");
  merging
      ->add_option("runs", options->runs, "Run folders; of equal trials the first's result is kept")
      ->required();
  merging->add_option("--out", options->out, "The new run folder")->required();
  merging->callback([options] { merge(*options); });
}

}  // namespace surd::jobs
