#include "program/program.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <vector>

#include "base/error.hpp"
#include "base/exception_words.hpp"
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

// Needs no memory.
void print_error(const char* program, const std::exception& error) {
  for (const char* part : {program, ": ", words_of(error), "\n"}) std::fputs(part, stderr);
}

std::terminate_handler former_terminate = nullptr;

// Memory may also run out where no exception can pass: that is no bug, and ends alike.
[[noreturn]] void end_without_memory() {
  try {
    if (const auto exception = std::current_exception()) std::rethrow_exception(exception);
  } catch (const std::bad_alloc& error) {
    print_error(program_invocation_short_name, error);
    ::_exit(static_cast<int>(Exit::error));
  } catch (...) {  // a bug: with a core dump
  }
  if (former_terminate != nullptr) former_terminate();
  std::abort();
}

// What the system does to a program at a limit of its user's: a sentence, not a signal.
void prepare_for_limits() {
  std::signal(SIGXFSZ, SIG_IGN);  // a file at its limit (ulimit -f) is a failed write then
  if (std::get_terminate() != end_without_memory)
    former_terminate = std::set_terminate(end_without_memory);
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
  prepare_for_limits();
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
    print_error(app.get_name().c_str(), error);
    return static_cast<int>(Exit::error);
  }
}

}  // namespace surd::program
