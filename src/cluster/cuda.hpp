// The CUDA runtime for this room's .cpp files: every call goes through check().
#pragma once

#include <cuda_runtime_api.h>

#include <string>

#include "base/error.hpp"

namespace surd::cluster {

inline void check(cudaError_t code, const char* call) {
  if (code != cudaSuccess)
    throw Error(std::string(call) + " failed: " + cudaGetErrorName(code) + ": " +
                cudaGetErrorString(code));
}

}  // namespace surd::cluster
