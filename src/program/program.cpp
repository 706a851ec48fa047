#include "program/program.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <vector>

#include "base/error.hpp"
#include "base/version.hpp"

namespace surd::program {
namespace {

// CLI11 calls an unknown subcommand a missing one.
void check_subcommand(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> names;
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(each->get_name());
  if (names.empty() || argc < 2 || argv[1][0] == '-') return;
  const std::string word = argv[1];
  if (std::find(names.begin(), names.end(), word) != names.end()) return;
  const std::string near = nearest_word(word, names);
  throw InputError(
      {.what = "unknown subcommand",
       .expected = fmt::format("{}", fmt::join(names, ", ")),
       .got = fmt::format("'{}'", word),
       .advice = near.empty() ? fmt::format("Run {} --help to see what there is", app.get_name())
                              : fmt::format("Did you mean '{}'?", near)});
}

}  // namespace

void prepare(CLI::App& app) {
  app.set_version_flag("--version",
                       fmt::format("{} {} ({})", app.get_name(), version(), revision()));
  app.require_subcommand(0, 1);
  app.failure_message([](const CLI::App* program, const CLI::Error& error) {
    return fmt::format("{}: {}. Run {} --help to see what there is\n", program->get_name(),
                       error.what(), program->get_name());
  });
}

int run(CLI::App& app, int argc, char** argv, const std::function<int()>& body) {
  try {
    check_subcommand(app, argc, argv);
    int code = 0;
    try {
      app.parse(argc, argv);  // subcommands do their work in callbacks, which run during parsing
      code = body();
    } catch (const CLI::ParseError& error) {  // --help and --version too
      code = app.exit(error) == 0 ? 0 : static_cast<int>(Exit::bad_input);
    }
    if (std::fflush(stdout) != 0 || !std::cout.flush())
      throw Error("the output could not be written");
    return code;
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}\n", app.get_name(), error.what());
    return static_cast<int>(error.exit_code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", app.get_name(), error.what());
    return static_cast<int>(Exit::error);
  }
}

}  // namespace surd::program
