// What coordinator and workers say to each other, as JSON text. One struct a message.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/device.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "cluster/watchdog.hpp"
#include "spec/attempt_end.hpp"
#include "spec/result.hpp"
#include "spec/trial.hpp"

namespace surd::sweep {

// --- both ways
using cluster::Sign;  // of life, from the coordinator too

// --- worker to coordinator; all but Joined, StopWanted and Sign from a team's first rank only

// From every rank, once.
struct Joined {
  std::string host;
  int pid = 0;
  Device device;           // with its instructions
  std::vector<int> ranks;  // the team; empty: a rank that is left over
  bool leads = true;       // the team's first rank: bundles go to it
};

struct LaneStatus {
  int lane = 0;  // index within the bundle
  int step = 0;
  double accuracy_validation = 0;
};

struct Progressed {
  AttemptId attempt;
  std::vector<LaneStatus> lanes;
};

struct LaneDone {
  AttemptId attempt;
  int lane = 0;
  spec::TrialResult result;
};

struct SavedLane {
  int lane = 0;  // index within the bundle
  int step = 0;  // that it has done
  bool operator==(const SavedLane&) const = default;
};

struct CheckpointSaved {
  AttemptId attempt;
  std::string file;              // name inside RUN/checkpoints
  std::vector<SavedLane> lanes;  // whose state it holds
};

struct BundleEnded {
  AttemptId attempt;
  spec::AttemptEnd end =
      spec::AttemptEnd::finished;  // never lost: that a process went away nobody says
  std::string message;             // why, where it failed
};

// This rank got a stop signal: everyone shall stop.
struct StopWanted {};

// --- coordinator to worker

// To every rank, the first of all: how long to wait for a sign from here. None: for ever.
struct Patience {
  std::optional<double> silent_s{};
};

// To every rank, once, before teams form.
struct Welcome {
  int data_parallel = 1;
  bool deterministic = true;
};

struct AssignedLane {
  spec::Trial trial;
  std::string
      checkpoint;  // file inside RUN/checkpoints that holds its state; empty: from the start
};

struct Assigned {
  AttemptId attempt;
  std::vector<AssignedLane> lanes;
  std::string
      checkpoints;  // absolute path of the folder that checkpoints are read from and written to
  double checkpoint_s = 60;
};

struct Stop {};       // checkpoint, give back what is unfinished
struct Dismissed {};  // no more work will come
struct Over {};       // to every rank, the last of all: what there is to be written is written

using Message = std::variant<Joined, Progressed, LaneDone, CheckpointSaved, BundleEnded, StopWanted,
                             Welcome, Assigned, Stop, Dismissed, Sign, Patience, Over>;

std::string pack(const Message& message);
Message unpack(const std::string& bytes);  // Error on damage

}  // namespace surd::sweep
