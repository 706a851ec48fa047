#include "base/device.hpp"

#include <catch2/catch.hpp>

using namespace surd;

TEST_CASE("a device is told by its text, and found again from it") {
  const Device limited{.instructions = "avx512, kernels avx2"};
  const Device gpu{.kind = DeviceKind::cuda, .name = "NVIDIA H100 80GB HBM3"};
  CHECK(to_string(limited) == "cpu avx512, kernels avx2");
  CHECK(to_string(gpu) == "cuda NVIDIA H100 80GB HBM3");
  CHECK(to_string(Device{}) == "cpu");
  for (const Device& device : {limited, gpu, Device{}})
    CHECK(device_of(to_string(device)) == device);
  CHECK(device_of("cpux").kind == DeviceKind::cuda);  // no prefix
}

TEST_CASE("speeds are measured by the kind of CPU, and by the name of a GPU") {
  CHECK(speed_class({.instructions = "avx2"}) == "cpu");
  CHECK(speed_class({.kind = DeviceKind::cuda, .index = 3, .name = "NVIDIA H100"}) ==
        "NVIDIA H100");
}
