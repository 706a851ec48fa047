#include "launch/ranks.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

using namespace surd::launch;

TEST_CASE("a worker for each core, or each GPU, and the coordinator") {
  CHECK(default_ranks({.cores = 8}, 1) == 9);
  CHECK(default_ranks({.cores = 1}, 1) == 2);
  CHECK(default_ranks({.cores = 64, .gpus = 4}, 1) == 5);
}

TEST_CASE("workers make whole teams, and at least one") {
  CHECK(default_ranks({.cores = 8}, 3) == 7);
  CHECK(default_ranks({.cores = 2}, 4) == 5);
  CHECK(default_ranks({.cores = 64, .gpus = 8}, 4) == 9);
}

TEST_CASE("a Slurm job of several tasks has its own number") {
  CHECK(default_ranks({.cores = 8, .gpus = 2, .tasks = 33}, 1) == 33);
  CHECK(default_ranks({.cores = 8, .gpus = 0, .tasks = 1}, 1) == 9);
}

TEST_CASE("tasks are read inside a Slurm job only") {
  ::unsetenv("SLURM_JOB_ID");
  ::setenv("SLURM_NTASKS", "9", 1);
  CHECK_FALSE(slurm_tasks());
  ::setenv("SLURM_JOB_ID", "4711", 1);
  CHECK(slurm_tasks() == 9);
  ::unsetenv("SLURM_NTASKS");
  CHECK_FALSE(slurm_tasks());
  ::unsetenv("SLURM_JOB_ID");
}

TEST_CASE("the number of GPUs is what surd-run --devices says") {
  CHECK(gpus_in("cuda devices: 4\n") == 4);
  CHECK(gpus_in("a warning\ncuda devices: 12, all alike\n") == 12);
  CHECK(gpus_in("cuda devices: 0\n") == 0);
  CHECK(gpus_in("cuda devices: none\n") == 0);
  CHECK(gpus_in("") == 0);
}
