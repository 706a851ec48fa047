#include "sweep/sweep.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/cores.hpp"
#include "base/exception_words.hpp"
#include "base/log.hpp"
#include "cluster/backoff.hpp"
#include "cluster/devices.hpp"
#include "cluster/stop_signal.hpp"
#include "cluster/teams.hpp"
#include "cluster/transport.hpp"
#include "design/audit.hpp"
#include "grid/study.hpp"
#include "program/launched.hpp"
#include "store/study_place.hpp"
#include "sweep/coordinator.hpp"
#include "sweep/line.hpp"
#include "sweep/machine.hpp"
#include "sweep/message.hpp"
#include "sweep/worker.hpp"
#include "train/process.hpp"

namespace surd::sweep {
namespace {

// How long the ranks wait for each other at the end, when all have been told that it is one.
constexpr double close_deadline_s = 120;
// Files are read at least as fast, the journal's records understood included.
constexpr double reading_bytes_s = 20e6;

// The team of a worker: consecutive ranks, so that a node's GPUs train together. Empty for the
// coordinator and for ranks that are left over.
std::vector<int> team_of(int rank, int world_size, int team_size) {
  const int first = 1 + (rank - 1) / team_size * team_size;
  std::vector<int> ranks;
  if (rank == 0 || first + team_size > world_size) return ranks;
  for (int member = first; member < first + team_size; ++member) ranks.push_back(member);
  return ranks;
}

int teams(int world_size, int team_size) { return (world_size - 1) / team_size; }

void check_size(const grid::Study& study, int world_size) {
  if (const auto launched = program::launched_ranks();
      launched.value_or(world_size) != world_size) {
    throw InputError(
        {.what = "the processes that mpirun started do not know of each other",
         .expected = fmt::format("a world of {}", *launched),
         .got = fmt::format("one of {}", world_size),
         .advice = "surd-run was built with another MPI than this mpirun's: put the right mpirun "
                   "first on PATH"});
  }
  const int team_size = study.run.data_parallel;
  if (world_size == 1 && team_size == 1) return;
  if (teams(world_size, team_size) < 1) {
    throw InputError(
        {.what = "too few processes for one team",
         .where = "run.data_parallel",
         .expected = fmt::format("at least {} processes: a coordinator and a team of {}",
                                 team_size + 1, team_size),
         .got = std::to_string(world_size),
         .advice = "Start more with mpirun -n, or set run.data_parallel to 1"});
  }
  const int left_over = (world_size - 1) % team_size;
  if (left_over > 0)
    log::warning("{} of {} workers have nothing to do: teams have {} ranks (run.data_parallel)",
                 left_over, world_size - 1, team_size);
}

// A process alone leaves the other cores idle, unless that was asked for.
void mention_idle_cores(const Device& device) {
  const int cores = usable_cores();
  if (device.kind != DeviceKind::cpu || cores == 1 || program::launched_ranks()) return;
  log::info("one process trains on one of {} cores; `surd run` with the same words uses all",
            cores);
}

// What can be seen of the flags before any rank has looked for its device, so that a mistyped one
// starts nothing.
void check_flags(const program::RunOptions& options, int team_size) {
  if (options.audit) design::check_share(*options.audit);
  Device expected = cluster::choose_device(options.device, -1);
  if (options.device == "cuda") expected.kind = DeviceKind::cuda;
  if (options.device == "auto" && options.group == "nccl") expected.kind = DeviceKind::cuda;
  cluster::choose_group(options.group, expected, team_size);
}

// Rank 0 alone: coordinator and worker by turns, over an in-process transport.
void run_alone(Coordinator& coordinator, cluster::Transport& worker_side, const Device& device,
               const std::string& host) {
  const std::unique_ptr<cluster::Group> team = cluster::make_solo_group();
  bool going = true;
  std::exception_ptr failure;  // of the coordinator, which must not be taken for a failure of the
                               // bundle that trains meanwhile
  const auto coordinate = [&] {
    if (failure) return;
    try {
      going = coordinator.turn();
    } catch (...) {
      failure = std::current_exception();
    }
  };
  Line line(worker_side, [&] { return failure != nullptr || cluster::stop_requested(); });
  Worker worker(line, *team, {device, host, {0}, coordinate});
  worker.join();
  while (going && !failure) {
    coordinate();
    worker.turn(0);
  }
  if (failure) std::rethrow_exception(failure);
}

void run_coordinator(Coordinator& coordinator) {
  cluster::Backoff backoff = cluster::Backoff::patient();
  while (coordinator.turn()) {
    if (coordinator.busy()) {
      backoff.reset();
    } else {
      backoff.wait();
    }
  }
}

// Until the coordinator has nothing more to say: ranks that are left over, and those of drained
// nodes, come here early.
void rest(Line& line) {
  while (true) {
    const auto message = line.wait(1);
    if (message && std::holds_alternative<Over>(*message)) return;
  }
}

void run_team(const cluster::World& world, Line& line, const program::RunOptions& options,
              int team_size, const std::vector<int>& ranks) {
  const Device device =
      with_instructions(cluster::choose_device(options.device, world.local_worker()));
  const cluster::GroupKind kind = cluster::choose_group(options.group, device, team_size);
  const std::unique_ptr<cluster::Group> team = cluster::make_group(
      kind, world, ranks, device, cluster::default_deadline_s, [&line] { line.waits(); });
  if (team->rank() != 0) {
    line.send(Joined{world.host(), ::getpid(), device, ranks, false});
    follow(*team, device, line);
    return;
  }
  Worker worker(line, *team, {device, world.host(), ranks});
  worker.join();
  while (worker.turn(0.5)) {
  }
}

void run_worker(const cluster::World& world, cluster::Transport& transport,
                const program::RunOptions& options, std::function<void(train::Work)> at_work) {
  Line line(transport, cluster::stop_requested, std::move(at_work));
  std::optional<Message> first;
  while (!first) first = line.wait(1);
  const auto* welcome = std::get_if<Welcome>(&*first);
  if (welcome != nullptr) {  // else dismissed: the study could not be read
    train::prepare_process(welcome->deterministic);
    const std::vector<int> ranks = team_of(world.rank(), world.size(), welcome->data_parallel);
    if (ranks.empty()) {
      line.send(Joined{world.host(), ::getpid(), {}, {}, false});
    } else {
      run_team(world, line, options, welcome->data_parallel, ranks);
    }
  }
  rest(line);
}

void send_to_all(cluster::Transport& transport, const Message& message) {
  for (int rank = 1; rank < transport.size(); ++rank) transport.send(rank, pack(message));
}

// How long the coordinator may be silent while it reads what the folder holds.
double reading_s(const store::RunFolder& folder) {
  double bytes = 0;
  for (const auto& file : {folder.journal(), folder.results()}) {
    std::error_code code;
    const auto size = std::filesystem::file_size(file, code);
    if (!code) bytes += static_cast<double>(size);
  }
  return bytes / reading_bytes_s;
}

Exit run_first(const cluster::World& world, cluster::Transport& transport,
               const program::RunOptions& options) {
  std::optional<grid::Study> study;
  std::optional<store::RunFolder> folder;
  std::unique_ptr<Coordinator> coordinator;
  std::optional<cluster::InProcess> in_process;
  const bool alone = world.size() == 1;
  Device device;
  try {
    study = store::load_study(options.study, options.overrides);
    check_size(*study, world.size());
    check_flags(options, study->run.data_parallel);
    if (alone) {
      in_process.emplace(2);
      device = with_instructions(cluster::choose_device(options.device, world.local_worker()));
      cluster::choose_group(options.group, device, 1);
    }
    folder.emplace(store::folder_of(*study, options.study, options.out));
    // Who is alone has nobody to find it.
    const Patience patience{alone ? std::nullopt : study->run.silent_s};
    cluster::Transport& side = alone ? in_process->at(0) : transport;
    send_to_all(side, patience);
    send_to_all(side, Sign{.doing = "reading the run folder", .piece_s = reading_s(*folder)});
    if (std::filesystem::exists(folder->results()) && !std::filesystem::exists(folder->journal())) {
      throw InputError(
          {.what = "the folder has results but no journal, and results are made anew from the "
                   "journal alone",
           .where = folder->path().string(),
           .advice = "Put journal.jsonl back, move results.h5 away, or choose another --out"});
    }
    folder->create();
    log::open((folder->log() / "run.log").string());
    coordinator = std::make_unique<Coordinator>(
        *study, *folder, side,
        Coordinator::Settings{{machine_text(), {options.study, options.overrides}, options.shrink},
                              alone ? 1 : teams(world.size(), study->run.data_parallel),
                              cluster::stop_requested,
                              options.audit,
                              patience.silent_s});
  } catch (const InputError& error) {
    log::error("{}", error.what());
    send_to_all(transport, Dismissed{});
    send_to_all(transport, Over{});
    return error.exit_code();
  }
  log::info("{}: {} trials in {} cells, run folder {}", study->name, study->trials.size(),
            study->cells.size(), folder->path().string());
  if (alone) {
    mention_idle_cores(device);
    train::prepare_process(study->run.deterministic);
  } else {
    send_to_all(transport, Welcome{study->run.data_parallel, study->run.deterministic});
  }
  try {
    if (alone) {
      run_alone(*coordinator, in_process->at(1), device, world.host());
    } else {
      run_coordinator(*coordinator);
    }
    const Exit exit = coordinator->finish();
    send_to_all(transport, Over{});
    log::info("{}", coordinator->closing_words());
    return exit;
  } catch (const std::exception& error) {
    coordinator->give_up(words_of(error));
    throw;
  }
}

}  // namespace

Exit run(cluster::World& world, const program::RunOptions& options,
         std::function<void(train::Work)> at_work) {
  std::signal(
      SIGPIPE,
      SIG_IGN);  // `surd-run ... | head` closes the terminal's side only; results go to files
  const std::unique_ptr<cluster::Transport> transport = cluster::make_mpi_transport(world);
  Exit exit = Exit::complete;
  if (world.rank() == 0) {
    exit = run_first(world, *transport, options);
  } else {
    run_worker(world, *transport, options, std::move(at_work));
  }
  transport->close(close_deadline_s);
  return exit;
}

}  // namespace surd::sweep
