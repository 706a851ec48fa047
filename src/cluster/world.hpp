// The processes of this run. MPI lives exactly as long as the body of run(): nothing finalises in a
// destructor, where one failing rank would leave the others waiting for it.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace surd::cluster {

class Communicator;

// This process among all. Rank 0 is the coordinator; with more than one process all others are
// workers.
class World {
 public:
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }
  const std::string& host() const { return host_; }
  // Among the processes of this node, in the order of their ranks.
  int local_rank() const { return local_rank_; }
  int local_size() const { return local_size_; }
  // Among the workers of this node, which share its devices; -1 on the coordinator of more than one
  // process, which takes none.
  int local_worker() const { return local_worker_; }

  // This room's own: a duplicate of MPI_COMM_WORLD.
  const Communicator& communicator() const { return *communicator_; }

 private:
  World();
  friend int run(int argc, char** argv, const std::function<int(World&)>& body);

  std::unique_ptr<Communicator> communicator_;
  int rank_ = 0, size_ = 1, local_rank_ = 0, local_size_ = 1, local_worker_ = 0;
  std::string host_;
};

// For main: starts MPI (a world of one without a launcher), calls body, ends MPI, returns body's
// value. Collective. An exception that leaves body is logged with rank and host, and then ends the
// whole job (MPI_Abort) with its exit code: the others may be waiting for this rank.
int run(int argc, char** argv, const std::function<int(World&)>& body);

// The Slurm job that this process belongs to; id empty outside Slurm.
struct SlurmJob {
  std::string id;
  int restarts = 0;  // how often Slurm has requeued it
};
SlurmJob slurm_job();

}  // namespace surd::cluster
