// surd-fit compare: two results, cell by cell and exponent by exponent. One may be the published
// Figure 1.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "analysis/findings/compare.hpp"
#include "analysis/findings/settings.hpp"
#include "analysis/flags.hpp"
#include "analysis/input/scale.hpp"
#include "analysis/input/source.hpp"
#include "analysis/report/compare_output.hpp"
#include "analysis/subcommands.hpp"
#include "base/files.hpp"
#include "base/option.hpp"

namespace surd::analysis {

void add_compare(CLI::App& app, int& exit_code) {
  struct Flags {
    Both<std::string> inputs;
    std::optional<double> tau;
    law::Options options;
    SizeScale scale = SizeScale::hidden;
    bool json = false;
    std::string csv;
  };
  const auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand(
      "compare",
      "Two results, cell by cell and exponent by exponent; one may be the published figure1");
  add_input(*command, "A", flags->inputs[0]);
  command->add_option("B", flags->inputs[1], "The same")->required();
  command
      ->add_option("--tau", flags->tau,
                   "Test accuracy from which a seed is solved (default: that of A's study, else of "
                   "B's, else 0.9)")
      ->check(CLI::Range(1e-9, 1.0));
  add_fit_options(*command, flags->options);
  add_scale(*command, flags->scale);
  command->add_flag("--json", flags->json, "JSON on standard output instead of the table");
  command->add_option("--csv", flags->csv, "Also write the cells as CSV to this file")
      ->check(output_file);
  add_explain(*command, explain_compare);
  command->callback([flags, &exit_code] {
    const Both<Input> inputs = {in_scale(read_input(flags->inputs[0]), flags->scale),
                                in_scale(read_input(flags->inputs[1]), flags->scale)};
    const double tau =
        flags->tau.value_or(inputs[0].tau.value_or(inputs[1].tau.value_or(usual_tau)));
    Compared compared = compare(inputs, tau, flags->options);
    for (const int side : {0, 1}) {
      if (inputs[side].tau && *inputs[side].tau != tau) {
        compared.notes.push_back(
            fmt::format("{}: its study asks for the test accuracy {}; both are judged at {}",
                        letters[side], *inputs[side].tau, tau));
      }
    }
    print_notes(compared.notes);
    if (!flags->csv.empty()) write_file_atomically(flags->csv, to_csv(compared));
    fmt::print("{}", flags->json ? to_json(compared).dump(2) + "\n" : table(compared));
    end_undetermined(undetermined(compared), exit_code);
  });
}

}  // namespace surd::analysis
