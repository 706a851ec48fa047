// surd-fit fit: exponents with intervals, as a table, JSON and CSV.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "analysis/findings/findings.hpp"
#include "analysis/flags.hpp"
#include "analysis/input/scale.hpp"
#include "analysis/input/source.hpp"
#include "analysis/report/all_tables.hpp"
#include "analysis/report/fit_output.hpp"
#include "analysis/subcommands.hpp"
#include "base/files.hpp"
#include "base/option.hpp"

namespace surd::analysis {

void add_fit(CLI::App& app, int& exit_code) {
  struct Flags {
    std::string input;
    Choices choices;
    SizeScale scale = SizeScale::hidden;
    bool json = false, verbose = false, latex = false;
    std::string csv, csv_folder;
  };
  const auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand(
      "fit", "Exponents with intervals from a run folder, a results.h5 or a CSV file");
  add_input(*command, "input", flags->input);
  add_choices(*command, flags->choices);
  add_scale(*command, flags->scale);
  add_at(*command, flags->choices);
  CLI::Option* json =
      command->add_flag("--json", flags->json, "JSON on standard output instead of the tables");
  CLI::Option* verbose =
      command
          ->add_flag(
              "--verbose", flags->verbose,
              "All that was found: details, compute to solve, other laws, the largest length "
              "predicted, sensitivity, trials not used")
          ->excludes(json);
  command->add_option("--csv", flags->csv, "Also write the fits as CSV to this file")
      ->check(output_file);
  command->add_option("--csv-dir", flags->csv_folder,
                      "Also write every table as CSV to this folder, made where it is missing: "
                      "exponents.csv, contrasts.csv, thresholds.csv, cells.csv and so on");
  command
      ->add_flag("--latex", flags->latex,
                 "Exponents and differences as LaTeX (booktabs) instead of the tables")
      ->excludes(json)
      ->excludes(verbose);
  add_explain(*command, explain_fit);
  command->callback([flags, &exit_code] {
    const Input input = in_scale(read_input(flags->input), flags->scale);
    const Findings findings = fit_what_there_is(input, flags->choices);
    if (!flags->csv.empty()) write_file_atomically(flags->csv, to_csv(findings));
    if (!flags->csv_folder.empty()) write_all_tables(flags->csv_folder, findings);
    if (flags->json) {
      print_notes(findings.notes);
      fmt::print("{}\n", to_json(findings).dump(2));
    } else if (flags->latex) {
      print_notes(findings.notes);
      fmt::print("{}", to_latex(findings));
    } else {
      fmt::print("{}", to_text(findings, flags->verbose ? Detail::all : Detail::main));
    }
    end_undetermined(undetermined(input, findings), exit_code);
  });
}

}  // namespace surd::analysis
