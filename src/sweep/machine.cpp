#include "sweep/machine.hpp"

#include <ATen/Version.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <thread>

#include "model/instruction_limit.hpp"

namespace surd::sweep {

namespace {

std::string kernels_text() {
  const std::string limit = model::limit_instructions();
  return limit.empty() ? "" : ", kernels " + limit;
}

}  // namespace

at::Device to_torch(const Device& device) {
  return device.kind == DeviceKind::cuda
             ? at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device.index))
             : at::Device(at::kCPU);
}

Device with_instructions(Device device) {
  if (device.kind == DeviceKind::cuda) return device;
  std::string capability = at::get_cpu_capability();
  std::transform(capability.begin(), capability.end(), capability.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  device.instructions = capability + kernels_text();
  return device;
}

std::string machine_text() {
  std::string processor = "unknown processor";
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) processor = line.substr(colon + 2);
    break;
  }
  utsname system{};
  ::uname(&system);
  return fmt::format("{}, {} cores, {} {}{}", processor, std::thread::hardware_concurrency(),
                     system.sysname, system.release, kernels_text());
}

}  // namespace surd::sweep
