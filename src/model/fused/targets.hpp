// The instruction sets that kernels are compiled for: AVX-512, AVX2 with FMA, NEON, and Highway's
// portable baseline. Before hwy/foreach_target.h.
#pragma once

#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
