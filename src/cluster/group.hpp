// A team of processes that reduce together. Free of MPI: pointer, count, opaque stream. All calls
// are collective over the group, in the same order on every member.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace surd::cluster {

enum class Scalar { float32, float64 };

class Group {
 public:
  virtual ~Group() = default;
  virtual int rank() const = 0;  // within the group, from 0
  virtual int size() const = 0;
  virtual std::string name() const = 0;  // "solo", "mpi", "nccl"
  // In place: every member's data becomes the sum over members, the same bits on all. stream: a
  // cudaStream_t for device memory, null for host memory. Error where the group cannot reach that
  // memory, where a peer failed, or where the deadline passed.
  virtual void all_reduce_sum(void* data, std::int64_t count, Scalar scalar, void* stream) = 0;
  // Host bytes of member `root` to all; resizes on the others. Waiting costs no core (back-off).
  virtual void broadcast(std::string& bytes, int root) = 0;
  // Waits, without using a core, until all that was enqueued on `stream` is done; at once for a
  // group of host memory. all_reduce_sum on a stream returns before its peers have come, so this is
  // where their failure, or the deadline, becomes an Error.
  virtual void synchronize(void* /*stream*/) {}
};

// The group of one.
std::unique_ptr<Group> make_solo_group();

}  // namespace surd::cluster
