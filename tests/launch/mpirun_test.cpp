#include "launch/mpirun.hpp"

#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "folder.hpp"
#include "scripts.hpp"

using namespace surd;
using namespace surd::launch;
using namespace surd::launch::test;
using Catch::Contains;

namespace {

const char* const open_mpi = "echo 'mpirun (Open MPI) 4.1.4'";
const char* const hydra = "echo 'HYDRA build details:'";

}  // namespace

TEST_CASE("no mpirun is an error that says what to do") {
  const Folder folder;
  CHECK_THROWS_AS(find_mpirun(folder.path(), ""), InputError);
  CHECK_THROWS_WITH(
      find_mpirun(folder.path(), (folder / "none").string()),
      Contains("there is no mpirun") && Contains("openmpi-bin") && Contains("--ranks 1"));
  script(folder / "broken" / "mpirun", "exit 1");
  CHECK_THROWS_WITH(find_mpirun(folder.path(), (folder / "broken").string()),
                    Contains("there is no mpirun"));
  std::ofstream(folder / "mpirun") << "not a program";
  CHECK_THROWS_WITH(find_mpirun(folder.path(), ""), Contains("there is no mpirun"));
}

TEST_CASE("the first Open MPI on the path is taken, wherever another mpirun stands before it") {
  const Folder folder;
  const auto path = [&](const std::string& names) {
    std::string text;
    std::istringstream words(names);
    for (std::string name; words >> name;) text.append(":").append((folder / name).string());
    return text;
  };
  script(folder / "hydra" / "mpirun", hydra);
  script(folder / "open" / "mpirun", open_mpi);
  script(folder / "debian" / "mpirun", hydra);
  script(folder / "debian" / "mpirun.openmpi", open_mpi);
  script(folder / "programs" / "mpirun", open_mpi);
  const auto found = [&](const std::string& names) {
    return find_mpirun(folder / "no", path(names));
  };
  CHECK(found("open").program == folder / "open" / "mpirun");
  CHECK(found("open").is_open_mpi);
  CHECK(found("hydra open").program == folder / "open" / "mpirun");
  CHECK(found("debian").program == folder / "debian" / "mpirun.openmpi");
  CHECK(found("none hydra").program == folder / "hydra" / "mpirun");
  CHECK_FALSE(found("none hydra").is_open_mpi);
  CHECK(find_mpirun(folder / "programs", path("open")).program == folder / "programs" / "mpirun");
}

TEST_CASE("Open MPI gets its flags, another mpirun only the number of processes") {
  const Command program{{"/bin/surd-run", "study.yaml", "--set", "grid.length=[16, 24]"}, {"A=1"}};
  const Command open = under_mpirun({"/usr/bin/mpirun", true}, 3, program, false);
  CHECK(open.words == std::vector<std::string>{
                          "/usr/bin/mpirun", "-n", "3", "--quiet", "--oversubscribe", "--bind-to",
                          "none", "/bin/surd-run", "study.yaml", "--set", "grid.length=[16, 24]"});
  CHECK(open.environment == std::vector<std::string>{"A=1", "OMPI_ALLOW_RUN_AS_ROOT=1",
                                                     "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"});
  const Command here = under_mpirun({"/usr/bin/mpirun", true}, 3, program, true);
  CHECK(here.words == std::vector<std::string>{"/usr/bin/mpirun", "-n", "3", "--quiet",
                                               "--oversubscribe", "--bind-to", "none", "--mca",
                                               "btl", "self,vader", "/bin/surd-run", "study.yaml",
                                               "--set", "grid.length=[16, 24]"});
  const Command other = under_mpirun({"/usr/bin/mpirun", false}, 3, program, true);
  CHECK(other.words == std::vector<std::string>{"/usr/bin/mpirun", "-n", "3", "/bin/surd-run",
                                                "study.yaml", "--set", "grid.length=[16, 24]"});
  CHECK(other.environment == program.environment);
}

TEST_CASE("a scheduler's allocation may span machines") {
  const auto with = [](const char* name, const char* value) {
    ::setenv(name, value, 1);
    const bool one = is_one_machine();
    ::unsetenv(name);
    return one;
  };
  CHECK(is_one_machine());
  CHECK(with("SLURM_JOB_NUM_NODES", "1"));
  CHECK_FALSE(with("SLURM_JOB_NUM_NODES", "2"));
  for (const char* name : {"PBS_NODEFILE", "LSB_DJOB_HOSTFILE", "LSB_HOSTS", "PE_HOSTFILE"})
    CHECK_FALSE(with(name, "/a/file"));
}
