// The MPI C API for this room's .cpp files: every call goes through check(), every handle has one
// owner.
#pragma once

#include <mpi.h>

#include <string>
#include <utility>

namespace surd::cluster {

// Error naming the call, this rank, MPI's own text and `detail`; nothing on MPI_SUCCESS. Needs
// MPI_ERRORS_RETURN on the communicator of the call.
void check(int code, const char* call, const std::string& detail = {});

// Owns a communicator that this room made; sets MPI_ERRORS_RETURN on it.
class Communicator {
 public:
  explicit Communicator(MPI_Comm comm);
  static Communicator duplicate(MPI_Comm from);  // collective
  ~Communicator();
  Communicator(Communicator&& other) noexcept : comm_(std::exchange(other.comm_, MPI_COMM_NULL)) {}
  Communicator& operator=(Communicator&&) = delete;
  MPI_Comm get() const { return comm_; }
  int rank() const;
  int size() const;

 private:
  MPI_Comm comm_;
};

// Tags on World's communicator, one for each kind of conversation.
enum Tag : int { join_tag = 1, go_tag = 2 };

}  // namespace surd::cluster
