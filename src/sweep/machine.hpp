// What this machine is, for records.
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "base/device.hpp"

namespace surd::sweep {

at::Device to_torch(const Device& device);
// With the instructions that a CPU's kernels use: "avx512", where SURD_CPU_INSTRUCTIONS says so
// "avx512, kernels avx2".
Device with_instructions(Device device);
// "Intel(R) Xeon(R) ..., 2 cores, Linux 6.1": for provenance. Both: InputError for a
// SURD_CPU_INSTRUCTIONS that cannot be had.
std::string machine_text();

}  // namespace surd::sweep
