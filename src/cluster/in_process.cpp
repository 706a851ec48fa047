#include <fmt/format.h>

#include <iterator>

#include "base/error.hpp"
#include "cluster/transport.hpp"

namespace surd::cluster {

class InProcess::Rank : public Transport {
 public:
  Rank(std::vector<std::deque<Message>>& inboxes, int rank) : inboxes_(inboxes), rank_(rank) {}
  int rank() const override { return rank_; }
  int size() const override { return static_cast<int>(inboxes_.size()); }

  void send(int to, std::string bytes) override {
    if (to < 0 || to >= size()) {
      throw Error({.what = "a message to a rank that does not exist",
                   .where = fmt::format("rank {}", rank_),
                   .expected = fmt::format("0 to {}", size() - 1),
                   .got = fmt::to_string(to)});
    }
    inboxes_[static_cast<std::size_t>(to)].push_back({rank_, std::move(bytes)});
  }

  std::optional<Message> poll() override {
    if (inbox().empty()) return std::nullopt;
    Message message = std::move(inbox().front());
    inbox().pop_front();
    return message;
  }

  void flush(double) override {}

  std::vector<Message> close(double) override {
    std::vector<Message> left(std::make_move_iterator(inbox().begin()),
                              std::make_move_iterator(inbox().end()));
    inbox().clear();
    return left;
  }

 private:
  std::deque<Message>& inbox() { return inboxes_[static_cast<std::size_t>(rank_)]; }

  std::vector<std::deque<Message>>& inboxes_;
  int rank_;
};

InProcess::InProcess(int size) : inboxes_(static_cast<std::size_t>(size)) {
  for (int rank = 0; rank < size; ++rank) ranks_.push_back(std::make_unique<Rank>(inboxes_, rank));
}

InProcess::~InProcess() = default;

}  // namespace surd::cluster
