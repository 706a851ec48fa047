// What a user of mpirun sees when a rank fails: the job ends, with the code of the error and a
// message that names the rank.
#include <sys/wait.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

using Catch::Contains;

namespace {

struct Outcome {
  int code;
  std::string output;  // stdout and stderr
};

Outcome launch(const std::string& command) {
  // A job that hangs is ended by `timeout`, whose code 124 no test expects.
  FILE* pipe = popen(("exec timeout 60 " + command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  Outcome outcome{};
  std::array<char, 4096> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
    outcome.output.append(buffer.data(), count);
  const int status = pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

Outcome on_two_ranks(const std::string& fault) {
  return launch(std::string("env OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
                            "OMPI_MCA_rmaps_base_oversubscribe=1 "
                            "OMPI_MCA_hwloc_base_binding_policy=none ") +
                SURD_MPIEXEC + " -n 2 " SURD_FAULT_PROGRAM " " + fault);
}

Outcome alone(const std::string& fault) {
  return launch(std::string(SURD_FAULT_PROGRAM " ") + fault);
}

}  // namespace

TEST_CASE("a world of one needs no launcher") {
  const Outcome outcome = alone("none");
  INFO(outcome.output);
  CHECK(outcome.code == 0);
  CHECK(outcome.output == "rank 0 of 1\n");
}

TEST_CASE("a world of one ends with the code of its error") {
  const Outcome error = alone("error"), input = alone("input");
  CHECK(error.code == 1);
  CHECK_THAT(error.output, Contains("rank 0 on ") && Contains("the error of this test"));
  CHECK(input.code == 2);
}

TEST_CASE("a rank that throws ends the job with its code and its message") {
  const Outcome error = on_two_ranks("error");
  INFO(error.output);
  CHECK(error.code == 1);
  CHECK_THAT(error.output, Contains("rank 1 on ") && Contains("the error of this test"));

  const Outcome input = on_two_ranks("input");
  INFO(input.output);
  CHECK(input.code == 2);
  CHECK_THAT(input.output, Contains("the bad input of this test"));
}

TEST_CASE("a rank that throws with a message under way ends the job") {
  const Outcome outcome = on_two_ranks("unsent");
  INFO(outcome.output);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.output, Contains("the error of this test"));
}

TEST_CASE("a message that nobody takes is an error after the deadline") {
  const Outcome outcome = on_two_ranks("unflushed");
  INFO(outcome.output);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.output, Contains("messages were not delivered") &&
                                 Contains("1 not taken, the first by rank 1"));
}

TEST_CASE("a member that does not come to make the group is an error after the deadline") {
  const Outcome outcome = on_two_ranks("absent");
  INFO(outcome.output);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.output, Contains("rank 1 did not come to make a group"));
}

TEST_CASE("a member that does not come to an all-reduce is an error after the deadline") {
  const Outcome outcome = on_two_ranks("silent");
  INFO(outcome.output);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.output, Contains("all_reduce_sum waited") && Contains("ranks 0, 1"));
}

TEST_CASE("who waits in an all-reduce looks elsewhere meanwhile, and may give up") {
  const Outcome outcome = on_two_ranks("impatient");
  INFO(outcome.output);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.output, Contains("rank 0 on ") && Contains("nobody comes"));
}

TEST_CASE("members that disagree on the count are an error") {
  const Outcome outcome = on_two_ranks("unequal");
  INFO(outcome.output);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.output,
             Contains("disagree on the count") && Contains("expected 16 bytes from rank 0, got 8"));
}
