#include "train/process.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <malloc.h>

namespace surd::train {

void prepare_process(bool deterministic) {
  at::set_num_threads(1);  // cores are shared out by the launcher
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  if (deterministic) at::globalContext().setDeterministicAlgorithms(true, false);
}

}  // namespace surd::train
