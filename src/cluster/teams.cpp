#include "cluster/teams.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/error.hpp"

namespace surd::cluster {

GroupKind choose_group(const std::string& flag, const Device& device, int team_size) {
  const bool on_cuda = device.kind == DeviceKind::cuda;
  const auto refuse = [&](const std::string& expected, const std::string& advice) {
    throw InputError({.what = fmt::format("a group that cannot serve {} rank{} on {}", team_size,
                                          team_size == 1 ? "" : "s", place_of(device)),
                      .where = "--group",
                      .expected = expected,
                      .got = flag,
                      .advice = advice});
  };
  if (flag == "auto") {
    if (team_size == 1) return GroupKind::solo;
    return choose_group(on_cuda ? "nccl" : "mpi", device, team_size);
  }
  if (flag == "solo") {
    if (team_size > 1) refuse(on_cuda ? "nccl" : "mpi", "solo is for run.data_parallel: 1");
    return GroupKind::solo;
  }
  if (flag == "mpi") {
    if (on_cuda)
      refuse("nccl or solo", "mpi reaches host memory only: use --device cpu or --group nccl");
    return GroupKind::mpi;
  }
  if (flag == "nccl") {
    if (!on_cuda)
      refuse("mpi or solo", "nccl reaches CUDA devices only: use --device cuda, or --group mpi");
    return GroupKind::nccl;
  }
  const std::array<std::string, 4> flags{"auto", "solo", "mpi", "nccl"};
  const std::string nearest = nearest_word(flag, flags);
  throw InputError({.what = "unknown group",
                    .where = "--group",
                    .expected = "auto, solo, mpi or nccl",
                    .got = "'" + flag + "'",
                    .advice = nearest.empty() ? "" : "Did you mean " + nearest + "?"});
}

std::unique_ptr<Group> make_group(GroupKind kind, const World& world, const std::vector<int>& ranks,
                                  const Device& device, double deadline_s, Meanwhile meanwhile) {
  switch (kind) {
    case GroupKind::solo:
      if (ranks.size() > 1)
        throw Error({.what = "a solo group of several ranks",
                     .expected = "1",
                     .got = fmt::to_string(ranks.size())});
      return make_solo_group();
    case GroupKind::mpi: return make_mpi_group(world, ranks, deadline_s, std::move(meanwhile));
    case GroupKind::nccl:
      return make_nccl_group(world, ranks, device, deadline_s, std::move(meanwhile));
  }
  throw Error("a group of unknown kind");
}

}  // namespace surd::cluster
