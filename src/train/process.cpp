#include "train/process.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <malloc.h>

#include <cstdlib>

// jemalloc reads this when it starts: pages that were used once are kept, those of large blocks
// too, and serve blocks of any smaller size. Where it is not linked nobody does.
extern const char* malloc_conf;
const char* malloc_conf =
    "dirty_decay_ms:-1,muzzy_decay_ms:-1,oversize_threshold:0,lg_extent_max_active_fit:30";

namespace surd::train {

void prepare_process(bool deterministic) {
  at::set_num_threads(1);  // cores are shared out by the launcher
  ::setenv("MKL_DISABLE_FAST_MM", "1",
           0);  // MKL keeps buffers of its own for every shape of product; malloc's pages serve all
  // Without jemalloc: the same of glibc's allocator.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  if (deterministic) at::globalContext().setDeterministicAlgorithms(true, false);
}

}  // namespace surd::train
