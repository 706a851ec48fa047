// How much memory a bundle takes, against spec::bundle_bytes.
#pragma once

#include <c10/core/Device.h>

#include <span>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "spec/trial.hpp"

namespace surd::bench {

struct MemoryUse {
  double peak_bytes = 0;    // resident, from the first step to the test, above the idle process
  double growth_bytes = 0;  // of the heap, held or used, by the allocator's own count: from the
                            // 100th step to the last
};

// spec::bundle_bytes of such a bundle on a CPU, spec::lane_bytes of its lanes on a GPU.
double forecast_bytes(const spec::Trial& trial, int lanes,
                      const at::Device& device = at::Device(at::kCPU));

// Trains a bundle of `lanes` lanes like the trial, of seeds that take turns in twos, in this
// process: its whole recipe, validations and test included. The idle process is a worker that has
// trained a tiny bundle before, so that the libraries' own pages are there. Once a process.
MemoryUse measure_memory(const spec::Trial& trial, int lanes);

// Peak bytes of the same on a GPU, by its allocator's own count, above those of a process that has
// trained a tiny bundle before.
double measure_device_bytes(const spec::Trial& trial, int lanes, const at::Device& device);

// measure_memory in a new process of `program`, which must run answer_memory() when started as
// "PROGRAM memory --answer".
MemoryUse measure_memory_apart(const std::string& program, const spec::Trial& trial, int lanes);
// Reads the question of measure_memory_apart from stdin and writes the answer to stdout.
void answer_memory();

// Widths, layers, lengths, batches, lanes, fp32 in the fused program and fp64 in the generic one.
struct MemoryCase {
  spec::Trial trial;
  int lanes = 1;
};
std::vector<MemoryCase> memory_cases(int steps);

}  // namespace surd::bench
