// Trains and evaluates one bundle on one team. Knows nothing of files, schedulers or MPI: it hands
// out state bytes and tells an observer.
#pragma once

#include <c10/core/Device.h>

#include <span>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "cluster/group.hpp"
#include "spec/attempt_end.hpp"
#include "spec/result.hpp"
#include "spec/trial.hpp"

namespace surd::train {

// The state of one unfinished lane, ready for a checkpoint file.
struct LaneState {
  TrialId id;
  int step = 0;  // done
  std::string bytes;
};

// A piece of work, before which an observer is told: of steps and evaluations that of one batch,
// and where lanes run one after the other of one lane.
enum class Work { load, step, evaluation, checkpoint };

// Told of what happens, on the team's first member only but for begins(). Lanes are named by their
// index in the span given to train_bundle.
class Observer {
 public:
  virtual ~Observer() = default;
  // Before each piece of work, on every member.
  virtual void begins(Work) {}
  virtual void evaluated(int lane, const spec::CurvePoint& point) = 0;
  virtual void finished(int lane, const spec::TrialResult& result) = 0;
  // Asked at least once a step; where lanes run one after the other, once a lane in steps and
  // evaluations.
  virtual bool stop_asked() = 0;
  virtual bool checkpoint_due() = 0;
  // The unfinished lanes as they stand between two steps. Called when one is due and before a stop.
  virtual void checkpoint(std::vector<LaneState> states) = 0;
};

// Trains every lane to its own stop and tests it. Collective over the group. trials: at least one,
// all of one spec::bundle_key. states: per lane the bytes of a checkpoint, empty to start afresh;
// read on member 0, broadcast to the others. Returns finished or stopped. A resumed lane ends with
// the same bits as an uninterrupted one (same instruction set, device and team size). Error where
// states do not fit, where the group fails, where it needs more memory than the machine has (CPU);
// InputError where the model cannot run on the device.
spec::AttemptEnd train_bundle(std::span<const spec::Trial> trials,
                              std::span<const std::string> states, const at::Device& device,
                              cluster::Group& group, Observer& observer);

}  // namespace surd::train
