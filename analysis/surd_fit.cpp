// surd-fit: from results to exponents, offline.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "analysis/findings/compare.hpp"
#include "analysis/fit.hpp"
#include "analysis/findings/next.hpp"
#include "analysis/findings/power.hpp"
#include "analysis/report.hpp"
#include "analysis/findings/steps.hpp"
#include "base/error.hpp"
#include "base/version.hpp"

namespace {

// A first word that is no subcommand. CLI11 would only say that a subcommand is required.
void check_subcommand(const CLI::App& app, const std::string& word) {
  if (word.starts_with('-')) return;
  std::vector<std::string> words;
  for (const CLI::App* subcommand : app.get_subcommands({})) words.push_back(subcommand->get_name());
  if (std::find(words.begin(), words.end(), word) != words.end()) return;
  const std::string nearest = surd::nearest_word(word, words);
  throw surd::InputError({.what = "unknown subcommand",
                          .expected = fmt::format("{}", fmt::join(words, ", ")),
                          .got = "'" + word + "'",
                          .advice = nearest.empty() ? "Run surd-fit --help to see what there is" : "Did you mean '" + nearest + "'?"});
}

}  // namespace

int main(int count, char** values) {
  try {
    CLI::App app("Scaling exponents of threshold widths, with honest intervals", "surd-fit");
    app.set_version_flag("--version", fmt::format("surd-fit {} ({})", surd::version(), surd::revision()));
    app.require_subcommand(1);
    surd::analysis::add_fit(app);
    surd::analysis::add_report(app);
    surd::analysis::add_steps(app);
    surd::analysis::add_next(app);
    surd::analysis::add_power(app);
    surd::analysis::add_simulate(app);
    surd::analysis::add_compare(app);
    if (count > 1) check_subcommand(app, values[1]);
    try {
      app.parse(count, values);
    } catch (const CLI::ParseError& error) {
      const int code = app.exit(error);
      return code == 0 ? 0 : static_cast<int>(surd::Exit::bad_input);
    }
    return static_cast<int>(surd::Exit::complete);
  } catch (const surd::Error& error) {
    fmt::print(stderr, "surd-fit: {}\n", error.what());
    return static_cast<int>(error.exit_code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "surd-fit: unexpected: {}\n", error.what());
    return static_cast<int>(surd::Exit::error);
  }
}
