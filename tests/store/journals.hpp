// Journals for tests: one with every kind of record, and what is read back of one.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <vector>

#include "store/journal.hpp"
#include "store/sample.hpp"

namespace surd::store::test {

inline std::vector<Record> one_of_each() {
  const TrialDone first = done(1, 0.5);
  StudyOpened asked = opened("study: x\n\"quoted\" ü\n");
  asked.request = {"configs/x.yaml", {"grid.length=[16, 24]", "study=\"ü\""}};
  return {
      asked,
      started(1, {first.id}),
      CheckpointWritten{{1}, "attempt-000001.ckpt", {first.id}, 1.7e9 + 30, {450}},
      first,
      ended(1, spec::AttemptEnd::failed),
      Quarantined{{first.id}, "failed on node1 and node2", "line\nline", 1.7e9 + 61},
      AuditDrawn{
          0.05, {{first.id, {"0123456789abcdef"}}, {{"fedcba9876543210"}, {"00"}}}, 1.7e9 + 61.5},
      Proposed{
          "lookup", 3, {first.id}, "these seeds are expected to halve the variance", 1.7e9 + 61.7},
      WindowChosen{{first.id, {"00"}}, {0.003162, 0.01}, 1.7e9 + 61.8},
      Merged{{"study: a", "study: b"}, {"runs/a", "runs/b"}, 1.7e9 + 62},
      Salvaged{"journal.damaged-1.jsonl", {{5, 7}, {9, 9}}, {first.id}, 1.7e9 + 62.5},
      RunEnded{3, "stopped by SIGTERM with 4 trials left", 1.7e9 + 63}};
}

inline void write_records(const std::filesystem::path& path, const std::vector<Record>& records) {
  Journal journal(path);
  for (const Record& record : records) journal.append(record);
  journal.sync();
}

inline void check_same(const std::vector<Record>& got, const std::vector<Record>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(to_json(got[i]) == to_json(expected[i]));
}

}  // namespace surd::store::test
