#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/hash.hpp"
#include "cluster/backoff.hpp"
#include "cluster/members.hpp"
#include "cluster/mpi.hpp"
#include "cluster/teams.hpp"
#include "cluster/world.hpp"

namespace surd::cluster {
namespace {

constexpr std::int64_t longest_part_bytes =
    std::int64_t{1}
    << 20;  // of an all-reduce, to one peer: bounds the buffers and MPI's int counts
constexpr std::int64_t longest_broadcast_bytes = std::int64_t{1} << 30;  // in one MPI_Ibcast

// All that MPI may still touch after a deadline has passed. MPI never sees the caller's memory, so
// that may go when an Error unwinds; this is leaked then.
struct Exchange {
  Communicator comm;
  std::vector<MPI_Request> requests{};
  std::vector<int> expected_bytes{};  // of each request; -1 for a send
  std::vector<MPI_Status> statuses{};
  std::vector<std::byte> outgoing{};  // one block of the caller's data: a part for each member
  std::vector<std::byte> incoming{};  // this member's part as each member has it
  std::uint64_t length_bytes = 0;     // of a broadcast
  std::string bytes{};
};

template <typename T>
void add(std::byte* sum, const std::byte* other, std::int64_t count) {
  T* const a = reinterpret_cast<T*>(sum);
  const T* const b = reinterpret_cast<const T*>(other);
  for (std::int64_t i = 0; i < count; ++i) a[i] += b[i];
}

class MpiGroup : public Group {
 public:
  MpiGroup(Communicator comm, std::vector<int> ranks, double deadline_s, Meanwhile meanwhile)
      : rank_(comm.rank()),
        size_(comm.size()),
        ranks_(std::move(ranks)),
        deadline_s_(deadline_s),
        meanwhile_(std::move(meanwhile)),
        exchange_(new Exchange{.comm = std::move(comm)}) {}

  ~MpiGroup() override {
    if (broken_) exchange_.release();
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  std::string name() const override { return "mpi"; }

  // Member i sums part i, in the order of the members, and sends it to all: each element is added
  // up once, in one place, and so has the same bits everywhere, which MPI_Allreduce does not
  // promise. Per member 2 (n-1)/n of the data go out, the least possible, in two steps.
  void all_reduce_sum(void* data, std::int64_t count, Scalar scalar, void* stream) override {
    check_count(count, name());
    if (stream != nullptr) {
      throw Error({.what = "the group mpi cannot reach device memory",
                   .where = where(),
                   .expected = "a null stream",
                   .advice = "Use --group nccl"});
    }
    const std::int64_t width_bytes = bytes_of(scalar);
    const std::int64_t block = size_ * (longest_part_bytes / width_bytes);
    for (std::int64_t begin = 0; begin < count; begin += block) {
      reduce_block(static_cast<std::byte*>(data) + begin * width_bytes,
                   std::min(block, count - begin), scalar);
    }
  }

  void broadcast(std::string& bytes, int root) override {
    check_root(root, size_, name());
    usable();
    Exchange& x = *exchange_;
    if (rank_ == root) x.bytes = bytes;
    x.length_bytes = bytes.size();
    broadcast_raw(&x.length_bytes, sizeof x.length_bytes, root);
    if (rank_ != root) x.bytes.resize(x.length_bytes);
    const auto length_bytes = static_cast<std::int64_t>(x.length_bytes);
    for (std::int64_t begin = 0; begin < length_bytes; begin += longest_broadcast_bytes) {
      broadcast_raw(x.bytes.data() + begin, std::min(longest_broadcast_bytes, length_bytes - begin),
                    root);
    }
    bytes = std::move(x.bytes);
  }

 private:
  void reduce_block(std::byte* data, std::int64_t count, Scalar scalar) {
    usable();
    Exchange& x = *exchange_;
    const std::int64_t width_bytes = bytes_of(scalar);
    // Part i is the elements [first(i), first(i + 1)): the first `count % size_` parts have one
    // more.
    const auto first = [&](int member) {
      return member * (count / size_) + std::min<std::int64_t>(member, count % size_);
    };
    const auto part_bytes = [&](int member) {
      return (first(member + 1) - first(member)) * width_bytes;
    };
    const std::int64_t own_bytes = part_bytes(rank_);
    x.outgoing.assign(data, data + count * width_bytes);
    x.incoming.resize(static_cast<std::size_t>(own_bytes * size_));
    const auto outgoing = [&](int member) {
      return x.outgoing.data() + first(member) * width_bytes;
    };
    const auto incoming = [&](int member) { return x.incoming.data() + member * own_bytes; };

    for_peers([&](int peer) { receive(incoming(peer), own_bytes, peer); });
    for_peers([&](int peer) { send(outgoing(peer), part_bytes(peer), peer); });
    finish("all_reduce_sum", Backoff::prompt());

    std::copy_n(outgoing(rank_), own_bytes, incoming(rank_));
    for (int member = 1; member < size_; ++member) {
      const auto add_part = scalar == Scalar::float32 ? add<float> : add<double>;
      add_part(incoming(0), incoming(member), own_bytes / width_bytes);
    }
    std::copy_n(incoming(0), own_bytes, outgoing(rank_));

    // The sums come back into `outgoing`, whose other parts have been delivered.
    for_peers([&](int peer) { receive(outgoing(peer), part_bytes(peer), peer); });
    for_peers([&](int peer) { send(outgoing(rank_), own_bytes, peer); });
    finish("all_reduce_sum", Backoff::prompt());
    std::copy(x.outgoing.begin(), x.outgoing.end(), data);
  }

  template <typename Visit>
  void for_peers(Visit visit) const {
    for (int step = 1; step < size_; ++step)
      visit((rank_ + step) % size_);  // each starts with another, so that no member is flooded
  }

  MPI_Request* add_request(std::int64_t expected_bytes) {
    exchange_->expected_bytes.push_back(static_cast<int>(expected_bytes));
    return &exchange_->requests.emplace_back(MPI_REQUEST_NULL);
  }

  void receive(std::byte* to, std::int64_t length_bytes, int peer) {
    guarded(MPI_Irecv(to, static_cast<int>(length_bytes), MPI_BYTE, peer, 0, exchange_->comm.get(),
                      add_request(length_bytes)),
            "MPI_Irecv");
  }

  void send(const std::byte* from, std::int64_t length_bytes, int peer) {
    guarded(MPI_Isend(from, static_cast<int>(length_bytes), MPI_BYTE, peer, 0,
                      exchange_->comm.get(), add_request(-1)),
            "MPI_Isend");
  }

  void broadcast_raw(void* data, std::int64_t length_bytes, int root) {
    guarded(MPI_Ibcast(data, static_cast<int>(length_bytes), MPI_BYTE, root, exchange_->comm.get(),
                       add_request(-1)),
            "MPI_Ibcast");
    finish("broadcast", Backoff::patient());
  }

  // Waits until all requests are done and each receive has brought as much as expected: MPI itself
  // accepts less.
  void finish(const char* operation, Backoff backoff) {
    Exchange& x = *exchange_;
    x.statuses.resize(x.requests.size());
    const double end_s = steady_time_s() + deadline_s_;
    for (;;) {
      int done = 0;
      int code = MPI_Testall(static_cast<int>(x.requests.size()), x.requests.data(), &done,
                             x.statuses.data());
      if (code == MPI_ERR_IN_STATUS) {
        for (const MPI_Status& status : x.statuses) {
          if (status.MPI_ERROR != MPI_SUCCESS && status.MPI_ERROR != MPI_ERR_PENDING)
            code = status.MPI_ERROR;
        }
      }
      guarded(code, operation);
      if (done != 0) break;
      const double left_s = end_s - steady_time_s();
      if (left_s <= 0)
        fail(fmt::format("{} waited {} for its peers", operation, duration_text(deadline_s_)),
             "every member to call it");
      look_elsewhere();
      backoff.wait_at_most(left_s);
    }
    for (std::size_t i = 0; i < x.requests.size(); ++i) {
      if (x.expected_bytes[i] < 0) continue;
      int got_bytes = 0;
      guarded(MPI_Get_count(&x.statuses[i], MPI_BYTE, &got_bytes), "MPI_Get_count");
      if (got_bytes != x.expected_bytes[i]) {
        fail(fmt::format("{}: the members disagree on the count", operation),
             fmt::format("{} bytes from rank {}", x.expected_bytes[i],
                         ranks_[static_cast<std::size_t>(x.statuses[i].MPI_SOURCE)]),
             fmt::to_string(got_bytes));
      }
    }
    x.requests.clear();
    x.expected_bytes.clear();
  }

  void look_elsewhere() {
    if (!meanwhile_) return;
    try {
      meanwhile_();
    } catch (...) {
      broken_ = true;
      throw;
    }
  }

  void guarded(int code, const char* call) {
    if (code == MPI_SUCCESS) return;
    broken_ = true;
    check(code, call, fmt::format("in the group of ranks {}", fmt::join(ranks_, ", ")));
  }

  [[noreturn]] void fail(const std::string& what, const std::string& expected,
                         const std::string& got = {}) {
    broken_ = true;
    throw Error({.what = fmt::format("{}, in the group of ranks {}", what, fmt::join(ranks_, ", ")),
                 .where = where(),
                 .expected = expected,
                 .got = got});
  }

  void usable() const {
    if (broken_)
      throw Error({.what = "the group is unusable since an earlier error", .where = where()});
  }

  std::string where() const {
    return fmt::format("rank {}", ranks_[static_cast<std::size_t>(rank_)]);
  }

  int rank_, size_;
  std::vector<int> ranks_;
  double deadline_s_;
  Meanwhile meanwhile_;
  bool broken_ = false;
  std::unique_ptr<Exchange> exchange_;
};

// Waits for a message of `tag` from `source` on the world's communicator; Error at end_s. Leaves
// nothing pending.
std::uint64_t take_token(MPI_Comm comm, int source, Tag tag, double end_s, const std::string& where,
                         const Meanwhile& meanwhile) {
  MPI_Message handle = MPI_MESSAGE_NULL;
  for (Backoff backoff = Backoff::patient();;) {
    int arrived = 0;
    check(MPI_Improbe(source, tag, comm, &arrived, &handle, MPI_STATUS_IGNORE), "MPI_Improbe");
    if (arrived != 0) break;
    const double left_s = end_s - steady_time_s();
    if (left_s <= 0) {
      throw Error(
          {.what = fmt::format("rank {} did not come to make a group before the deadline", source),
           .where = where});
    }
    if (meanwhile) meanwhile();
    backoff.wait_at_most(left_s);
  }
  std::uint64_t token = 0;
  check(MPI_Mrecv(&token, sizeof token, MPI_BYTE, &handle, MPI_STATUS_IGNORE), "MPI_Mrecv");
  return token;
}

void send_token(MPI_Comm comm, int to, Tag tag, std::uint64_t token) {
  check(MPI_Send(&token, sizeof token, MPI_BYTE, to, tag, comm), "MPI_Send",
        fmt::format("to rank {}", to));
}

// All members are here, and mean the same group, when it returns: MPI_Comm_create_group alone would
// burn a core and wait for ever.
void meet(MPI_Comm comm, int rank, const std::vector<int>& ranks, double deadline_s,
          const Meanwhile& meanwhile) {
  const double end_s = steady_time_s() + deadline_s;
  const std::string where = fmt::format("rank {}", rank);
  const std::uint64_t token = hash64(fmt::format("{}", fmt::join(ranks, ",")));
  const int leader = ranks.front();
  if (rank != leader) {
    send_token(comm, leader, join_tag, token);
    take_token(comm, leader, go_tag, end_s, where, meanwhile);
    return;
  }
  for (std::size_t i = 1; i < ranks.size(); ++i) {
    if (take_token(comm, ranks[i], join_tag, end_s, where, meanwhile) != token) {
      throw Error({.what = fmt::format("rank {} makes another group than this rank", ranks[i]),
                   .where = where,
                   .expected = fmt::format("ranks {}", fmt::join(ranks, ", "))});
    }
  }
  for (std::size_t i = 1; i < ranks.size(); ++i) send_token(comm, ranks[i], go_tag, token);
}

void check_members(const World& world, const std::vector<int>& ranks) {
  std::vector<int> sorted = ranks;
  std::sort(sorted.begin(), sorted.end());
  const bool distinct = std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
  const bool in_world = !sorted.empty() && sorted.front() >= 0 && sorted.back() < world.size();
  if (!distinct || !in_world || !std::binary_search(sorted.begin(), sorted.end(), world.rank())) {
    throw Error({.what = "a group that cannot be made",
                 .where = fmt::format("rank {}", world.rank()),
                 .expected = fmt::format("distinct ranks of 0 to {}, this one among them",
                                         world.size() - 1),
                 .got = ranks.empty() ? "none" : fmt::format("{}", fmt::join(ranks, ", "))});
  }
}

}  // namespace

std::unique_ptr<Group> make_mpi_group(const World& world, const std::vector<int>& ranks,
                                      double deadline_s, Meanwhile meanwhile) {
  check_members(world, ranks);
  const MPI_Comm parent = world.communicator().get();
  meet(parent, world.rank(), ranks, deadline_s, meanwhile);

  MPI_Group everyone = MPI_GROUP_NULL, members = MPI_GROUP_NULL;
  check(MPI_Comm_group(parent, &everyone), "MPI_Comm_group");
  check(MPI_Group_incl(everyone, static_cast<int>(ranks.size()), ranks.data(), &members),
        "MPI_Group_incl");
  MPI_Comm comm = MPI_COMM_NULL;
  check(MPI_Comm_create_group(parent, members, 0, &comm), "MPI_Comm_create_group",
        fmt::format("ranks {}", fmt::join(ranks, ", ")));
  MPI_Group_free(&members);
  MPI_Group_free(&everyone);
  return std::make_unique<MpiGroup>(Communicator(comm), ranks, deadline_s, std::move(meanwhile));
}

}  // namespace surd::cluster
