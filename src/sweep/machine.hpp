// What this machine is, in words that go into records.
#pragma once

#include <string>

#include "cluster/devices.hpp"

namespace surd::sweep {

// "cpu avx512", with SURD_CPU_INSTRUCTIONS "cpu avx512, kernels avx2", "cuda NVIDIA H100 80GB HBM3": results under one text are equal bit for bit.
std::string device_text(const cluster::Device& device);
// "Intel(R) Xeon(R) ..., 2 cores, Linux 6.1": for provenance. Both: InputError for a SURD_CPU_INSTRUCTIONS that cannot be had.
std::string machine_text();

}  // namespace surd::sweep
