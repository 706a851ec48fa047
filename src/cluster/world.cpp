#include "cluster/world.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/exception_words.hpp"
#include "base/log.hpp"
#include "base/number.hpp"
#include "cluster/mpi.hpp"

namespace surd::cluster {
namespace {

std::string host_name() {
  std::array<char, MPI_MAX_PROCESSOR_NAME> name{};
  int length = 0;
  check(MPI_Get_processor_name(name.data(), &length), "MPI_Get_processor_name");
  return {name.data(), static_cast<std::size_t>(length)};
}

Communicator node_of(MPI_Comm from) {
  MPI_Comm comm = MPI_COMM_NULL;
  check(MPI_Comm_split_type(from, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &comm),
        "MPI_Comm_split_type");
  return Communicator(comm);
}

// MPI knows no deadline while it starts: one rank that never comes up would keep the others for
// ever. Ends this process, and so the job, where that takes too long.
class StartDeadline {
 public:
  StartDeadline() {
    std::signal(SIGALRM, [](int) {
      constexpr std::string_view words =
          "MPI has not started within 10 minutes: a process of the run hangs or never came up\n";
      [[maybe_unused]] const auto written = ::write(STDERR_FILENO, words.data(), words.size());
      ::_exit(static_cast<int>(Exit::error));
    });
    ::alarm(600);
  }
  ~StartDeadline() {
    ::alarm(0);
    std::signal(SIGALRM, SIG_DFL);
  }
  StartDeadline(const StartDeadline&) = delete;
  StartDeadline& operator=(const StartDeadline&) = delete;
};

// Ends every rank of the job. A world of one ends by itself, without the launcher's long notice.
void end_job(const World& world, const std::string& message, Exit code) {
  log::error("rank {} on {}: {}", world.rank(), world.host(), message);
  std::fflush(nullptr);
  if (world.size() > 1) MPI_Abort(MPI_COMM_WORLD, static_cast<int>(code));
}

}  // namespace

World::World() {
  check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  communicator_ = std::make_unique<Communicator>(Communicator::duplicate(MPI_COMM_WORLD));
  rank_ = communicator_->rank();
  size_ = communicator_->size();
  host_ = host_name();

  const Communicator node = node_of(communicator_->get());
  local_rank_ = node.rank();
  local_size_ = node.size();
  int lowest_rank = rank_;
  check(MPI_Allreduce(MPI_IN_PLACE, &lowest_rank, 1, MPI_INT, MPI_MIN, node.get()),
        "MPI_Allreduce");
  const bool coordinator_is_here = size_ > 1 && lowest_rank == 0;
  local_worker_ = local_rank_ - (coordinator_is_here ? 1 : 0);
}

World::~World() = default;

int run(int argc, char** argv, const std::function<int(World&)>& body) {
  std::optional<StartDeadline> start(std::in_place);
  int provided = MPI_THREAD_SINGLE;
  check(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  int code = static_cast<int>(Exit::error);
  {
    World world;
    start.reset();
    try {
      if (provided < MPI_THREAD_FUNNELED) {
        throw Error({.what = "this MPI library does not work in programs with threads",
                     .expected = "MPI_THREAD_FUNNELED",
                     .got = fmt::to_string(provided)});
      }
      code = body(world);
    } catch (const Error& error) {
      code = static_cast<int>(error.exit_code());
      end_job(world, error.what(), error.exit_code());
    } catch (const std::exception& error) {
      end_job(world, words_of(error), Exit::error);
    } catch (...) {
      end_job(world, "an exception of unknown type", Exit::error);
    }
  }
  MPI_Finalize();
  return code;
}

SlurmJob slurm_job() {
  SlurmJob job;
  if (const char* id = std::getenv("SLURM_JOB_ID")) job.id = id;
  job.restarts = number_in_environment("SLURM_RESTART_COUNT").value_or(0);
  return job;
}

}  // namespace surd::cluster
