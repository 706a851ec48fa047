// The device that a rank computes on: what decides the bits of its results, and their speed.
#pragma once

#include <string>
#include <string_view>

namespace surd {

enum class DeviceKind { cpu, cuda };

struct Device {
  DeviceKind kind = DeviceKind::cpu;
  int index = 0;               // cuda: among the devices that this process sees
  std::string name{};          // cuda: as the driver calls it
  std::string instructions{};  // cpu: what its kernels use, "avx512", "avx2, kernels portable"
  bool operator==(const Device&) const = default;
};

// "cpu avx512", "cuda NVIDIA H100 80GB HBM3": the text of journal, results.h5 and messages to
// users. Results under one text are equal bit for bit.
std::string to_string(const Device& device);
// Of such a text, its index aside.
Device device_of(std::string_view text);
// What speeds are measured by: "cpu", or the name of the GPU.
std::string speed_class(const Device& device);

}  // namespace surd
