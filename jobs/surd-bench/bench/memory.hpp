// How much memory a bundle takes, against spec::bundle_bytes.
#pragma once

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

// spec::bundle_bytes of such a bundle.
double forecast_bytes(const spec::Trial& trial, int lanes);

// Trains a bundle of `lanes` lanes like the trial, of seeds that take turns in twos, in this
// process: its whole recipe, validations and test included. The idle process is a worker that has
// trained a tiny bundle before, so that the libraries' own pages are there. Once a process.
MemoryUse measure_memory(const spec::Trial& trial, int lanes);

// The same in a new process of `program`, which must run answer_memory() when started as "PROGRAM
// memory --answer".
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
