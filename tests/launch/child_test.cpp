#include "launch/child.hpp"

#include <catch2/catch.hpp>
#include <csignal>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "folder.hpp"
#include "scripts.hpp"

using namespace surd;
using namespace surd::launch;
using namespace surd::launch::test;
using Catch::Contains;

namespace {

bool never() { return false; }
bool at_once() { return true; }

}  // namespace

TEST_CASE("a program's output and exit code come back, and it has the environment asked for") {
  const Folder folder;
  const auto program = script(folder / "program", "echo \"$1 $COLOUR\"; echo err >&2; exit 7");
  const Output output = output_of({{program.string(), "a b"}, {"COLOUR=red"}});
  CHECK(output.code == 7);
  CHECK(output.text == "a b red\nerr\n");
  CHECK(output_of({{script(folder / "killed", "kill -9 $$").string()}}).code == 128 + SIGKILL);
}

TEST_CASE("a setting of the environment takes the place of the one that was there") {
  const Folder folder;
  const auto program = script(folder / "program", "env | grep ^SURD_TEST");
  ::setenv("SURD_TEST", "old", 1);
  ::setenv("SURD_TEST_TOO", "kept", 1);
  const Output output = output_of({{program.string()}, {"SURD_TEST=new"}});
  ::unsetenv("SURD_TEST");
  ::unsetenv("SURD_TEST_TOO");
  CHECK_THAT(output.text, Contains("SURD_TEST=new\n") && Contains("SURD_TEST_TOO=kept\n"));
  CHECK_THAT(output.text, !Contains("old"));
}

TEST_CASE("a program that cannot be started is an error with its name and the reason") {
  const Folder folder;
  const std::string missing = (folder / "missing").string();
  CHECK_THROWS_WITH(output_of({{missing}}), Contains(missing) && Contains("No such file"));
  CHECK_THROWS_WITH(run_with_signals({{missing}}, never), Contains("cannot be started"));
  CHECK_THROWS_WITH(become({{missing}}), Contains("cannot be started"));
}

TEST_CASE("a child runs to its end, without stdin, in a process group of its own") {
  const Folder folder;
  const auto program = script(
      folder / "program", "cat; [ \"$(ps -o pgid= -p $$ | tr -d ' ')\" = $$ ] || exit 1; exit 5");
  const End end = run_with_signals({{program.string()}}, never);
  CHECK(end.code == 5);
  CHECK_FALSE(end.stop_asked);
}

TEST_CASE("a signal to stop goes on as USR1, whichever it was") {
  const int signal = GENERATE(SIGINT, SIGTERM, SIGUSR1);
  const Folder folder;
  const auto program = script(folder / "program",
                              "trap 'exit 6' USR1; touch \"$0.ready\"\n"
                              "for i in $(seq 600); do sleep 0.05; done; exit 99");
  Process process(folder / "errors", [&] {
    const End end = run_with_signals({{program.string()}}, at_once);
    return end.stop_asked ? end.code : 100;
  });
  wait_for(folder / "program.ready");
  process.signal(signal);
  CHECK(process.wait() == 6);
  CHECK_THAT(text_of(folder / "errors"), Contains("stopping with checkpoints"));
  CHECK((text_of(folder / "errors").find("Ctrl-C") != std::string::npos) == (signal == SIGINT));
}

TEST_CASE("a signal is passed on again until it was heard") {
  const Folder folder;
  // Deaf to the first two.
  const auto program = script(folder / "program",
                              "trap 'echo >> \"$0.heard\"' USR1; touch \"$0.ready\"\n"
                              "for i in $(seq 600); do\n"
                              "  [ \"$(wc -l < \"$0.heard\")\" -lt 3 ] || exit 0; sleep 0.05\n"
                              "done; exit 99");
  std::ofstream(folder / "program.heard").close();
  Process process(folder / "errors",
                  [&] { return run_with_signals({{program.string()}}, never).code; });
  wait_for(folder / "program.ready");
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);
}

TEST_CASE("a second Ctrl-C ends the child at once, a second TERM does not") {
  const int second = GENERATE(SIGINT, SIGTERM);
  const Folder folder;
  const auto program = script(folder / "program",
                              "trap 'echo >> \"$0.heard\"' USR1; trap 'exit 8' TERM\n"
                              "touch \"$0.ready\"\n"
                              "for i in $(seq 60); do sleep 0.05; done");
  Process process(folder / "errors",
                  [&] { return run_with_signals({{program.string()}}, at_once).code; });
  wait_for(folder / "program.ready");
  process.signal(SIGINT);
  wait_for(folder / "program.heard");
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  process.signal(second);
  CHECK(process.wait() == (second == SIGINT ? 8 : 0));
}

TEST_CASE("a bounce of the key is no second Ctrl-C") {
  const Folder folder;
  const auto program =
      script(folder / "program",
             "trap 'sleep 1; exit 6' USR1; trap 'exit 8' TERM\n"
             "touch \"$0.ready\"; for i in $(seq 600); do sleep 0.05; done; exit 99");
  Process process(folder / "errors",
                  [&] { return run_with_signals({{program.string()}}, at_once).code; });
  wait_for(folder / "program.ready");
  const double first_s = steady_time_s();
  process.signal(SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  process.signal(SIGINT);
  const bool is_bounce = steady_time_s() - first_s < 0.9;  // not on a machine that stood still
  const int code = process.wait();
  if (is_bounce) CHECK(code == 6);
}

TEST_CASE("where this program is killed, its child is asked to stop") {
  const Folder folder;
  const auto program = script(folder / "program",
                              "trap 'touch \"$0.stopped\"; exit 0' USR1; touch \"$0.ready\"\n"
                              "for i in $(seq 600); do sleep 0.05; done; exit 99");
  Process process(folder / "errors",
                  [&] { return run_with_signals({{program.string()}}, never).code; });
  wait_for(folder / "program.ready");
  process.signal(SIGKILL);
  CHECK(process.wait() == 128 + SIGKILL);
  wait_for(folder / "program.stopped");
}
