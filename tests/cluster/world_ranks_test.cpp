#include "cluster/world.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "base/error.hpp"
#include "cluster/mpi.hpp"
#include "mpi_main.hpp"

using namespace surd;
using namespace surd::cluster;
using test::world;

TEST_CASE("all ranks of one node, one of them the coordinator") {
  CHECK(world().rank() >= 0);
  CHECK(world().rank() < world().size());
  CHECK_FALSE(world().host().empty());
  CHECK(world().local_size() == world().size());
  CHECK(world().local_rank() == world().rank());
  CHECK(world().local_worker() == (world().size() == 1 ? 0 : world().rank() - 1));
}

TEST_CASE("a bad MPI call becomes an error with the call, the rank and MPI's own words") {
  const std::string rank = "rank " + std::to_string(world().rank());
  const int nobody = world().size();
  CHECK_THROWS_WITH(check(MPI_Send(nullptr, 0, MPI_BYTE, nobody, 0, world().communicator().get()),
                          "MPI_Send", "to nobody"),
                    Catch::Contains(rank) && Catch::Contains("MPI_Send failed") &&
                        Catch::Contains("MPI_ERR_RANK") && Catch::Contains("to nobody"));
  int value = 0;
  CHECK_THROWS_AS(check(MPI_Bcast(&value, 1, MPI_INT, nobody, MPI_COMM_WORLD), "MPI_Bcast"), Error);
}

TEST_CASE("the Slurm job comes from the environment") {
  unsetenv("SLURM_JOB_ID");
  CHECK(slurm_job().id.empty());
  setenv("SLURM_JOB_ID", "4711", 1);
  setenv("SLURM_RESTART_COUNT", "2", 1);
  CHECK(slurm_job().id == "4711");
  CHECK(slurm_job().restarts == 2);
}
