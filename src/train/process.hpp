// How a process is set up that trains.
#pragma once

namespace surd::train {

// One thread, and an allocator that keeps its pages: faulting them in again costs more than small
// models do. To be called once, before the first bundle. deterministic: ATen refuses algorithms
// whose sums depend on timing.
void prepare_process(bool deterministic);

}  // namespace surd::train
