#include <fmt/format.h>

#include "cluster/cuda.hpp"
#include "cluster/devices.hpp"

namespace surd::cluster {

int cuda_device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();  // no driver or no device is an answer, not a fault that later calls should
                       // meet
  return 0;
}

std::string select_cuda_device(int index) {
  const int count = cuda_device_count();
  if (index < 0 || index >= count) {
    throw InputError(
        {.what = "no such CUDA device",
         .where = "--device",
         .expected = fmt::format("one of {} that this process sees", count),
         .got = fmt::format("cuda:{}", index),
         .advice =
             count == 0 ? "Look at nvidia-smi and CUDA_VISIBLE_DEVICES, or use --device cpu" : ""});
  }
  check(cudaSetDevice(index), "cudaSetDevice");
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, index), "cudaGetDeviceProperties");
  return properties.name;
}

}  // namespace surd::cluster
