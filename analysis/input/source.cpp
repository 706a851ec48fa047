#include "analysis/input/source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>

#include "analysis/input/axes.hpp"
#include "analysis/input/csv.hpp"
#include "analysis/input/late.hpp"
#include "base/error.hpp"
#include "base/files.hpp"

// The bytes of analysis/input/figure1.csv: see surd_embed in cmake/SurdPlotly.cmake.
extern "C" {
extern const char surd_figure1_csv[];
extern const char surd_figure1_csv_end[];
}

namespace surd::analysis {
namespace {

Input published_figure() {
  const std::string_view text(surd_figure1_csv,
                              static_cast<std::size_t>(surd_figure1_csv_end - surd_figure1_csv));
  Input input = input_from_csv(parse_csv(text, figure1_word));
  input.baseline = "standard";  // the paper's own
  // Its one accuracy column is the paper's, which names no learning rates: nothing was selected
  // here.
  input.notes = {
      "figure1: the published Figure 1 of arXiv 2402.13934, read off its image to about half a "
      "point; one run a cell, at lengths of this program"};
  return input;
}

std::vector<Late> late_in(const store::Snapshot& run) {
  const store::Curves curves = run.curves();
  const std::vector<double> step(curves.step.begin(), curves.step.end());
  std::vector<Late> all;
  for (std::size_t i = 0; i < curves.start.size(); ++i) {
    const auto start = static_cast<std::size_t>(curves.start[i]);
    const auto count = static_cast<std::size_t>(curves.count[i]);
    const auto part = [&](const std::vector<double>& values) {
      return std::span(values).subspan(start, count);
    };
    all.push_back(late_of(static_cast<double>(run.rows()[i].steps), part(step),
                          part(curves.accuracy_validation), part(curves.loss_validation)));
  }
  return all;
}

bool is_hdf5(const std::filesystem::path& path) {
  constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
  return read_start(path, signature.size()) == signature;
}

}  // namespace

Input input_of(const store::Snapshot& run, const std::filesystem::path& path) {
  Input input{.path = path.string(), .trials = {}, .counted = {}, .notes = run.notes()};
  if (const auto fit = run.fit_settings()) {
    input.tau = fit->tau;
    input.baseline = fit->baseline;
  }
  const auto status_of = [&](const auto& row) {
    const auto status = std::find(status_words.begin(), status_words.end(), row.status);
    if (status == status_words.end()) {
      throw Error({.what = "unknown status of trial " + row.id,
                   .where = path.string(),
                   .expected = fmt::format("{}", fmt::join(status_words, ", ")),
                   .got = row.status});
    }
    return static_cast<law::Status>(status - status_words.begin());
  };
  for (const store::ResultRow& row : run.rows()) {
    law::Trial trial;
    trial.id = row.id;
    trial.task = row.task;
    trial.architecture = row.architecture;
    trial.axes = axes_label(row.further);
    trial.length = static_cast<double>(row.length);
    trial.hidden = static_cast<double>(row.hidden);
    trial.seed = row.seed;
    trial.learning_rate = row.learning_rate;
    trial.window = static_cast<int>(row.window);
    trial.accuracy_validation = row.accuracy_validation;
    trial.accuracy_test = row.accuracy_test;
    trial.status = status_of(row);
    const bool is_priced = !input.prices.empty() && input.prices.back().length == trial.length &&
                           input.prices.back().hidden == trial.hidden &&
                           input.prices.back().architecture == trial.architecture &&
                           input.prices.back().task == trial.task &&
                           input.prices.back().axes == trial.axes;  // trials come cell by cell
    if (!is_priced && (row.flops_forward > 0 || row.parameters > 0 || row.state_bytes > 0)) {
      input.prices.push_back({.task = trial.task,
                              .architecture = trial.architecture,
                              .axes = trial.axes,
                              .length = trial.length,
                              .hidden = trial.hidden,
                              .flops_forward = row.flops_forward,
                              .flops_generation = row.flops_generation,
                              .parameters = static_cast<double>(row.parameters),
                              .state_bytes = row.state_bytes});
    }
    input.trials.push_back(std::move(trial));
    input.flops.push_back(row.flops);
  }
  input.late = late_in(run);
  for (const store::AuditRow& row : run.audit()) {
    input.audited.push_back(
        {row.id, status_of(row), row.accuracy_validation_after, row.accuracy_test_after});
  }
  if (input.trials.empty())
    throw InputError({.what = "there are no trials",
                      .where = path.string(),
                      .advice = "Run the study first: surd run STUDY"});
  return input;
}

bool is_figure1(const std::filesystem::path& path) {
  std::error_code code;
  return path == figure1_word && !std::filesystem::exists(path, code);
}

Input read_input(const std::filesystem::path& path) {
  if (is_figure1(path)) return published_figure();
  std::error_code code;
  if (!std::filesystem::exists(path, code)) {
    throw InputError({.what = "there is no such file or folder",
                      .where = path.string(),
                      .expected = fmt::format(
                          "a run folder, a results.h5, a CSV file or the word {}", figure1_word)});
  }
  if (holds_run(path)) return input_of(*store::read_run(path), path);
  return input_from_csv(parse_csv(read_file(path), path.string()));
}

bool holds_run(const std::filesystem::path& path) {
  std::error_code code;
  return std::filesystem::is_directory(path, code) || is_hdf5(path);
}

}  // namespace surd::analysis
