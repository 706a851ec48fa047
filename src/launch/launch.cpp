#include "launch/launch.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/cores.hpp"
#include "base/error.hpp"
#include "base/shell.hpp"
#include "launch/child.hpp"
#include "launch/mpirun.hpp"
#include "launch/ranks.hpp"
#include "program/launched.hpp"
#include "store/run_folder.hpp"
#include "store/study_place.hpp"

namespace surd::launch {
namespace {

std::filesystem::path surd_run_in(const std::filesystem::path& programs) {
  const std::filesystem::path program = programs / "surd-run";
  std::error_code code;
  if (!std::filesystem::exists(program, code)) {
    throw InputError({.what = "the program that trains is not there",
                      .where = program.string(),
                      .advice = "Build it: cmake --build --preset release --target surd-run"});
  }
  return program;
}

// state.json as far as it is one.
std::optional<store::RunState> state_in(const store::RunFolder& folder) {
  try {
    return store::read_state(folder);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// What a run says of itself in its folder, and nothing of what earlier ones said.
class Account {
 public:
  explicit Account(const store::RunFolder& folder) : folder_(folder) {
    if (const auto state = state_in(folder)) earlier_start_s_ = state->started_s;
  }
  std::optional<store::RunState> now() const {
    auto state = state_in(folder_);
    if (state && earlier_start_s_ == state->started_s) state.reset();
    return state;
  }

 private:
  const store::RunFolder& folder_;
  std::optional<double> earlier_start_s_;
};

int count_ranks(const grid::Study& study, const std::string& device,
                const std::filesystem::path& surd_run) {
  Resources resources{.cores = usable_cores(), .gpus = 0, .tasks = slurm_tasks()};
  if (device != "cpu") resources.gpus = gpus_in(output_of({{surd_run.string(), "--devices"}}).text);
  return default_ranks(resources, study.run.data_parallel);
}

std::string death_words(int code) {
  if (code > 128 && code < 128 + NSIG)
    return fmt::format("a process of the run was ended by signal {} ({})", code - 128,
                       ::strsignal(code - 128));
  return fmt::format("the run ended without an account of it, mpirun with exit code {}", code);
}

int exit_code_of(const End& end, const std::optional<store::RunState>& account,
                 const store::RunFolder& folder, const Command& command) {
  if (account && account->exit_code) return *account->exit_code;
  if (end.stop_asked) return static_cast<int>(Exit::stopped);
  // surd-run has said what was wrong with its input.
  if (end.code == static_cast<int>(Exit::bad_input)) return end.code;
  if (account) {
    fmt::print(stderr, "surd: {}; go on with: surd run {}\n", death_words(end.code),
               shell_word(folder.path().string()));
  } else {
    fmt::print(stderr, "surd: {}; it was started by: {}\n", death_words(end.code),
               shell_line(command.words));
  }
  return static_cast<int>(Exit::error);
}

}  // namespace

Surroundings surroundings() {
  const char* path = std::getenv("PATH");
  return {std::filesystem::read_symlink("/proc/self/exe").parent_path(), path ? path : ""};
}

int launch(const program::RunOptions& options, std::optional<int> ranks,
           const Surroundings& around) {
  const grid::Study study = store::load_study(options.study, options.overrides);
  const store::RunFolder folder = store::folder_of(study, options.study, options.out);
  const std::filesystem::path surd_run = surd_run_in(around.programs);
  const int count = ranks ? *ranks : count_ranks(study, options.device, surd_run);

  Command program{{surd_run.string()}, {program::launched_setting(count)}};
  for (std::string& word : program::to_arguments(options)) program.words.push_back(std::move(word));
  if (count == 1) become(program);

  const Mpirun mpirun = find_mpirun(around.programs, around.search_path);
  const Command command = under_mpirun(mpirun, count, program, is_one_machine());
  const Account account(folder);
  const End end = run_with_signals(command, [&] {
    const auto state = account.now();
    return state && (state->exit_code || state->phase == "stopping");
  });
  return exit_code_of(end, account.now(), folder, command);
}

}  // namespace surd::launch
