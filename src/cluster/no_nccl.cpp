#include "base/error.hpp"
#include "cluster/teams.hpp"

namespace surd::cluster {

std::unique_ptr<Group> make_nccl_group(const World&, const std::vector<int>&, const Device&, double,
                                       Meanwhile) {  // NOLINT(performance-unnecessary-value-param)
  throw InputError({.what = "this build has no NCCL",
                    .where = "--group",
                    .expected = "mpi or solo",
                    .got = "nccl",
                    .advice = "Use --group mpi, or build the cuda preset: jobs/setup --cuda && "
                              "cmake --preset cuda && cmake --build --preset cuda"});
}

}  // namespace surd::cluster
