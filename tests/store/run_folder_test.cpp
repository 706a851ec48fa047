#include "store/run_folder.hpp"

#include <catch2/catch.hpp>

#include "store/sample.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

TEST_CASE("a run folder is made once and found again") {
  const Folder temporary;
  const RunFolder folder(temporary / "runs" / "x");
  CHECK_THROWS_WITH(RunFolder::existing(folder.path()), Contains("no such run folder"));
  folder.create();
  folder.create();
  CHECK(std::filesystem::is_directory(folder.checkpoints()));
  CHECK(std::filesystem::is_directory(folder.log()));
  CHECK_THROWS_WITH(RunFolder::existing(folder.path()), Contains("journal.jsonl"));
  put(folder.journal(), "");
  CHECK(RunFolder::existing(folder.path()).path() == folder.path());
  CHECK_THROWS_WITH(RunFolder::existing(folder.journal()),
                    Contains("this is a file") && Contains("a run folder"));
}

TEST_CASE("the state of a run comes back as written") {
  const Folder temporary;
  const RunFolder folder(temporary.path());
  CHECK_THROWS_AS(read_state(folder), InputError);
  RunState state{.study = "quickstart",
                 .phase = "running",
                 .exit_code = {},
                 .sentence = "",
                 .total = 10,
                 .done = 3,
                 .running = 2,
                 .failed = 1,
                 .skipped = 1,
                 .left = 3,
                 .left_s = 12.5,
                 .started_s = 1.7e9,
                 .updated_s = 1.7e9 + 1,
                 .ranks = {{1, "node1", 4711, "lookup L=16"}}};
  write_state(folder, state);
  CHECK(read_state(folder) == state);
  state.exit_code = 3;
  state.left_s.reset();
  state.sentence = "stopped with 3 trials left";
  write_state(folder, state);
  CHECK(read_state(folder) == state);
  state.audit = AuditState{.total = 10, .done = 4, .running = 2, .failed = 1, .solved = 3};
  write_state(folder, state);
  CHECK(read_state(folder) == state);
  CHECK(to_json(state)["audit"]["left"] == 3);
  Json older = to_json(state);
  older.erase("audit");
  put(folder.state(), older.dump());
  CHECK_FALSE(read_state(folder).audit);
  put(folder.state(), "{\"study\": 1}");
  CHECK_THROWS_WITH(read_state(folder), Contains("state.json"));
}
