// How long a bundle's pieces of work should take on a slow machine: what a rank is judged by until
// it has measured its own.
#pragma once

#include <span>

#include "base/device.hpp"
#include "spec/trial.hpp"
#include "train/train.hpp"

namespace surd::sweep {

class Pieces {
 public:
  // trials: of one bundle, at least one.
  Pieces(std::span<const spec::Trial> trials, DeviceKind device);
  double seconds(train::Work work) const;

 private:
  double step_s_, evaluation_s_, checkpoint_s_;
};

}  // namespace surd::sweep
