#include "jobs/program.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "base/error.hpp"
#include "base/version.hpp"

namespace surd::jobs {

void prepare(CLI::App& app) {
  app.set_version_flag("--version", fmt::format("{} {} ({})", app.get_name(), version(), revision()));
  app.require_subcommand(0, 1);
  app.failure_message([](const CLI::App* program, const CLI::Error& error) {
    return fmt::format("{}: {}. Run {} --help to see what there is\n", program->get_name(), error.what(), program->get_name());
  });
}

int run_program(CLI::App& app, int argc, char** argv, const std::function<int()>& body) {
  try {
    // Inside the try: subcommands do their work in callbacks, which run during parsing.
    app.parse(argc, argv);
    return body();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(Exit::bad_input);
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}\n", app.get_name(), error.what());
    return static_cast<int>(error.exit_code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", app.get_name(), error.what());
    return static_cast<int>(Exit::error);
  }
}

}  // namespace surd::jobs
