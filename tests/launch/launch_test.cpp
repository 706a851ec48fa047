// `surd run` with scripts in the place of mpirun and surd-run.
#include "launch/launch.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "base/cores.hpp"
#include "base/error.hpp"
#include "folder.hpp"
#include "scripts.hpp"
#include "store/run_folder.hpp"

using namespace surd;
using namespace surd::launch;
using namespace surd::launch::test;
using Catch::Contains;

namespace {

constexpr const char* study_text = R"(
study: small
grid: {task: [lookup], length: [16], hidden: [4, 8], architecture: [standard]}
)";

store::RunState state(double started_s, std::optional<int> exit_code, const std::string& phase) {
  store::RunState state;
  state.study = "small";
  state.phase = phase;
  state.exit_code = exit_code;
  state.started_s = started_s;
  return state;
}

// A folder with a study, a fake surd-run, and a fake mpirun that writes the words and settings that
// it is given to `asked`, puts `next.json` in the place of state.json, and goes on as `mpirun`
// says.
class Place {
 public:
  explicit Place(const std::string& mpirun) : run(folder / "run") {
    std::ofstream(folder / "small.yaml") << study_text;
    script(folder / "bin" / "surd-run",
           fmt::format("if [ \"$1\" = --devices ]; then echo 'cuda devices: 3'; exit; fi\n"
                       "for word; do echo \"<$word>\"; done > {}; exit 9",
                       folder.quoted("alone")));
    script(folder / "path" / "mpirun",
           fmt::format("if [ \"$1\" = --version ]; then echo 'mpirun (Open MPI) 4.1.4'; exit; fi\n"
                       "cd {}\n"
                       "for word; do echo \"<$word>\"; done > asked\n"
                       "env | grep -E '^(OMPI|SURD)_' >> asked\n"
                       "if [ -e next.json ]; then mv next.json run/state.json; fi\n{}",
                       folder.quoted(""), mpirun));
    run.create();
    options.study = (folder / "small.yaml").string();
    options.out = run.path().string();
    options.device = "cpu";
  }

  // What the run is going to write of itself.
  void will_say(const store::RunState& said) {
    store::write_state(run, said);
    std::filesystem::rename(run.state(), folder / "next.json");
  }
  int launch(std::optional<int> ranks = 3) const {
    return launch::launch(options, ranks, {folder / "bin", (folder / "path").string()});
  }
  std::string asked() const { return text_of(folder / "asked"); }

  Folder folder;
  store::RunFolder run;
  program::RunOptions options;
};

}  // namespace

TEST_CASE("surd-run is started with the processes and the words that were asked for") {
  Place place("exit 0");
  place.will_say(state(2, 0, "over"));
  place.options.overrides = {"grid.length=[16, 24]", "question='a b'"};
  CHECK(place.launch() == 0);
  const std::string expected = fmt::format(
      "<-n>\n<3>\n<--quiet>\n<--oversubscribe>\n<--bind-to>\n<none>\n<--mca>\n<btl>\n<self,vader>"
      "\n<{}>\n<{}>\n"
      "<--out>\n<{}>\n<--set>\n<grid.length=[16, 24]>\n<--set>\n<question='a b'>\n"
      "<--device>\n<cpu>\n",
      (place.folder / "bin" / "surd-run").string(), place.options.study, place.options.out);
  CHECK_THAT(place.asked(), Catch::StartsWith(expected));
  CHECK_THAT(place.asked(), Contains("OMPI_ALLOW_RUN_AS_ROOT=1\n") &&
                                Contains("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1\n") &&
                                Contains("SURD_LAUNCHED_RANKS=3\n"));
}

TEST_CASE("without a number there is a worker for each core, or each GPU that surd-run sees") {
  ::unsetenv("SLURM_JOB_ID");
  Place place("exit 0");
  place.options.device = "cuda";
  place.will_say(state(2, 0, "over"));
  CHECK(place.launch({}) == 0);
  CHECK_THAT(place.asked(), Catch::StartsWith("<-n>\n<4>\n"));
  place.options.device = "cpu";
  place.will_say(state(3, 0, "over"));
  CHECK(place.launch({}) == 0);
  CHECK_THAT(place.asked(), Catch::StartsWith(fmt::format("<-n>\n<{}>\n", usable_cores() + 1)));
}

TEST_CASE("one process needs no mpirun: surd-run takes the place of surd") {
  Place place("exit 0");
  place.options.shrink = true;
  std::filesystem::remove(place.folder / "path" / "mpirun");
  Process process(place.folder / "errors", [&] { return place.launch(1); });
  CHECK(process.wait() == 9);
  CHECK_THAT(text_of(place.folder / "alone"), Contains("<--shrink>"));
}

TEST_CASE("the exit code is the one that the run wrote, whatever mpirun makes of it") {
  const int code = GENERATE(0, 1, 2, 3, 4);
  Place place("exit 1");
  place.will_say(state(2, code, "over"));
  CHECK(place.launch() == code);
}

TEST_CASE("what an earlier run wrote of itself says nothing of this one") {
  Place place("exit 2");
  store::write_state(place.run, state(1, 0, "over"));
  CHECK(place.launch() == 2);
  Place dead("kill -9 $$");
  store::write_state(dead.run, state(1, 0, "over"));
  Process process(dead.folder / "errors", [&] { return dead.launch(); });
  CHECK(process.wait() == 1);
  CHECK_THAT(text_of(dead.folder / "errors"), Contains("signal 9") && Contains("mpirun -n 3"));
}

TEST_CASE("a run that died is an error, with the way to go on") {
  Place place("exit 137");
  place.will_say(state(2, {}, "running"));
  Process process(place.folder / "errors", [&] { return place.launch(); });
  CHECK(process.wait() == 1);
  CHECK_THAT(text_of(place.folder / "errors"),
             Contains("ended by signal 9 (Killed)") &&
                 Contains("go on with: surd run " + place.run.path().string()));
}

TEST_CASE("mpirun that ends well without an account of the run is an error too") {
  Place place("exit 0");
  Process process(place.folder / "errors", [&] { return place.launch(); });
  CHECK(process.wait() == 1);
}

TEST_CASE("a stop reaches the run, and its exit code is 3 even where it came too early") {
  const bool early = GENERATE(false, true);
  Place place(fmt::format(
      "trap '{} exit 1' USR1; touch ready\nfor i in $(seq 600); do sleep 0.05; done; exit 99",
      early ? "" : "mv stopped.json run/state.json;"));
  store::write_state(place.run, state(2, 3, "stopped"));
  std::filesystem::rename(place.run.state(), place.folder / "stopped.json");
  Process process(place.folder / "errors", [&] { return place.launch(); });
  wait_for(place.folder / "ready");
  process.signal(SIGINT);
  CHECK(process.wait() == 3);
}

TEST_CASE("what is wrong is said before anything is started") {
  Place place("touch started; exit 0");
  place.options.overrides = {"grid.lenght=[16]"};
  CHECK_THROWS_AS(place.launch(), InputError);
  CHECK_THROWS_WITH(place.launch(), Contains("lenght"));
  place.options.overrides.clear();
  place.options.study = place.folder.path().string();
  CHECK_THROWS_WITH(place.launch(), Contains("this folder is no study"));
  place.options.study = (place.folder / "small.yaml").string();
  std::filesystem::remove(place.folder / "bin" / "surd-run");
  CHECK_THROWS_WITH(place.launch(), Contains("surd-run") && Contains("--target surd-run"));
  CHECK_FALSE(std::filesystem::exists(place.folder / "started"));
}

TEST_CASE("a missing mpirun is said before anything is started") {
  Place place("exit 0");
  std::filesystem::remove(place.folder / "path" / "mpirun");
  CHECK_THROWS_AS(place.launch(), InputError);
  CHECK_THROWS_WITH(place.launch(), Contains("there is no mpirun"));
}

TEST_CASE("a run folder is a study: its run goes on in it") {
  Place place("exit 0");
  std::ofstream(place.run.study()) << study_text;
  std::ofstream(place.run.journal()).close();
  place.options.study = place.run.path().string();
  place.options.out.clear();
  place.will_say(state(2, 4, "over"));
  CHECK(place.launch() == 4);
  CHECK_THAT(place.asked(), Contains(fmt::format("<{}>\n<--device>", place.run.path().string())));
}
