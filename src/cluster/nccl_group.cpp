#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nccl.h>

#include <cstring>
#include <exception>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "cluster/backoff.hpp"
#include "cluster/cuda.hpp"
#include "cluster/members.hpp"
#include "cluster/teams.hpp"
#include "cluster/world.hpp"

namespace surd::cluster {
namespace {

// Aborting is local, frees everything and ends what is under way on the device; the orderly way is
// taken in ~NcclGroup.
struct AbortComm {
  void operator()(ncclComm_t comm) const { ncclCommAbort(comm); }
};
using CommHandle = std::unique_ptr<ncclComm, AbortComm>;

// The communicator is non-blocking: calls return ncclInProgress, and we poll, so that a peer that
// is gone costs a deadline and not the job's time.
class NcclGroup : public Group {
 public:
  NcclGroup(const World& world, const std::vector<int>& ranks, const Device& device,
            double deadline_s, Meanwhile meanwhile)
      : host_(make_mpi_group(world, ranks, deadline_s, meanwhile)),
        ranks_(ranks),
        deadline_s_(deadline_s),
        meanwhile_(std::move(meanwhile)),
        where_(fmt::format("rank {}", world.rank())) {
    if (device.kind != DeviceKind::cuda)
      throw Error({.what = "an NCCL group on a device that is not CUDA",
                   .where = where_,
                   .got = place_of(device)});
    check(cudaSetDevice(device.index), "cudaSetDevice");

    ncclUniqueId id{};
    if (rank() == 0) guarded(ncclGetUniqueId(&id), "ncclGetUniqueId");
    std::string bytes(reinterpret_cast<const char*>(&id), sizeof id);
    host_->broadcast(bytes, 0);
    std::memcpy(&id, bytes.data(), sizeof id);

    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    ncclComm_t comm = nullptr;
    const ncclResult_t code = ncclCommInitRankConfig(&comm, size(), id, rank(), &config);
    comm_.reset(comm);
    guarded(code, "ncclCommInitRankConfig");
  }

  ~NcclGroup() override {
    if (!comm_ || std::uncaught_exceptions() > 0) return;  // aborts
    try {
      guarded(ncclCommFinalize(comm_.get()), "ncclCommFinalize");
      ncclCommDestroy(comm_.release());
    } catch (const Error&) {
      // Peers that did not come to finalize: guarded() has aborted.
    }
  }

  int rank() const override { return host_->rank(); }
  int size() const override { return host_->size(); }
  std::string name() const override { return "nccl"; }

  // Every element is summed once and handed round, so all members get the same bits; NCCL chooses
  // the order of the sum.
  void all_reduce_sum(void* data, std::int64_t count, Scalar scalar, void* stream) override {
    if (stream == nullptr) return host_->all_reduce_sum(data, count, scalar, nullptr);
    check_count(count, name());
    usable();
    const ncclDataType_t type = scalar == Scalar::float32 ? ncclFloat32 : ncclFloat64;
    guarded(ncclAllReduce(data, data, static_cast<std::size_t>(count), type, ncclSum, comm_.get(),
                          static_cast<cudaStream_t>(stream)),
            "ncclAllReduce");
  }

  void broadcast(std::string& bytes, int root) override { host_->broadcast(bytes, root); }

  void synchronize(void* stream) override {
    if (stream == nullptr) return;
    usable();
    const double end_s = steady_time_s() + deadline_s_;
    for (Backoff backoff = Backoff::prompt();;) {
      const cudaError_t state = cudaStreamQuery(static_cast<cudaStream_t>(stream));
      if (state == cudaSuccess) return;
      if (state != cudaErrorNotReady) check(state, "cudaStreamQuery");
      ncclResult_t code = ncclSuccess;
      if (const ncclResult_t asked = ncclCommGetAsyncError(comm_.get(), &code);
          asked != ncclSuccess)
        code = asked;
      if (code != ncclSuccess && code != ncclInProgress) fail("an all-reduce on the device", code);
      const double left_s = end_s - steady_time_s();
      if (left_s <= 0) fail_late("an all-reduce on the device");
      if (meanwhile_) meanwhile_();
      backoff.wait_at_most(left_s);
    }
  }

 private:
  // Polls until the call that returned `code` is done; Error, after an abort, where it failed or
  // the deadline passed.
  void guarded(ncclResult_t code, const char* call) {
    const double end_s = steady_time_s() + deadline_s_;
    for (Backoff backoff = Backoff::prompt(); code == ncclInProgress;) {
      const double left_s = end_s - steady_time_s();
      if (left_s <= 0) fail_late(call);
      if (meanwhile_) meanwhile_();
      backoff.wait_at_most(left_s);
      if (const ncclResult_t asked = ncclCommGetAsyncError(comm_.get(), &code);
          asked != ncclSuccess)
        code = asked;
    }
    if (code != ncclSuccess) fail(call, code);
  }

  [[noreturn]] void fail(const char* what, ncclResult_t code) {
    const std::string detail = ncclGetLastError(comm_.get());
    comm_.reset();
    throw Error(
        {.what = fmt::format("{} failed: {}{}{}, in the group of ranks {}", what,
                             ncclGetErrorString(code), detail.empty() ? "" : ": ", detail,
                             fmt::join(ranks_, ", ")),
         .where = where_,
         .advice = "NCCL_DEBUG=INFO shows NCCL's own log; each rank needs a GPU of its own"});
  }

  [[noreturn]] void fail_late(const char* what) {
    comm_.reset();
    throw Error({.what = fmt::format("{} waited {} for its peers, in the group of ranks {}", what,
                                     duration_text(deadline_s_), fmt::join(ranks_, ", ")),
                 .where = where_,
                 .expected = "every member to call it"});
  }

  void usable() const {
    if (!comm_)
      throw Error({.what = "the group is unusable since an earlier error", .where = where_});
  }

  std::unique_ptr<Group> host_;  // broadcasts, and sums in host memory
  std::vector<int> ranks_;
  double deadline_s_;
  Meanwhile meanwhile_;
  std::string where_;
  CommHandle comm_;
};

}  // namespace

std::unique_ptr<Group> make_nccl_group(const World& world, const std::vector<int>& ranks,
                                       const Device& device, double deadline_s,
                                       Meanwhile meanwhile) {
  return std::make_unique<NcclGroup>(world, ranks, device, deadline_s, std::move(meanwhile));
}

}  // namespace surd::cluster
