// Programs at the limits that a user sets (ulimit): they end with a sentence and exit code 1.
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "base/files.hpp"
#include "folder.hpp"

using namespace surd;
using namespace surd::test;
using Catch::Contains;

namespace {

struct Outcome {
  int code = 0;  // -1: a signal ended it
  std::string errors;
};

// surd plan of a large study, which prints a line a trial.
Outcome plan(const Folder& folder, const std::string& limit) {
  const std::string command =
      "cd '" + folder.path().string() + "' && " + limit +
      " && exec '" SURD_BINARY_DIR "/bin/surd' plan '" SURD_SOURCE_DIR
      "/tests/data/studies/small.yaml' --set trials.seeds=1000 --json --trials >out 2>errors";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder / "errors")};
}

}  // namespace

TEST_CASE("a file at its size limit ends a program with a sentence") {
  const Folder folder;
  const Outcome outcome = plan(folder, "ulimit -f 4");
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.errors, Contains("surd: ") && Contains("File too large"));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which need memory themselves
TEST_CASE("memory that is refused ends a program with a sentence, wherever it runs out") {
  const Folder folder;
  REQUIRE(plan(folder, "true").code == 0);
  int refused = 0;
  for (int megabytes = 40; megabytes < 1000; megabytes += 8) {
    const Outcome outcome = plan(folder, "ulimit -v " + std::to_string(megabytes * 1024));
    INFO(megabytes << " MB: " << outcome.errors);
    if (outcome.code == 127) continue;  // the loader's own sentence
    if (outcome.code == 0) break;
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.errors, Contains("surd: out of memory"));
    ++refused;
  }
  CHECK(refused > 0);
}
#endif
