// The instruction sets that the fused program is compiled for and this machine has.
#pragma once

#include <hwy/highway.h>

#include <cstdint>

namespace surd::model::test {

// Runs body(name) once for each.
template <typename Body>
inline void for_instruction_sets(const Body& body) {
  const std::int64_t machine =
      hwy::SupportedTargets();  // asked once: asking again undoes a choice (Highway 1.0.3)
  for (const std::int64_t target : {HWY_AVX3, HWY_AVX2, HWY_NEON, HWY_STATIC_TARGET}) {
    if ((machine & target) == 0 && target != HWY_STATIC_TARGET) continue;
    hwy::SetSupportedTargetsForTest(target);
    body(hwy::TargetName(target));
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace surd::model::test
