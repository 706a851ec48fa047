#include "analysis/flags.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>

#include "analysis/input/scale.hpp"
#include "analysis/input/source.hpp"
#include "base/option.hpp"

namespace surd::analysis {

void add_fit_options(CLI::App& command, law::Options& options) {
  command.add_flag_callback(
      "--no-penalties", [&options] { options.penalties = false; },
      "Plain maximum likelihood; fails under separation");
  command.add_flag_callback(
      "--no-lapse", [&options] { options.lapse = false; }, "Every failure is a lack of width");
}

void add_choices(CLI::App& command, Choices& choices) {
  command
      .add_option("--tau", choices.tau,
                  "Test accuracy from which a seed is solved (default: the study's, else 0.9)")
      ->check(CLI::Range(1e-9, 1.0));
  command.add_option(
      "--baseline", choices.baseline,
      "Architecture that the others are compared with (default: the study's, else the first)");
  add_fit_options(command, choices.options);
}

void add_scale(CLI::App& command, SizeScale& scale) {
  std::map<std::string, SizeScale> words;
  for (const SizeScale one :
       {SizeScale::hidden, SizeScale::parameters, SizeScale::state_bytes, SizeScale::flops_forward})
    words.emplace(words_of(one).key, one);
  command
      .add_option("--scale", scale,
                  "What models are sized in: hidden (the width), or the column parameters, "
                  "state_bytes or flops_forward (default: hidden)")
      ->transform(CLI::CheckedTransformer(std::move(words)));
}

void add_at(CLI::App& command, Choices& choices) {
  command
      .add_option("--at", choices.at,
                  "Also compare the widths at these lengths, such as 64,128, where both were run "
                  "(the largest always is)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(positive_number);
}

void add_input(CLI::App& command, const std::string& name, std::string& input) {
  command
      .add_option(name, input,
                  "Run folder, results.h5, CSV or the word figure1 (the published figure)")
      ->required();
}

void print_notes(std::span<const std::string> notes) {
  for (const std::string& note : notes) fmt::print(stderr, "note: {}\n", note);
}

void end_undetermined(const std::optional<Report>& why, int& exit_code) {
  if (!why) return;
  if (std::fflush(stdout) != 0) throw Error("the output could not be written");
  fmt::print(stderr, "surd-fit: {}\n", to_string(*why));
  exit_code = static_cast<int>(Exit::undetermined);
}

void add_explain(CLI::App& command, std::string (*words)()) {
  command
      .add_flag_callback(
          "--explain",
          [words] {
            fmt::print("{}", words());
            throw CLI::Success();
          },
          "Say what each table and column means, and end (needs no input)")
      ->trigger_on_parse();
}

void add_planned_flags(CLI::App& command, std::string& pilot, PlannedFlags& flags) {
  command.add_option(
      "input", pilot,
      "Results of a pilot to take grid and guesses from: run folder, results.h5 or CSV (optional)");
  command.add_option("--task", flags.task, "Of the input");
  command.add_option("--architecture", flags.architecture, "Of the input");
  command.add_option("--axes", flags.axes,
                     "Of the input: its further axes as fit prints them, \"model.layers=2\"");
  add_choices(command, flags.choices);
  command.add_option("--lengths", flags.lengths,
                     "16,32,64, or 16..256 by doublings, or 16..256*1.4142 (default 16..256)");
  command.add_option("--widths", flags.widths, "The same for widths (default 8..1024)");
  command.add_option("--seeds", flags.seeds, "A cell (default 3)")->check(CLI::Range(1, 100'000));
  command.add_option("--alpha", flags.alpha, "Guess at the exponent (default 0.5)")
      ->check(CLI::Range(-2.0, 3.0));
  command
      .add_option("--threshold", flags.threshold,
                  "Guess at the width needed at the geometric mean length (default: in the middle "
                  "of the widths)")
      ->check(positive_number);
  command.add_option("--kappa", flags.kappa, "Guess at the steepness in ln width (default 6)")
      ->check(CLI::Range(0.01, 1e4));
  command
      .add_option("--lapse", flags.lapse,
                  "Guess at the share of failures although the width suffices (default 0.05)")
      ->check(CLI::Range(0.0, 0.99));
  command
      .add_option("--lapse-longest", flags.lapse_longest,
                  "The same at the largest length, where it grows (default: as --lapse)")
      ->check(CLI::Range(0.0, 0.99));
  command
      .add_option("--scatter", flags.scatter,
                  "Standard deviation of the log thresholds about the law (default 0; power: that "
                  "of the input, where there is one)")
      ->check(CLI::Range(0.0, 10.0));
  command
      .add_option("--baseline-alpha", flags.baseline_alpha,
                  "Guess at the exponent of the baseline (default 0)")
      ->check(CLI::Range(-2.0, 3.0));
  command
      .add_option("--baseline-threshold", flags.baseline_threshold,
                  "Guess at the baseline's width (default: as --threshold)")
      ->check(positive_number);
  command.add_flag("--no-baseline", flags.no_baseline,
                   "Only one architecture: no difference, and no verdict of sqrt");
}

std::optional<Input> read_pilot(const std::string& pilot) {
  return pilot.empty() ? std::nullopt : std::optional(read_input(pilot));
}

}  // namespace surd::analysis
