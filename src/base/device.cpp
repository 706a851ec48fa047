#include "base/device.hpp"

namespace surd {

std::string to_string(const Device& device) {
  if (device.kind == DeviceKind::cuda) return "cuda " + device.name;
  return device.instructions.empty() ? "cpu" : "cpu " + device.instructions;
}

Device device_of(std::string_view text) {
  const std::size_t space = text.find(' ');
  const std::string rest(space == std::string_view::npos ? "" : text.substr(space + 1));
  if (text.substr(0, space) == "cpu") return {.kind = DeviceKind::cpu, .instructions = rest};
  return {.kind = DeviceKind::cuda, .name = rest};
}

std::string speed_class(const Device& device) {
  return device.kind == DeviceKind::cpu ? "cpu" : device.name;
}

}  // namespace surd
