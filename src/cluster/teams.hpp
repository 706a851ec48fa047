// Makes groups out of the ranks of the world.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cluster/devices.hpp"
#include "cluster/group.hpp"

namespace surd::cluster {

class World;

enum class GroupKind { solo, mpi, nccl };

// flag: solo, mpi, nccl, or auto (solo for a team of one; else nccl on CUDA devices and mpi on
// CPUs). InputError for another flag and for a group that cannot serve a team of `team_size` on
// such a device in this build.
GroupKind choose_group(const std::string& flag, const Device& device, int team_size);

// A peer that has not come for so long is taken for lost.
inline constexpr double default_deadline_s = 600;

// Called on the waiting thread again and again while a call waits for the other members, between
// sleeps of at most 20 ms. What it throws leaves the call, and the group is broken then.
using Meanwhile = std::function<void()>;

// ranks: the members by world rank, the same list on each, this rank among them; member i is
// ranks[i]. Collective over the members only. Waits for them without using a core; Error where one
// does not come within `deadline_s`, which also holds for each later call. After an Error the group
// stays broken: later calls throw too.
std::unique_ptr<Group> make_group(GroupKind kind, const World& world, const std::vector<int>& ranks,
                                  const Device& device, double deadline_s = default_deadline_s,
                                  Meanwhile meanwhile = {});

// Host memory, over MPI. The sum is taken in the order of the members, ((x0 + x1) + x2) + ...,
// wherever they run.
std::unique_ptr<Group> make_mpi_group(const World& world, const std::vector<int>& ranks,
                                      double deadline_s = default_deadline_s,
                                      Meanwhile meanwhile = {});

// Memory of `device`, over NCCL, on a stream (the default stream is cudaStreamLegacy, not null);
// host memory, with a null stream, as make_mpi_group. Makes the device current for the calling
// thread. InputError in a build without NCCL.
std::unique_ptr<Group> make_nccl_group(const World& world, const std::vector<int>& ranks,
                                       const Device& device, double deadline_s = default_deadline_s,
                                       Meanwhile meanwhile = {});

}  // namespace surd::cluster
