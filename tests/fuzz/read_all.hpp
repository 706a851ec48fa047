// Every part of what store::read_run gives, the lazy ones too.
#pragma once

#include "store/snapshot.hpp"

namespace surd::fuzz {

inline void read_all(const store::Snapshot& run) {
  run.curves();
  run.attempts();
  run.audit();
  run.planned_flops();
  run.provenance();
}

}  // namespace surd::fuzz
