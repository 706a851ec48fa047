// surd-fit report: one HTML file with verdicts, figures, tables and provenance, and its figures as
// files.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <memory>

#include "analysis/findings/findings.hpp"
#include "analysis/flags.hpp"
#include "analysis/input/scale.hpp"
#include "analysis/input/source.hpp"
#include "analysis/report/figure_files.hpp"
#include "analysis/report/page.hpp"
#include "analysis/report/png.hpp"
#include "analysis/subcommands.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/option.hpp"
#include "base/shell.hpp"

namespace surd::analysis {
namespace {

struct ReportFlags {
  std::string input;
  std::string out = "report.html";
  std::string figures;
  bool png = false, pdf = false, plain = false;
  std::string column;
  Choices choices;
  SizeScale scale = SizeScale::hidden;
};

std::string command_line(const ReportFlags& flags, const Settings& settings) {
  const std::string at =
      settings.at.empty() ? std::string() : fmt::format(" --at {}", fmt::join(settings.at, ","));
  return fmt::format("surd-fit report {} --out {}{}{}{}{}{} --tau {} --baseline {}{}{}{}{}",
                     shell_word(flags.input), shell_word(flags.out), flags.plain ? " --plain" : "",
                     flags.figures.empty() ? "" : " --figures " + shell_word(flags.figures),
                     flags.column.empty() ? "" : " --column " + flags.column,
                     flags.png ? " --png" : "", flags.pdf ? " --pdf" : "", settings.tau,
                     shell_word(settings.baseline), at,
                     settings.options.penalties ? "" : " --no-penalties",
                     settings.options.lapse ? "" : " --no-lapse",
                     settings.scale == SizeScale::hidden
                         ? std::string()
                         : fmt::format(" --scale {}", words_of(settings.scale).key));
}

// Of a journal's page, in inches; 0 where none is asked for.
double width_of(const std::string& column) {
  return column == "one" ? 3.25 : column == "two" ? 6.75 : 0;
}

std::string changed_at(const std::filesystem::path& path) {
  std::error_code code;
  const auto time = std::filesystem::last_write_time(path, code);
  if (code) return "";
  const auto since_1970 = std::chrono::file_clock::to_sys(time).time_since_epoch();
  return iso_time(std::chrono::duration<double>(since_1970).count());
}

void report(const ReportFlags& flags, int& exit_code) {
  const std::filesystem::path rsvg_convert =
      flags.png || flags.pdf ? find_rsvg_convert(flags.png ? "--png" : "--pdf") : "";
  const std::unique_ptr<const store::Snapshot> run =
      holds_run(flags.input) ? store::read_run(flags.input) : nullptr;
  const Input input =
      in_scale(run ? input_of(*run, flags.input) : read_input(flags.input), flags.scale);
  const Findings findings = fit_what_there_is(input, flags.choices);
  Origin origin{.run = {},
                .training = {},
                .command = command_line(flags, findings.settings),
                .written = iso_time(unix_time_s()),
                .file_time = changed_at(flags.input)};
  if (run) {
    origin.run = run->provenance();
    origin.training = training_of(*run);
  }
  if (!flags.figures.empty()) make_folder(flags.figures, "the figures", "--figures");
  const Figures shown = figures(input, findings, origin.training ? &*origin.training : nullptr,
                                flags.plain ? plain_sampling : Sampling{});
  write_file_atomically(
      flags.out, page(input, findings, shown, origin, flags.plain ? Drawn::svg : Drawn::plotly));
  if (!flags.figures.empty()) {
    const double width_in = width_of(flags.column);
    const double zoom = width_in > 0 ? 300.0 / 96 : 2;  // 300 dots an inch, for print
    for (const std::filesystem::path& svg : write_figure_files(flags.figures, shown, width_in)) {
      if (flags.png) write_png(rsvg_convert, svg, zoom);
      if (flags.pdf) write_pdf(rsvg_convert, svg);
    }
  }
  print_notes(findings.notes);
  fmt::print("{}\n", flags.out);
  end_undetermined(undetermined(input, findings), exit_code);
}

}  // namespace

void add_report(CLI::App& app, int& exit_code) {
  const auto flags = std::make_shared<ReportFlags>();
  CLI::App* command = app.add_subcommand(
      "report", "Verdicts, figures and tables as one HTML file that works offline");
  add_input(*command, "input", flags->input);
  command->add_option("--out", flags->out, "The HTML file")
      ->capture_default_str()
      ->check(output_file);
  CLI::Option* figures = command->add_option(
      "--figures", flags->figures,
      "Also write success against width, alpha against the budget, heat maps, thresholds, profiles "
      "and forest plots to this folder, as SVG files without titles, and captions.txt");
  command
      ->add_flag("--png", flags->png,
                 "The same figures as PNG files too, by rsvg-convert (Debian: librsvg2-bin)")
      ->needs(figures);
  command->add_flag("--pdf", flags->pdf, "The same figures as PDF files too, by rsvg-convert")
      ->needs(figures);
  command
      ->add_option("--column", flags->column,
                   "The same figures as wide as one or two columns of a paper (3.25 or 6.75 "
                   "inches), with letters of 8 points")
      ->check(CLI::IsMember({"one", "two"}))
      ->needs(figures);
  command->add_flag("--plain", flags->plain,
                    "A page without script: the figures as SVG, a tenth of the size");
  add_at(*command, flags->choices);
  add_choices(*command, flags->choices);
  add_scale(*command, flags->scale);
  command->callback([flags, &exit_code] { report(*flags, exit_code); });
}

}  // namespace surd::analysis
