// surd-run gets from `surd run` what the user wrote, to the letter.
#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

#include "program/launched.hpp"
#include "program/run_options.hpp"

using namespace surd::program;

namespace {

RunOptions parsed(const std::vector<std::string>& arguments) {
  CLI::App app("", "surd-run");
  RunOptions options;
  add_run_options(app, options);
  app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  return options;
}

}  // namespace

TEST_CASE("options come back from the command line that they are written as") {
  const RunOptions all{.study = "a study.yaml",
                       .out = "runs/of mine",
                       .overrides = {"grid.length=[16, 24]", "grid.architecture=[{sparse: {c: 2}}]",
                                     "question='why?'", "recipe.steps=50"},
                       .device = "cuda",
                       .group = "nccl",
                       .audit = 0.1 + 0.2,
                       .shrink = true};
  CHECK(parsed(to_arguments(all)) == all);
  const RunOptions few{.study = "runs/quickstart"};
  CHECK(to_arguments(few) == std::vector<std::string>{"runs/quickstart"});
  CHECK(parsed(to_arguments(few)) == few);
}

TEST_CASE("every option of a run is written again, none is forgotten") {
  CLI::App app("", "surd-run");
  RunOptions options;
  add_run_options(app, options);
  const RunOptions all{"study", "out", {"key=value"}, "cuda", "nccl", 0.5, true};
  const std::vector<std::string> written = to_arguments(all);
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_name() == "--help" || option->get_positional()) continue;
    INFO(option->get_name());
    CHECK(std::count(written.begin(), written.end(), option->get_name()) == 1);
  }
}

TEST_CASE("the processes that surd starts know how many they are") {
  ::unsetenv("SURD_LAUNCHED_RANKS");
  CHECK_FALSE(launched_ranks());
  CHECK(launched_setting(3) == "SURD_LAUNCHED_RANKS=3");
  ::setenv("SURD_LAUNCHED_RANKS", "3", 1);
  CHECK(launched_ranks() == 3);
  ::setenv("SURD_LAUNCHED_RANKS", "three", 1);
  CHECK_FALSE(launched_ranks());
  ::unsetenv("SURD_LAUNCHED_RANKS");
}
