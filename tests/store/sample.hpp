// Trials, results and records for the tests of the store.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "folder.hpp"
#include "grid/study.hpp"
#include "store/record.hpp"

namespace surd::store::test {

using surd::test::Folder;

// Without fsync: tests write thousands of damaged copies. A file made anew, since ext4 flushes one
// that was cut to nothing and written again.
inline void put(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline spec::Trial trial(std::uint64_t seed, double learning_rate = 0.01) {
  spec::Trial t;
  t.task = {.name = "lookup", .size = 8, .options = {{"symbols", 8}}};
  t.length = 16;
  t.positions = 16;
  t.vocabulary = 17;
  t.hidden = 8;
  t.recipe.batch_sequences = 96;
  t.learning_rate = learning_rate;
  t.seed = seed;
  return t;
}

inline spec::TrialResult result(double accuracy, int points = 2) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  spec::TrialResult r;
  r.steps = 100 * points;
  r.tokens = 153600LL * points;
  r.accuracy_validation = accuracy;
  r.accuracy_validation_best = accuracy + 0.001953125;
  r.accuracy_test = accuracy - 0.0009765625;
  r.loss_validation = 1.0 / 3.0;
  r.seconds = 12.5;
  for (int i = 1; i <= points; ++i) {
    r.curve.push_back({100 * i - 50, 3.0 / i, nan, nan, 0.2 * i});  // between two validations
    r.curve.push_back({100 * i, 2.0 / i, 1.0 / i, accuracy * i / points, 0.1 * i});
  }
  return r;
}

inline TrialDone done(std::uint64_t seed, double accuracy, std::int64_t attempt = 1) {
  return trial_done(trial(seed), result(accuracy), {attempt});
}

inline AttemptStarted started(std::int64_t attempt, std::vector<TrialId> trials,
                              const std::string& device = "cpu avx2") {
  return {{attempt}, std::move(trials),
          {1},       "node1",
          device,    "4711",
          1,         1.7e9 + static_cast<double>(attempt)};
}

inline AttemptEnded ended(std::int64_t attempt, spec::AttemptEnd cause,
                          const std::string& host = "node1") {
  return {{attempt}, cause,      cause == spec::AttemptEnd::failed ? "out of memory" : "",
          host,      1.7e9 + 60, 59.5};
}

inline StudyOpened opened(const std::string& text) {
  return {"0.1.0", "abc1234", spec::numerics_version, "2 cores avx2", "node1", text, 1.7e9};
}

inline const char* const study_text = R"(study: small
question: Is "quoting" – and UTF-8 – kept?
grid:
  task: [lookup]
  length: [16, 24]
  hidden: [4, 8]
  architecture: [standard, linear]
include: [{length: 24, hidden: 12, architecture: linear}]
trials: {seeds: 2, learning_rates: [0.01, 0.02]}
)";

inline grid::Study small_study() { return grid::parse_study(study_text, "small.yaml"); }

// Solved are the two widths of linear at length 24, so that the included third one is skipped.
inline TrialDone done_of(const grid::Study& study, std::size_t i) {
  const bool solved = i >= 16 && i % 8 >= 4;
  const double accuracy = (solved ? 0.925 : 0.25) + 0.001 * static_cast<double>(i);
  return trial_done(grid::whole_trial(study, study.trials[i]),
                    result(accuracy, 1 + static_cast<int>(i % 3)), {1});
}

// Every status; most are finished. 2 diverged, 3 quarantined, 4 and 5 missing, from `skipped_from`
// on skipped.
struct Sample {
  grid::Study study = small_study();
  std::vector<Record> records;
  static constexpr std::size_t skipped_from = 32;

  Sample() {
    std::vector<TrialId> ids;
    for (const auto& trial : study.trials) ids.push_back(trial.id);
    records.push_back(opened(study.text_frozen));
    records.push_back(started(1, ids));
    for (std::size_t i = 0; i < study.trials.size(); ++i) {
      if (i == 3 || i == 4 || i == 5 || i >= skipped_from) continue;
      TrialDone record = done_of(study, i);
      if (i == 2) {
        record.result.outcome = spec::Outcome::diverged;
        record.result.stop_reason = spec::StopReason::diverged;
        record.result.accuracy_validation = record.result.accuracy_test = 0;
        record.result.loss_validation = std::numeric_limits<double>::quiet_NaN();
      }
      records.push_back(record);
    }
    records.push_back(Quarantined{{study.trials[3].id}, "failed on two nodes", "log", 1.7e9});
    records.push_back(ended(1, spec::AttemptEnd::failed));
  }
};

}  // namespace surd::store::test
