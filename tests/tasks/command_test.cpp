// surd task, as a process: JSON lines in and out, and exit codes.
#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "base/files.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

struct Outcome {
  int exit_code = -1;
  std::vector<Json> lines;
  std::string errors;
};

Outcome surd_task(const std::string& arguments, const std::string& input = "") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("surd-task-test-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "in") << input;
  const std::string at = folder.string();
  const std::string command = "'" SURD_BINARY_DIR "/bin/surd' task " + arguments + " <'" + at +
                              "/in' >'" + at + "/out' 2>'" + at + "/err'";
  const int status = std::system(command.c_str());
  Outcome outcome{.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                  .lines = {},
                  .errors = read_file(folder / "err")};
  std::ifstream lines(folder / "out");
  for (std::string line; std::getline(lines, line);) outcome.lines.push_back(Json::parse(line));
  std::filesystem::remove_all(folder);
  return outcome;
}

std::string dump(const std::vector<Json>& lines) {
  std::string text;
  for (const Json& line : lines) text += line.dump() + "\n";
  return text;
}

TEST_CASE("surd task sample, encode, solve and check agree on one stream of lines") {
  for (const Entry& entry : entries()) {
    const std::string& name = entry.name;
    INFO(name);
    const int n = settings_of(entry, 4, default_of).size;
    const std::string size = " --size " + std::to_string(n);
    const Outcome sampled = surd_task("sample " + name + size + " --count 5 --seed 3");
    REQUIRE(sampled.exit_code == 0);
    REQUIRE(sampled.lines.size() == 5);
    CHECK(surd_task("sample " + name + size + " --count 5 --seed 3").lines == sampled.lines);
    CHECK(surd_task("sample " + name + size + " --count 5 --seed 4").lines != sampled.lines);
    std::vector<Json> texts;
    for (const Json& line : sampled.lines) {
      CHECK(line.at("task") == name);
      CHECK(line.at("size") == n);
      texts.push_back({{"text", line.at("text")}});
    }
    const Outcome encoded = surd_task("encode " + name + size, dump(texts));
    CHECK(encoded.exit_code == 0);
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(encoded.lines.at(i).at("tokens") == sampled.lines[i].at("tokens"));
      CHECK(encoded.lines.at(i).at("labels") == sampled.lines[i].at("labels"));
    }
    const Outcome checked =
        surd_task("check " + name, dump(sampled.lines));  // the size comes from the lines
    CHECK(checked.exit_code == 0);
    for (const Json& line : checked.lines) CHECK(line.at("valid") == true);
    const Outcome solved = surd_task("solve " + name, dump(sampled.lines));
    CHECK(solved.exit_code == 0);
    CHECK(surd_task("check " + name, dump(solved.lines)).exit_code == 0);
  }
}

TEST_CASE("surd task check names the first wrong token and exits with 1") {
  const Outcome outcome = surd_task("check lis --size 4",
                                    "{\"text\": \"7 7 9 8 <sep> 1 1 2 2 <sep> 2\"}\n{\"text\": \"7 "
                                    "7 9 8 <sep> 1 2 2 2 <sep> 2\"}\n");
  CHECK(outcome.exit_code == 1);
  REQUIRE(outcome.lines.size() == 2);
  CHECK(
      outcome.lines[0] ==
      Json::parse(
          R"({"text": "7 7 9 8 <sep> 1 1 2 2 <sep> 2", "valid": true, "position": null, "expected": null, "got": null})"));
  CHECK(
      outcome.lines[1] ==
      Json::parse(
          R"({"text": "7 7 9 8 <sep> 1 2 2 2 <sep> 2", "valid": false, "position": 6, "expected": "1", "got": "2"})"));
}

TEST_CASE("surd task names the line that it cannot read and exits with 2") {
  const std::string good = "{\"text\": \"1 + 2 = 3\"}\n";
  for (const char* bad :
       {"{", "[]", "{\"txt\": \"1\"}", "{\"text\": 1}",
        "{\"text\": \"1 + 2 = 3\", \"size\": \"x\"}",
        "{\"text\": \"1 + 2 = 3\", \"task\": \"lis\"}", "{\"text\": \"1 + 99 = 3\"}", "\xff"}) {
    const Outcome outcome = surd_task("encode arithmetic --size 2", good + bad + "\n");
    INFO(bad << ": " << outcome.errors);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.errors.find("stdin:2") != std::string::npos);
    CHECK(outcome.lines.size() == 1);  // what came before stands
  }
  CHECK(surd_task("check arithmetic", good).errors.find("--size") != std::string::npos);
  CHECK(surd_task("sample arithmetc --size 3").errors.find("'arithmetic'") != std::string::npos);
  CHECK(surd_task("sample arithmetic").exit_code == 2);
  CHECK(surd_task("sample lis --size 5 --number-range 10").exit_code == 2);
  CHECK(surd_task("sample arithmetic --size 5 --locality 2").errors.find("'locality'") !=
        std::string::npos);
}

TEST_CASE("surd task takes the options of a task as flags, or from the line") {
  const Outcome outcome = surd_task("sample recurrence --size 5 --locality 2 --modulus 7");
  REQUIRE(outcome.exit_code == 0);
  CHECK(outcome.lines.at(0).at("locality") == 2);
  CHECK(outcome.lines.at(0).at("modulus") == 7);
  const std::string line = "\"text\": \"6 @1 6 @2 6 @3 <sep> 6 6 6 <sep> 6\"";
  CHECK(surd_task("check recurrence --size 3 --modulus 7", "{" + line + "}\n").exit_code == 0);
  CHECK(surd_task("check recurrence --size 3 --modulus 7 --locality 2", "{" + line + "}\n")
            .lines.at(0)
            .at("position") == 5);
  CHECK(surd_task("check recurrence --size 3", "{\"modulus\": 7, \"locality\": 2, " + line + "}\n")
            .lines.at(0)
            .at("position") == 5);
}

}  // namespace
}  // namespace surd::tasks
