#include "sweep/worker.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/exception_words.hpp"
#include "base/log.hpp"
#include "store/checkpoint.hpp"
#include "sweep/machine.hpp"

namespace surd::sweep {
namespace {

std::vector<spec::Trial> trials_of(const Assigned& assigned) {
  std::vector<spec::Trial> trials;
  for (const AssignedLane& lane : assigned.lanes) trials.push_back(lane.trial);
  return trials;
}

// The saved state of a lane, empty where there is none. A damaged checkpoint costs time, not the
// trial: it starts again.
std::string state_of(const Assigned& assigned, const AssignedLane& lane, const TrialId& id) {
  if (lane.checkpoint.empty()) return {};
  try {
    return store::read_checkpoint(std::filesystem::path(assigned.checkpoints) / lane.checkpoint,
                                  id);
  } catch (const Error& error) {
    log::warning("trial {} starts again from its first step: {}", id.value, error.what());
    return {};
  }
}

// How long a failing team waits before its job ends, so that the coordinator can write down why.
constexpr std::chrono::seconds last_words{2};

// What a rank that does not lead is told: that work begins.
class Follower : public train::Observer {
 public:
  Follower(Line& line, const Pieces& pieces) : line_(line), pieces_(pieces) {}

 private:
  void begins(train::Work work) override { line_.begins(work, pieces_.seconds(work)); }
  void evaluated(int, const spec::CurvePoint&) override {}
  void finished(int, const spec::TrialResult&) override {}
  bool stop_asked() override { return false; }
  bool checkpoint_due() override { return false; }
  void checkpoint(std::vector<train::LaneState>) override {}

  Line& line_;
  const Pieces& pieces_;
};

}  // namespace

Worker::Worker(Line& line, cluster::Group& team, Settings settings)
    : line_(line), team_(team), settings_(std::move(settings)), heard_s_(steady_time_s()) {}

void Worker::join() {
  line_.send(Joined{settings_.host, ::getpid(), settings_.device, settings_.ranks});
}

bool Worker::turn(double timeout_s) {
  const auto message = line_.wait(timeout_s);
  if (!message) {
    if (team_.size() > 1 && steady_time_s() - heard_s_ >= settings_.idle_word_s) tell_team({});
    return !dismissed_;
  }
  if (const auto* assigned = std::get_if<Assigned>(&*message)) {
    if (team_.size() > 1) tell_team(pack(*assigned));
    train(*assigned);
    line_.rests();
    heard_s_ = steady_time_s();
  } else if (std::holds_alternative<Dismissed>(*message)) {
    dismissed_ = true;
  }
  // A Stop that arrives between bundles has nothing to stop: the coordinator sent it while the last
  // one was ending.
  if (dismissed_) tell_team(pack(Dismissed{}));
  return !dismissed_;
}

void Worker::tell_team(std::string bytes) {
  if (team_.size() > 1) team_.broadcast(bytes, 0);
  heard_s_ = steady_time_s();
}

void Worker::train(const Assigned& assigned) {
  assigned_ = &assigned;
  stop_ = false;
  checkpointed_s_ = steady_time_s();
  checkpoints_ = 0;
  ids_.clear();
  BundleEnded ended{assigned.attempt, spec::AttemptEnd::failed, {}};
  try {
    const std::vector<spec::Trial> trials = trials_of(assigned);
    pieces_.emplace(trials, settings_.device.kind);
    begins(train::Work::load);
    std::vector<std::string> states;
    for (const AssignedLane& lane : assigned.lanes) {
      ids_.push_back(spec::trial_id(lane.trial));
      states.push_back(state_of(assigned, lane, ids_.back()));
    }
    ended.end = train::train_bundle(trials, states, to_torch(settings_.device), team_, *this);
  } catch (const Deserted&) {
    throw;
  } catch (const std::exception& error) {
    ended.message = words_of(error);
    if (team_.size() > 1) {
      // The others are inside a collective call and cannot be told: the job ends and is started
      // again, then knowing of this failure.
      line_.send(ended);
      line_.flush(10);
      std::this_thread::sleep_for(last_words);
      throw;
    }
  }
  assigned_ = nullptr;
  line_.send(ended);
}

void Worker::hear() {
  while (const auto message = line_.poll()) {
    if (std::holds_alternative<Stop>(*message)) stop_ = true;
    if (std::holds_alternative<Dismissed>(*message)) stop_ = dismissed_ = true;
  }
}

void Worker::begins(train::Work work) { line_.begins(work, pieces_->seconds(work)); }

void Worker::evaluated(int lane, const spec::CurvePoint& point) {
  line_.send(Progressed{assigned_->attempt, {{lane, point.step, point.accuracy_validation}}});
}

void Worker::finished(int lane, const spec::TrialResult& result) {
  line_.send(LaneDone{assigned_->attempt, lane, result});
}

bool Worker::stop_asked() {
  if (settings_.between_steps) settings_.between_steps();
  hear();  // which tells the coordinator of a signal
  stop_ = stop_ || line_.stop_signalled();
  return stop_;
}

bool Worker::checkpoint_due() {
  return steady_time_s() - checkpointed_s_ >= assigned_->checkpoint_s;
}

void Worker::checkpoint(std::vector<train::LaneState> states) {
  CheckpointSaved saved{
      assigned_->attempt,
      fmt::format("attempt-{:06}-{:04}.ckpt", assigned_->attempt.value, checkpoints_++),
      {}};
  std::vector<store::LaneState> lanes;
  for (train::LaneState& state : states) {
    for (std::size_t lane = 0; lane < ids_.size(); ++lane) {
      if (ids_[lane] == state.id) saved.lanes.push_back({static_cast<int>(lane), state.step});
    }
    lanes.push_back({state.id, std::move(state.bytes)});
  }
  checkpointed_s_ = steady_time_s();
  try {
    store::write_checkpoint(std::filesystem::path(assigned_->checkpoints) / saved.file, lanes);
  } catch (const Error& error) {
    // A full disk is no fault of these trials, which would be set aside for good: the last
    // checkpoint stands, and the next one may succeed.
    trouble_.warning("attempt {} on rank {} has no new checkpoint, the last one stands: {}",
                     assigned_->attempt.value, line_.rank(), error.what());
    return;
  }
  line_.send(saved);
}

void follow(cluster::Group& team, const Device& device, Line& line) {
  while (true) {
    line.rests();
    std::string bytes;
    team.broadcast(bytes, 0);
    if (bytes.empty()) continue;  // the team is idle
    const Message message = unpack(bytes);
    const auto* assigned = std::get_if<Assigned>(&message);
    if (assigned == nullptr) return;
    const std::vector<spec::Trial> trials = trials_of(*assigned);
    const Pieces pieces(trials, device.kind);
    Follower follower(line, pieces);
    try {
      train::train_bundle(trials, std::vector<std::string>(trials.size()), to_torch(device), team,
                          follower);
    } catch (const Deserted&) {
      throw;
    } catch (const std::exception&) {
      std::this_thread::sleep_for(
          2 * last_words);  // the first rank mostly fails alike, and is the one that reports it
      throw;
    }
  }
}

}  // namespace surd::sweep
