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

std::string device_text(const cluster::Device& device) {
  if (device.kind == cluster::DeviceKind::cuda) return "cuda " + device.name;
  std::string capability = at::get_cpu_capability();
  std::transform(capability.begin(), capability.end(), capability.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return "cpu " + capability + kernels_text();
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
  return fmt::format("{}, {} cores, {} {}{}", processor, std::thread::hardware_concurrency(), system.sysname, system.release, kernels_text());
}

}  // namespace surd::sweep
