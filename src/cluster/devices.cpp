#include "cluster/devices.hpp"

#include <fmt/format.h>

#include <array>

#include "base/error.hpp"

namespace surd::cluster {

std::string place_of(const Device& device) {
  return device.kind == DeviceKind::cpu ? "cpu" : fmt::format("cuda:{}", device.index);
}

Device choose_device(const std::string& flag, int local_worker) {
  const std::array<std::string, 3> flags{"cpu", "cuda", "auto"};
  if (flag != "cpu" && flag != "cuda" && flag != "auto") {
    const std::string nearest = nearest_word(flag, flags);
    throw InputError({.what = "unknown device",
                      .where = "--device",
                      .expected = "cpu, cuda or auto",
                      .got = "'" + flag + "'",
                      .advice = nearest.empty() ? "" : "Did you mean " + nearest + "?"});
  }
  if (flag == "cpu" || local_worker < 0) return {};
  const int count = cuda_device_count();
  if (count == 0 && flag == "auto") return {};
  const int index = count == 0 ? 0 : local_worker % count;
  return {.kind = DeviceKind::cuda, .index = index, .name = select_cuda_device(index)};
}

}  // namespace surd::cluster
