#include <fmt/format.h>

#include <iterator>
#include <limits>
#include <list>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "cluster/backoff.hpp"
#include "cluster/mpi.hpp"
#include "cluster/transport.hpp"
#include "cluster/world.hpp"

namespace surd::cluster {
namespace {

struct Sending {
  int to;
  std::string bytes;
  MPI_Request request = MPI_REQUEST_NULL;
};

struct Receiving {
  Message message;
  MPI_Request request = MPI_REQUEST_NULL;
};

// What MPI may still read or write. It is leaked with its requests when a failing rank unwinds: MPI
// has no safe way to take a send back.
struct Pending {
  Communicator comm;           // its own, so that it never meets the messages of the next transport
  std::list<Sending> sends{};  // a list: MPI holds pointers into the elements
  std::optional<Receiving> receive{};
};

class MpiTransport : public Transport {
 public:
  explicit MpiTransport(Communicator comm)
      : comm_(comm.get()),
        rank_(comm.rank()),
        size_(comm.size()),
        pending_(new Pending{.comm = std::move(comm)}) {}

  ~MpiTransport() override {
    if (!pending_->sends.empty() || pending_->receive) pending_.release();
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void send(int to, std::string bytes) override {
    if (to < 0 || to >= size_) {
      throw Error({.what = "a message to a rank that does not exist",
                   .where = where(),
                   .expected = fmt::format("0 to {}", size_ - 1),
                   .got = fmt::to_string(to)});
    }
    if (bytes.size() > std::numeric_limits<int>::max()) {
      throw Error({.what = "a message is too long",
                   .where = where(),
                   .expected = "at most 2147483647 bytes",
                   .got = fmt::to_string(bytes.size())});
    }
    Sending& sending = pending_->sends.emplace_back(Sending{.to = to, .bytes = std::move(bytes)});
    // Issend, not Isend: it completes when the receiver has matched it, which is what flush() and
    // close() promise.
    check(MPI_Issend(sending.bytes.data(), static_cast<int>(sending.bytes.size()), MPI_BYTE, to, 0,
                     comm_, &sending.request),
          "MPI_Issend", fmt::format("{} bytes to rank {}", sending.bytes.size(), to));
  }

  std::optional<Message> poll() override {
    drop_delivered();
    if (!inbox_.empty()) {
      Message message = std::move(inbox_.front());
      inbox_.pop_front();
      return message;
    }
    return receive();
  }

  void flush(double deadline_s) override {
    keep_receiving_until(deadline_s, [this] { return pending_->sends.empty(); });
  }

  std::vector<Message> close(double deadline_s) override {
    const double end_s = steady_time_s() + deadline_s;
    flush(deadline_s);
    // Once every rank has entered the barrier every message has been matched, so none can arrive
    // after it.
    MPI_Request barrier = MPI_REQUEST_NULL;
    check(MPI_Ibarrier(comm_, &barrier), "MPI_Ibarrier");
    keep_receiving_until(end_s - steady_time_s(), [this, &barrier] {
      int done = 0;
      check(MPI_Test(&barrier, &done, MPI_STATUS_IGNORE), "MPI_Test");
      return done != 0 && !pending_->receive;
    });
    std::vector<Message> left(std::make_move_iterator(inbox_.begin()),
                              std::make_move_iterator(inbox_.end()));
    inbox_.clear();
    return left;
  }

 private:
  std::string where() const { return fmt::format("rank {}", rank_); }

  void drop_delivered() {
    pending_->sends.remove_if([](Sending& sending) {
      int done = 0;
      check(MPI_Test(&sending.request, &done, MPI_STATUS_IGNORE), "MPI_Test",
            fmt::format("a message to rank {}", sending.to));
      return done != 0;
    });
  }

  // One receive at a time, so that messages of one rank stay in order; a long one is finished over
  // several calls.
  std::optional<Message> receive() {
    if (!pending_->receive) {
      int arrived = 0;
      MPI_Message handle = MPI_MESSAGE_NULL;
      MPI_Status status;
      check(MPI_Improbe(MPI_ANY_SOURCE, 0, comm_, &arrived, &handle, &status), "MPI_Improbe");
      if (arrived == 0) return std::nullopt;
      int length_bytes = 0;
      check(MPI_Get_count(&status, MPI_BYTE, &length_bytes), "MPI_Get_count");
      Receiving& receiving = pending_->receive.emplace();
      receiving.message = {status.MPI_SOURCE,
                           std::string(static_cast<std::size_t>(length_bytes), '\0')};
      check(MPI_Imrecv(receiving.message.bytes.data(), length_bytes, MPI_BYTE, &handle,
                       &receiving.request),
            "MPI_Imrecv");
    }
    int done = 0;
    check(MPI_Test(&pending_->receive->request, &done, MPI_STATUS_IGNORE), "MPI_Test",
          fmt::format("a message from rank {}", pending_->receive->message.from));
    if (done == 0) return std::nullopt;
    Message message = std::move(pending_->receive->message);
    pending_->receive.reset();
    return message;
  }

  template <typename Done>
  void keep_receiving_until(double deadline_s, Done done) {
    const double end_s = steady_time_s() + deadline_s;
    for (Backoff backoff = Backoff::patient();;) {
      drop_delivered();
      while (auto message = receive()) {
        inbox_.push_back(std::move(*message));
        backoff.reset();
      }
      if (done()) return;
      const double left_s = end_s - steady_time_s();
      if (left_s <= 0) throw late(deadline_s);
      backoff.wait_at_most(left_s);
    }
  }

  Error late(double deadline_s) const {
    std::string got = "another rank has not closed its side";
    if (!pending_->sends.empty()) {
      got = fmt::format("{} not taken, the first by rank {}", pending_->sends.size(),
                        pending_->sends.front().to);
    }
    return Error(
        {.what = fmt::format("messages were not delivered within {}", duration_text(deadline_s)),
         .where = where(),
         .got = got});
  }

  MPI_Comm comm_;
  int rank_, size_;
  std::unique_ptr<Pending> pending_;
  std::deque<Message> inbox_;  // arrived during flush or close
};

}  // namespace

std::unique_ptr<Transport> make_mpi_transport(const World& world) {
  return std::make_unique<MpiTransport>(Communicator::duplicate(world.communicator().get()));
}

}  // namespace surd::cluster
