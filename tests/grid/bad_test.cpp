// A wrong study file for each fault; tests/data/studies/bad/messages.txt holds the message of each.
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "base/files.hpp"
#include "grid/study.hpp"
#include "spec/architecture.hpp"
#include "tasks/task.hpp"

using namespace surd;
namespace fs = std::filesystem;

namespace {

const fs::path folder = SURD_SOURCE_DIR "/tests/data/studies/bad";

// "name.yaml" -> the whole line that begins with it, where {tasks} and {architectures} stand for
// all of them.
std::map<std::string, std::string> expected_messages() {
  const std::map<std::string, std::string> all = {
      {"{tasks}", fmt::format("{}", fmt::join(tasks::task_names(), ", "))},
      {"{architectures}", fmt::format("{}", fmt::join(spec::architecture_names(), ", "))}};
  std::map<std::string, std::string> messages;
  std::istringstream lines(read_file(folder / "messages.txt"));
  for (std::string line; std::getline(lines, line);) {
    for (const auto& [mark, names] : all) {
      if (const auto at = line.find(mark); at != std::string::npos)
        line.replace(at, mark.size(), names);
    }
    messages[line.substr(0, line.find(':'))] = line;
  }
  return messages;
}

}  // namespace

TEST_CASE("every wrong study file gives its message, with place, expectation and nearest word") {
  const auto expected = expected_messages();
  std::set<std::string> seen;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() != ".yaml") continue;
    const std::string name = file.path().filename();
    seen.insert(name);
    INFO(name);
    REQUIRE(expected.contains(name));
    try {
      grid::parse_study(read_file(file.path()), name);
      FAIL("was accepted");
    } catch (const Error& error) {
      CHECK(std::string(error.what()) == expected.at(name));
      CHECK(error.exit_code() == Exit::bad_input);
    }
  }
  CHECK(seen.size() == expected.size());
  CHECK(seen.size() > 100);
}

TEST_CASE("a folder and a missing file are named") {
  CHECK_THROWS_WITH(grid::load_study(folder), Catch::Contains("a folder is no study file"));
  CHECK_THROWS_WITH(grid::load_study(folder / "nowhere.yaml"),
                    Catch::Contains("nowhere.yaml: there is no such study file"));
  CHECK_THROWS_AS(grid::load_study(folder / "nowhere.yaml"), InputError);
}

TEST_CASE("an override's fault names the override") {
  const std::string text = read_file(SURD_SOURCE_DIR "/configs/quickstart.yaml");
  const std::vector<std::pair<std::string, std::string>> faults = {
      {"recipe.stps=50", "--set recipe.stps=50: unknown key 'stps' in recipe"},
      {"recipe.steps=many",
       "--set recipe.steps=many: wrong value of recipe.steps (expected an integer of at least 1, "
       "got many)"},
      {"grid.hidden=[4, 0]", "--set grid.hidden=[4, 0]: wrong value of hidden"},
      {"grid.model.layer=2", "--set grid.model.layer=2: unknown key 'model.layer' in grid"},
      {"grid.length=[16", "--set grid.length=[16: not YAML"},
      {"recipe.steps",
       "--set recipe.steps: not an override (expected key=value, such as recipe.steps=50"},
      {"=5", "not an override"},
      {"recipe..steps=5", "a part of the override's path is empty"},
      {"study.name=x", "--set study.name=x: the path of the override runs through quickstart"},
      {"model.heads=5",
       "hidden is not divisible by model.heads (expected a multiple of 5, got 4 in cell lookup "
       "L=16 hidden=4 standard). model.heads stands at --set "
       "model.heads=5"},
      {"recipe={warmup: 10, warmup: 20}", "duplicate key 'warmup'"},
      {"recipe.warmup=2000",
       "--set recipe.warmup=2000: recipe.warmup is longer than recipe.steps (expected at most 1000 "
       "(recipe.steps, quickstart.yaml:17:10), got 2000)"},
  };
  for (const auto& [override_text, message] : faults) {
    INFO(override_text);
    CHECK_THROWS_WITH(grid::parse_study(text, "quickstart.yaml", {override_text}),
                      Catch::Contains(message));
    CHECK_THROWS_AS(grid::parse_study(text, "quickstart.yaml", {override_text}), InputError);
  }
}

TEST_CASE("text cut off anywhere or with a byte changed never does worse than a placed message") {
  const std::string text = read_file(SURD_SOURCE_DIR "/configs/quickstart.yaml");
  const auto attempt = [](const std::string& damaged) {
    try {
      grid::parse_study(damaged, "f.yaml", {"trials.seeds=1", "grid.length=16"});
    } catch (const InputError& error) {
      const std::string message = error.what();
      CHECK((message.starts_with("f.yaml") || message.starts_with("--set")));
    }
  };
  for (std::size_t cut = 0; cut < text.size(); cut += 7) attempt(text.substr(0, cut));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = "[]{}:,#&*!|>'\"%@`-? \n0"[i % 22];
    attempt(damaged);
  }
}
