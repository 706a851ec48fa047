#include "base/error.hpp"
#include "cluster/devices.hpp"

namespace surd::cluster {

int cuda_device_count() { return 0; }

std::string select_cuda_device(int) {
  throw InputError({.what = "this build reaches no CUDA device",
                    .where = "--device",
                    .expected = "cpu",
                    .got = "cuda",
                    .advice = "Use --device cpu, or build the cuda preset: jobs/setup --cuda && "
                              "cmake --preset cuda && cmake --build --preset cuda"});
}

}  // namespace surd::cluster
