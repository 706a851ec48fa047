#include "sweep/line.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "cluster/backoff.hpp"

namespace surd::sweep {
namespace {

// Until the coordinator has read the study, which says how patient to be.
constexpr double first_word_s = 600;

constexpr std::array<const char*, 4> work_names = {"loading", "a step", "an evaluation",
                                                   "a checkpoint"};

// A rank that computes for minutes on end hears the coordinator as rarely: so a quarter of the
// patience may pass between two looks.
cluster::Watchdog watch(std::optional<double> silent_s, double now_s) {
  cluster::Watchdog dog(
      {.silent_s = silent_s, .gap_s = silent_s.value_or(cluster::Watchdog::default_s) / 4});
  dog.expect(0, "starting", now_s);
  return dog;
}

}  // namespace

double sign_every_s(std::optional<double> silent_s) {
  return std::clamp(silent_s.value_or(cluster::Watchdog::default_s) / 8, 0.05, 5.0);
}

Line::Line(cluster::Transport& transport, std::function<bool()> stop_signalled,
           std::function<void(train::Work)> at_work)
    : transport_(transport),
      stop_signalled_(std::move(stop_signalled)),
      at_work_(std::move(at_work)),
      coordinator_(watch(first_word_s, steady_time_s())),
      sign_{.doing = "idle"} {}

void Line::send(const Message& message) { transport_.send(0, pack(message)); }

void Line::take(const cluster::Message& received, double now_s) {
  Message message = unpack(received.bytes);
  if (const auto* sign = std::get_if<Sign>(&message)) {
    coordinator_.heard(0, *sign, now_s);
    return;
  }
  if (const auto* patience = std::get_if<Patience>(&message)) {
    coordinator_ = watch(patience->silent_s, now_s);
    sign_every_s_ = sign_every_s(patience->silent_s);
    return;
  }
  coordinator_.heard(0, now_s);
  inbox_.push_back(std::move(message));
}

void Line::look() {
  const double now_s = steady_time_s();
  while (const auto received = transport_.poll()) take(*received, now_s);
  if (stop_signalled_() && !told_signal_) {
    told_signal_ = true;
    send(StopWanted{});
    coordinator_.stop_asked(now_s);
  }
  const auto silence = coordinator_.hanging(now_s);
  if (!silence) return;
  throw Deserted({.what = "the coordinator hangs",
                  .where = fmt::format("rank {}", rank()),
                  .expected = "a sign of life from rank 0",
                  .got = fmt::format("none for {}; it was {}", duration_text(silence->seconds),
                                     silence->doing),
                  .advice = "Start the run again: it goes on from its last checkpoints"});
}

void Line::give_sign(bool waits, double now_s) {
  sign_.waits = waits;
  signed_s_ = now_s;
  send(sign_);
}

std::optional<Message> Line::poll() {
  look();
  if (inbox_.empty()) return std::nullopt;
  Message message = std::move(inbox_.front());
  inbox_.pop_front();
  return message;
}

std::optional<Message> Line::wait(double timeout_s) {
  const double end_s = steady_time_s() + timeout_s;
  for (cluster::Backoff backoff = cluster::Backoff::patient();;) {
    if (auto message = poll()) return message;
    waits();
    const double left_s = end_s - steady_time_s();
    if (left_s <= 0) return std::nullopt;
    backoff.wait_at_most(left_s);
  }
}

void Line::begins(train::Work work, double forecast_s) {
  const double now_s = steady_time_s();
  if (work_) {
    double& longest_s = longest_s_[static_cast<std::size_t>(*work_)];
    longest_s = std::max(longest_s, now_s - began_s_);
  }
  if (work == train::Work::load) longest_s_.fill(0);
  const double measured_s = longest_s_[static_cast<std::size_t>(work)];
  const bool is_new = work_ != work || sign_.waits;
  work_ = work;
  began_s_ = now_s;
  ++sign_.count;
  sign_.doing = work_names[static_cast<std::size_t>(work)];
  sign_.piece_s = measured_s > 0 ? measured_s : forecast_s;
  if (sign_every_s_ > 0 && (is_new || now_s - signed_s_ >= sign_every_s_)) give_sign(false, now_s);
  look();
  if (at_work_) at_work_(work);
}

void Line::waits() {
  look();
  const double now_s = steady_time_s();
  if (sign_every_s_ == 0 || now_s - signed_s_ < sign_every_s_) return;
  if (!work_) ++sign_.count;  // who is idle has nothing to get on with
  give_sign(work_.has_value(), now_s);
}

void Line::rests() {
  if (!work_) return;
  work_.reset();
  ++sign_.count;
  sign_.doing = "idle";
  sign_.piece_s = 0;
  if (sign_every_s_ > 0) give_sign(false, steady_time_s());
}

}  // namespace surd::sweep
