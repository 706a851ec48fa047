// Messages between ranks: byte strings, in order between any two ranks, free of MPI. No call waits
// unless it says so.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace surd::cluster {

class World;

struct Message {
  int from = 0;
  std::string bytes;  // may be empty
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  // Takes the bytes and keeps them until they are delivered. Error for a rank outside 0..size()-1
  // or more than 2^31-1 bytes.
  virtual void send(int to, std::string bytes) = 0;
  // The next message that has arrived, if any. Also moves earlier sends on: call it often.
  virtual std::optional<Message> poll() = 0;
  // Waits until every message sent from here has reached its rank's poll(), and keeps what arrives
  // meanwhile for this one's. Error after `deadline_s`.
  virtual void flush(double deadline_s) = 0;
  // Collective, the last call before the processes part: when it returns no message is under way
  // anywhere. Returns those that arrived and were not polled.
  virtual std::vector<Message> close(double deadline_s) = 0;

  // poll(), waiting up to `timeout_s` with sleeps of 1 ms, doubling up to 20 ms. Keep the time
  // short where a stop signal must be seen.
  std::optional<Message> wait(double timeout_s);
};

// Collective over the world. Its messages never mix with those of another transport.
std::unique_ptr<Transport> make_mpi_transport(const World& world);

// All ranks in one process and one thread: a coordinator and a worker by turns, and tests. close()
// only returns this rank's unread messages.
class InProcess {
 public:
  explicit InProcess(int size);
  ~InProcess();
  Transport& at(int rank) { return *ranks_.at(static_cast<std::size_t>(rank)); }

 private:
  class Rank;
  std::vector<std::deque<Message>> inboxes_;
  std::vector<std::unique_ptr<Transport>> ranks_;
};

}  // namespace surd::cluster
