// The device that a rank computes on.
#pragma once

#include <string>

#include "base/device.hpp"

namespace surd::cluster {

// Where in this process: "cpu", "cuda:0".
std::string place_of(const Device& device);

// flag: cpu, cuda, or auto (cuda where this build and this machine have it). local_worker:
// World::local_worker(); workers of a node take its GPUs in turn, and the coordinator (-1) always
// gets the CPU. Device::instructions stays empty. Makes a CUDA device current for the calling
// thread. InputError for another flag, and for cuda where there is none.
Device choose_device(const std::string& flag, int local_worker);

// CUDA devices that this process sees; 0 without a driver and in a build without CUDA.
int cuda_device_count();

// Makes the device current for the calling thread; returns its name. InputError in a build without
// CUDA.
std::string select_cuda_device(int index);

}  // namespace surd::cluster
