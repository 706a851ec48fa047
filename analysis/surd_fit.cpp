// surd-fit: from results to exponents, offline.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "analysis/fit.hpp"
#include "analysis/report.hpp"
#include "base/error.hpp"
#include "base/version.hpp"

int main(int count, char** values) {
  try {
    CLI::App app("Scaling exponents of threshold widths, with honest intervals", "surd-fit");
    app.set_version_flag("--version", fmt::format("surd-fit {} ({})", surd::version(), surd::revision()));
    app.require_subcommand(1);
    surd::analysis::add_fit(app);
    surd::analysis::add_report(app);
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
