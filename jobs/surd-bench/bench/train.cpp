#include "bench/train.hpp"

#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <string>

#include "base/clock.hpp"
#include "cluster/group.hpp"
#include "train/data.hpp"
#include "train/train.hpp"

namespace surd::bench {
namespace {

constexpr double warm_up_s = 0.1;
constexpr int warm_up_steps = 2;

// On a core the seconds that this process had it, so that neighbours do not count; on a GPU those
// that passed.
double time_s(const at::Device& device) { return device.is_cpu() ? cpu_time_s() : steady_time_s(); }

// Waits until the device has done what it was given.
void finish_work(const at::Device& device) {
  if (device.is_cpu()) return;
  c10::impl::VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
}

// A stop is looked for once a step (on a CPU once a lane), between gradient and update; from one
// such moment to the next is a whole step.
class Stopwatch final : public train::Observer {
 public:
  Stopwatch(const Repeats& repeats, const Place& place, const std::function<void()>& between)
      : repeats_(repeats),
        device_(place.device),
        questions_a_step_(place.device.is_cpu() ? place.lanes : 1),
        between_(between) {}

  struct Repetition {
    int first_step, last_step;  // whole steps [first, last)
    double seconds, wall_s;
  };
  std::vector<Repetition> repetitions;

  bool stop_asked() override {
    if (++questions_ % questions_a_step_ != 0) return false;
    finish_work(device_);
    const double seconds = time_s(device_) - started_s_;
    ++asked_;
    const int steps = asked_ - first_step_;  // this one's update is still to come, the update
                                             // before the first is inside instead
    if (warming_up_) {
      if (asked_ > warm_up_steps && seconds >= warm_up_s) begin();
    } else if (repeats_.steps > 0 ? steps >= repeats_.steps : seconds >= repeats_.seconds) {
      repetitions.push_back(
          {first_step_, first_step_ + steps, seconds, steady_time_s() - started_wall_s_});
      if (static_cast<int>(repetitions.size()) == repeats_.repetitions) return true;
      begin();
    }
    return false;
  }
  bool checkpoint_due() override { return false; }
  void evaluated(int, const spec::CurvePoint&) override {}
  void finished(int, const spec::TrialResult& result) override {
    diverged = result.outcome == spec::Outcome::diverged;
  }
  void checkpoint(std::vector<train::LaneState> states) override {
    const std::string& bytes = states.front().bytes;
    steps_done =
        required<int>(Json::parse(bytes.substr(0, bytes.find('\n'))), "step", "state of the lane");
  }
  bool diverged = false;
  int steps_done = 0;  // as the trainer counts

 private:
  void begin() {
    warming_up_ = false;
    if (between_) between_();
    first_step_ = asked_;
    started_wall_s_ = steady_time_s();
    started_s_ = time_s(device_);
  }

  Repeats repeats_;
  at::Device device_;
  int questions_a_step_;
  const std::function<void()>& between_;
  bool warming_up_ = true;
  long questions_ = 0;
  int asked_ = 0;  // in steps
  int first_step_ = 0;
  double started_wall_s_ = 0;
  double started_s_ = time_s(device_);
};

}  // namespace

TrainRate measure_training(const spec::Trial& trial, const Repeats& repeats, const Place& place,
                           const std::function<void()>& between) {
  Stopwatch watch(repeats, place, between);
  const auto group = cluster::make_solo_group();
  const std::vector<spec::Trial> trials(static_cast<std::size_t>(place.lanes), trial);
  const std::vector<std::string> afresh(trials.size());
  train::train_bundle(trials, afresh, place.device, *group, watch);
  if (watch.diverged || std::ssize(watch.repetitions) < repeats.repetitions) {
    throw Error({.what = "the training ended before it was measured",
                 .where = trial.task.name,
                 .got = watch.diverged ? "it diverged" : "too few steps"});
  }
  if (watch.steps_done != watch.repetitions.back().last_step) {
    throw Error({.what = "steps were timed that are not the trainer's",
                 .where = trial.task.name,
                 .expected = std::to_string(watch.steps_done),
                 .got = std::to_string(watch.repetitions.back().last_step)});
  }

  // The data of the very steps once more: their size, and what making them takes.
  const auto task = tasks::make_task(trial.task);
  train::Data data(*task, trial.recipe, 0, 1);
  const spec::ModelShape shape = spec::shape(trial);
  model::Batch batch;
  TrainRate rate;
  double seconds = 0, wall_s = 0, sampling_s = 0, flops = 0, all_tokens = 0;
  for (const Stopwatch::Repetition& repetition : watch.repetitions) {
    double tokens = 0;
    for (int step = repetition.first_step; step < repetition.last_step; ++step) {
      const double started_s = cpu_time_s();
      data.training_batch(trial.seed, step, batch);
      sampling_s += cpu_time_s() - started_s;
      tokens += static_cast<double>(batch.tokens.size());
      auto row = batch.rows.begin();
      for (int s = 0; s < batch.sequences(); ++s) {
        const std::int32_t end = batch.starts[static_cast<std::size_t>(s) + 1];
        const auto last = std::lower_bound(row, batch.rows.end(), end);
        flops += spec::training_flops(shape, end - batch.starts[static_cast<std::size_t>(s)],
                                      static_cast<double>(last - row));
        row = last;
      }
    }
    rate.tokens_s.push_back(place.lanes * tokens / repetition.seconds);
    rate.steps += repetition.last_step - repetition.first_step;
    all_tokens += tokens;
    seconds += repetition.seconds;
    wall_s += repetition.wall_s;
  }
  rate.flops_token = flops / all_tokens;
  rate.sampling_share = sampling_s / seconds;
  rate.core_share = seconds / wall_s;
  return rate;
}

double gemm_peak_flops_s(const at::Device& device) {
  double best = 0;
  const at::TensorOptions options = at::TensorOptions().device(device);
  for (const std::int64_t n : device.is_cpu() ? std::vector<std::int64_t>{256, 384, 512, 768, 1024}
                                              : std::vector<std::int64_t>{1024, 4096, 8192}) {
    const at::Tensor a = at::randn({n, n}, options), b = at::randn({n, n}, options);
    at::Tensor c = at::mm(a, b);
    const double flops = 2.0 * static_cast<double>(n * n * n);
    for (int round = 0; round < 10; ++round) {
      finish_work(device);
      const double started_s = time_s(device);
      int products = 0;
      do {
        at::mm_out(c, a, b);
        finish_work(device);
        ++products;
      } while (time_s(device) - started_s < 0.02);
      best = std::max(best, flops * products / (time_s(device) - started_s));
    }
  }
  return best;
}

}  // namespace surd::bench
