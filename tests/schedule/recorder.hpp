// An outbox that keeps what was said, one line a message. A test takes the lines that it expects;
// Bench checks at its end that none is left.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "schedule/scheduler.hpp"
#include "schedule/studies.hpp"

namespace surd::schedule::test {

class Recorder final : public Outbox {
 public:
  void assign(Rank rank, const Assignment& assignment) override {
    std::string line = "assign " + std::to_string(rank.value) + ":";
    append(line, assignment.trials);
    lines_.push_back(line);
    last_[rank] = assignment;
  }
  void stop(Rank rank) override { lines_.push_back("stop " + std::to_string(rank.value)); }
  void dismiss(Rank rank) override { lines_.push_back("dismiss " + std::to_string(rank.value)); }
  void quarantine(std::span<const TrialIndex> trials, const std::string& reason) override {
    std::string line = "quarantine";
    append(line, trials);
    lines_.push_back(line + ": " + reason);
  }
  void drain(const std::string& host, const std::string& reason) override {
    lines_.push_back("drain " + host + ": " + reason);
  }

  // The next line, taken; "" where none is left.
  std::string next() {
    if (lines_.empty()) return "";
    std::string line = lines_.front();
    lines_.pop_front();
    return line;
  }
  // All lines, taken.
  std::vector<std::string> take() {
    std::vector<std::string> lines(lines_.begin(), lines_.end());
    lines_.clear();
    return lines;
  }
  const Assignment& last(int rank) const { return last_.at(Rank{rank}); }

 private:
  static void append(std::string& line, std::span<const TrialIndex> trials) {
    for (const TrialIndex trial : trials) line.append(1, ' ').append(std::to_string(trial.value));
  }

  std::deque<std::string> lines_;
  std::map<Rank, Assignment> last_;
};

using Lines = std::vector<std::string>;

// A scheduler with a recorder; says at its end whether a message was left.
class Bench {
 public:
  explicit Bench(grid::Study its_study, Indexed<TrialIndex, Past> past = {}, Options options = {})
      : study(std::move(its_study)),
        scheduler(study, std::move(past), std::move(options), outbox) {}
  ~Bench() { CHECK(outbox.take() == Lines{}); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void join(int rank, const std::string& host = "node1") {
    scheduler.worker_joined({.rank = Rank{rank}, .host = host, .device = "cpu"}, now_s);
  }
  void done(int rank, std::size_t trial, double accuracy, int steps = 1000) {
    scheduler.trial_done(Rank{rank}, outbox.last(rank).attempt, {trial}, result_of(accuracy, steps),
                         now_s);
  }
  void end(int rank, spec::AttemptEnd how = spec::AttemptEnd::finished,
           const std::string& message = "") {
    scheduler.bundle_ended(Rank{rank}, outbox.last(rank).attempt, how, message, now_s);
  }
  // Every trial of the rank's bundle ends with this accuracy, then the bundle.
  void finish(int rank, double accuracy) {
    const Assignment assignment = outbox.last(rank);
    for (const TrialIndex trial : assignment.trials)
      scheduler.trial_done(Rank{rank}, assignment.attempt, trial, result_of(accuracy), now_s);
    scheduler.bundle_ended(Rank{rank}, assignment.attempt, spec::AttemptEnd::finished, "", now_s);
  }

  grid::Study study;
  Recorder outbox;
  Scheduler scheduler;
  double now_s = 0;
};

}  // namespace surd::schedule::test
