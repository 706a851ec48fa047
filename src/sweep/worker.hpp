// A worker: takes bundles from the coordinator, trains them on its team and reports what comes of
// them.
#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "cluster/group.hpp"
#include "sweep/line.hpp"
#include "sweep/message.hpp"
#include "sweep/pieces.hpp"
#include "train/train.hpp"

namespace surd::sweep {

// The first rank of a team: the only one that talks with the coordinator.
class Worker : private train::Observer {
 public:
  struct Settings {
    Device device;
    std::string host;
    std::vector<int> ranks;  // of the team, this one first
    std::function<void()>
        between_steps{};      // called at every step: where one process is coordinator too
    double idle_word_s = 60;  // the rest of an idle team is told so often that it waits in vain;
                              // well below its group's deadline
  };

  // line and team outlive the worker.
  Worker(Line& line, cluster::Group& team, Settings settings);

  // Tells the coordinator that this team is here.
  void join();
  // Takes one message, waiting up to `timeout_s` for it; trains where it is a bundle. False once
  // dismissed.
  bool turn(double timeout_s);

 private:
  void train(const Assigned& assigned);
  void tell_team(std::string bytes);  // the team's other ranks, which follow(); empty: nothing yet
  void hear();                        // the messages that may come while a bundle trains

  void begins(train::Work work) override;
  void evaluated(int lane, const spec::CurvePoint& point) override;
  void finished(int lane, const spec::TrialResult& result) override;
  bool stop_asked() override;
  bool checkpoint_due() override;
  void checkpoint(std::vector<train::LaneState> states) override;

  Line& line_;
  cluster::Group& team_;
  Settings settings_;
  const Assigned* assigned_ = nullptr;  // while a bundle trains
  std::optional<Pieces> pieces_;        // of the bundle
  std::vector<TrialId> ids_;            // of its lanes
  double checkpointed_s_ = 0;
  log::Seldom trouble_;  // with checkpoints
  double heard_s_ = 0;   // when the rest of the team was last told something
  int checkpoints_ = 0;  // written by this attempt
  bool stop_ = false;
  bool dismissed_ = false;
};

// The other ranks of a team: train what their first rank hands them until it is dismissed. The line
// gives signs meanwhile. Collective over the team.
void follow(cluster::Group& team, const Device& device, Line& line);

}  // namespace surd::sweep
