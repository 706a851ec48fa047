#include "jobs/surd/status.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/shell.hpp"
#include "store/lock.hpp"
#include "store/run_folder.hpp"

namespace surd::jobs {
namespace {

// A run that lives writes its state every second; a minute of silence means that it died or hangs.
// On its own machine its process can be looked for.
constexpr double silent_s = 60;

bool process_is_gone(const store::RankState& rank) {
  if (rank.host != store::host_name()) return false;
  if (::kill(static_cast<pid_t>(rank.pid), 0) != 0) return errno == ESRCH;
  // A process whose parent has not asked for its end yet still has a number: "pid (name) Z ...".
  std::ifstream stat(fmt::format("/proc/{}/stat", rank.pid));
  std::string line;
  std::getline(stat, line);
  const std::size_t name_end = line.rfind(')');
  return name_end != std::string::npos && name_end + 2 < line.size() && line[name_end + 2] == 'Z';
}

bool seems_dead(const store::RunState& state) {
  if (state.exit_code) return false;
  return unix_time_s() - state.updated_s > silent_s ||
         (!state.ranks.empty() && process_is_gone(state.ranks.front()));
}

void print_json(const store::RunState& state) {
  Json json = store::to_json(state);
  json["seems_dead"] = seems_dead(state);
  fmt::print("{}\n", json.dump(2));
}

std::string number_text(const store::SoughtState& sought) {
  if (!sought.value) return fmt::format("no value yet: {}", sought.reason);
  const auto end = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.2f}", *value) : "open";
  };
  return fmt::format("{:.2f}, 95 % [{}, {}], from {} lengths", *sought.value, end(sought.low),
                     end(sought.high), sought.lengths);
}

void print_search(const store::SearchState& search) {
  fmt::print("search of {}: {}{} rounds, {} seeds, {:.3g} FLOPs{}{}\n", search.group,
             search.over ? "over, " : "", search.rounds, search.seeds, search.flops,
             search.budget_flops ? fmt::format(" of {:.3g}", *search.budget_flops) : "",
             search.reason.empty() ? "" : fmt::format(" ({})", search.reason));
  for (const store::SoughtState& sought : search.sought)
    fmt::print("  {}: {}\n", sought.name, number_text(sought));
  if (!search.open.empty()) fmt::print("  open: {}\n", fmt::join(search.open, "; "));
}

void print_text(const store::RunState& state, const std::string& run) {
  const bool dead = seems_dead(state);
  fmt::print("study {}: {}\n", state.study, dead ? "seems to have died" : state.phase);
  fmt::print("trials: {} done, {} running, {} failed, {} skipped, {} left of {}\n", state.done,
             state.running, state.failed, state.skipped, state.left, state.total);
  if (const auto& audit = state.audit) {
    fmt::print(
        "budget audit, twice the steps: {} of {} trials done, {} of them solved now, {} running, "
        "{} failed, {} left\n",
        audit->done, audit->total, audit->solved, audit->running, audit->failed, audit->left());
  }
  for (const store::SearchState& search : state.search) print_search(search);
  if (state.exit_code) {
    fmt::print("exit code {}: {}\n", *state.exit_code, state.sentence);
    return;
  }
  if (dead) {
    fmt::print("nothing was heard of it for {}; go on with: surd run {}\nWhat it was doing:\n",
               duration_text(unix_time_s() - state.updated_s), shell_word(run));
  } else {
    fmt::print("running for {}, about {} left\n", duration_text(state.updated_s - state.started_s),
               state.left_s ? duration_text(*state.left_s) : "an unknown time");
  }
  for (const store::RankState& rank : state.ranks)
    fmt::print("rank {:4}  {}  pid {:7}  {}\n", rank.rank, rank.host, rank.pid, rank.doing);
}

}  // namespace

void add_status_command(CLI::App& app, int& exit_code) {
  struct Arguments {
    std::string run;
    bool json = false;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("status", "how a run goes: trials done and left, what each rank does");
  command->add_option("run", arguments->run, "run folder")->required();
  command->add_flag("--json", arguments->json, "as JSON");
  command->callback([arguments, &exit_code] {
    const store::RunState state = store::read_state(store::RunFolder::existing(arguments->run));
    if (arguments->json) {
      print_json(state);
    } else {
      print_text(state, arguments->run);
    }
    exit_code = 0;
  });
}

}  // namespace surd::jobs
