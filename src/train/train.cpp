#include "train/train.hpp"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "model/init.hpp"
#include "model/program.hpp"
#include "spec/memory.hpp"
#include "train/data.hpp"
#include "train/evaluate.hpp"
#include "train/lane.hpp"
#include "train/optimiser.hpp"

namespace surd::train {
namespace {

// The stream that ATen computes on, as groups want it: null means host memory there, so CUDA's
// default stream goes by its other name, cudaStreamLegacy.
void* current_stream(const at::Device& device) {
  if (device.is_cpu()) return nullptr;
  void* stream = c10::impl::VirtualGuardImpl(device.type()).getStream(device).native_handle();
  return stream != nullptr ? stream : reinterpret_cast<void*>(std::uintptr_t{1});
}

std::string gigabytes(double bytes) {
  return std::to_string(static_cast<std::int64_t>(std::ceil(bytes / 1e9))) + " GB";
}

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// A point of the curve at the lane's step; the next one's training loss starts from here.
void add_point(LaneProgress& progress, double loss_validation, double accuracy_validation) {
  progress.result.curve.push_back({.step = progress.step,
                                   .loss_train = progress.loss_sum / progress.loss_tokens,
                                   .loss_validation = loss_validation,
                                   .accuracy_validation = accuracy_validation,
                                   .gradient_norm = progress.gradient_norm});
  progress.loss_sum = progress.loss_tokens = 0;
}

// Letters: R lanes at the start, A active ones now, P padded parameters of a lane. Row r of every
// tensor belongs to active_[r].
class Bundle {
 public:
  Bundle(std::span<const spec::Trial> trials, std::span<const std::string> states,
         const at::Device& device, cluster::Group& group, Observer& observer);
  spec::AttemptEnd run();

 private:
  struct Lane {
    int index = 0;  // in trials_
    LaneProgress progress;
  };
  // What the team's first member wants, known to all members.
  struct Wishes {
    bool stop = false;
    bool checkpoint = false;
  };

  void load(std::span<const std::string> states);
  const spec::Recipe& recipe() const { return trials_.front().recipe; }
  const spec::Trial& trial(const Lane& lane) const {
    return trials_[static_cast<std::size_t>(lane.index)];
  }
  at::Tensor row(const at::Tensor& matrix, int r) const { return matrix.select(0, r); }
  bool leads() const { return group_.rank() == 0; }
  Wishes poll();
  bool stop_agreed();

  bool evaluate_pending();  // false: a stop came between
  void retire(int r);
  void step();
  void reduce(std::span<const int> rows, std::span<double> loss, std::span<double> supervised,
              std::span<double> tokens);
  void update(std::span<const int> rows, int now, std::span<const double> loss,
              std::span<const double> supervised, std::span<const double> tokens);
  void diverge(int r);
  void checkpoint();
  void charge();

  std::span<const spec::Trial> trials_;
  std::vector<TrialId> ids_;
  at::Device device_;
  cluster::Group& group_;
  Observer& observer_;
  std::unique_ptr<tasks::Task> task_;
  spec::ModelShape shape_;
  spec::ParameterLayout layout_;
  std::unique_ptr<model::Program> program_;
  Optimiser optimiser_;
  Data data_;
  std::vector<Lane> active_;
  at::Tensor parameters_, first_moment_, second_moment_;  // [R, P]
  at::Tensor
      exchange_;  // gradient [A, P], then three numbers a lane and two wishes: one all-reduce
  std::map<std::uint64_t, model::Batch> batches_;  // by seed
  Wishes wishes_;
  double charged_s_ = steady_time_s();  // up to when time has been divided among the lanes
};

Bundle::Bundle(std::span<const spec::Trial> trials, std::span<const std::string> states,
               const at::Device& device, cluster::Group& group, Observer& observer)
    : trials_(trials),
      device_(device),
      group_(group),
      observer_(observer),
      task_(tasks::make_task(trials.front().task)),
      shape_(spec::shape(trials.front())),
      layout_(spec::parameter_layout(shape_)),
      program_(model::make_program(shape_, trials.front().recipe.precision, device)),
      optimiser_(layout_, trials.front().recipe),
      data_(*task_, trials.front().recipe, group.rank(), group.size()) {
  const auto lanes = static_cast<std::int64_t>(trials.size());
  const auto options = at::TensorOptions().device(device).dtype(
      recipe().precision == spec::Precision::fp64 ? at::kDouble : at::kFloat);
  parameters_ = at::zeros({lanes, layout_.padded_size}, options);
  first_moment_ = at::zeros_like(parameters_);
  second_moment_ = at::zeros_like(parameters_);
  exchange_ = at::zeros({lanes * (layout_.padded_size + 3) + 2}, options);
  for (const spec::Trial& each : trials) ids_.push_back(spec::trial_id(each));
  load(states);
}

void Bundle::load(std::span<const std::string> states) {
  std::vector<double> initial(static_cast<std::size_t>(layout_.padded_size));
  for (int r = 0; r < static_cast<int>(trials_.size()); ++r) {
    Lane lane{.index = r, .progress = {}};
    std::string bytes = leads() ? states[static_cast<std::size_t>(r)] : std::string();
    if (group_.size() > 1) group_.broadcast(bytes, 0);
    if (bytes.empty()) {
      model::initialise(shape_, trial(lane).seed, initial);
      row(parameters_, r).copy_(at::from_blob(initial.data(), {layout_.padded_size}, at::kDouble));
    } else {
      lane.progress = unpack_lane(bytes, ids_[static_cast<std::size_t>(r)], row(parameters_, r),
                                  row(first_moment_, r), row(second_moment_, r));
    }
    active_.push_back(std::move(lane));
  }
}

Bundle::Wishes Bundle::poll() {
  return leads() ? Wishes{observer_.stop_asked(), observer_.checkpoint_due()} : Wishes{};
}

bool Bundle::stop_agreed() {
  observer_.begins(Work::evaluation);
  double stop = leads() && observer_.stop_asked() ? 1 : 0;
  if (group_.size() > 1) group_.all_reduce_sum(&stop, 1, cluster::Scalar::float64, nullptr);
  wishes_.stop = stop > 0;
  return wishes_.stop;
}

spec::AttemptEnd Bundle::run() {
  while (!active_.empty()) {
    // Before the validation, which may take longer than the time between two checkpoints.
    if (wishes_.checkpoint && !wishes_.stop) checkpoint();
    const bool evaluated = evaluate_pending();
    if (!evaluated || wishes_.stop) {
      checkpoint();
      return spec::AttemptEnd::stopped;
    }
    if (active_.empty()) break;
    step();
  }
  return spec::AttemptEnd::finished;
}

bool Bundle::evaluate_pending() {
  std::vector<int> rows;
  for (int r = 0; r < static_cast<int>(active_.size()); ++r) {
    if (active_[static_cast<std::size_t>(r)].progress.evaluation_pending) rows.push_back(r);
  }
  if (rows.empty()) return true;
  const auto scores = evaluate(*program_, parameters_, rows, data_.validation(), *task_, group_,
                               [this] { return stop_agreed(); });
  if (!scores) return false;

  std::vector<int> ended;
  std::vector<LaneProgress> after;  // kept aside until the tests are done: a stop between must
                                    // leave the lanes as before the validation
  for (std::size_t a = 0; a < rows.size(); ++a) {
    LaneProgress progress = active_[static_cast<std::size_t>(rows[a])].progress;
    const Score& score = (*scores)[a];
    spec::TrialResult& result = progress.result;
    add_point(progress, score.loss, score.accuracy);
    result.accuracy_validation = score.accuracy;
    result.accuracy_validation_best = std::max(result.accuracy_validation_best, score.accuracy);
    result.loss_validation = score.loss;
    result.steps = progress.step;
    const bool reached = score.accuracy >= recipe().stop_at;
    if (reached && result.steps_to_solve < 0) result.steps_to_solve = progress.step;
    progress.solved_evaluations = reached ? progress.solved_evaluations + 1 : 0;
    progress.evaluation_pending = false;
    const bool solved = progress.solved_evaluations >= recipe().stop_evals;
    if (solved || progress.step >= recipe().steps) {
      result.stop_reason = solved ? spec::StopReason::solved : spec::StopReason::steps;
      ended.push_back(rows[a]);
    }
    after.push_back(std::move(progress));
  }
  if (!ended.empty()) {
    const auto tests = evaluate(*program_, parameters_, ended, data_.test(), *task_, group_,
                                [this] { return stop_agreed(); });
    if (!tests) return false;
    for (std::size_t e = 0; e < ended.size(); ++e) {
      const auto a =
          static_cast<std::size_t>(std::find(rows.begin(), rows.end(), ended[e]) - rows.begin());
      after[a].result.accuracy_test = (*tests)[e].accuracy;
    }
  }
  for (std::size_t a = 0; a < rows.size(); ++a) {
    Lane& lane = active_[static_cast<std::size_t>(rows[a])];
    lane.progress = std::move(after[a]);
    if (leads()) observer_.evaluated(lane.index, lane.progress.result.curve.back());
  }
  // From the last row: retiring a row moves the last active one into its place.
  for (auto r = ended.rbegin(); r != ended.rend(); ++r) retire(*r);
  return true;
}

void Bundle::retire(int r) {
  Lane& lane = active_[static_cast<std::size_t>(r)];
  charge();
  if (leads()) observer_.finished(lane.index, lane.progress.result);
  const int last = static_cast<int>(active_.size()) - 1;
  if (r != last) {
    for (at::Tensor* matrix : {&parameters_, &first_moment_, &second_moment_})
      row(*matrix, r).copy_(row(*matrix, last));
    active_[static_cast<std::size_t>(r)] = std::move(active_.back());
  }
  active_.pop_back();
}

// The time since the last call goes to the active lanes in equal parts, so that the trials' seconds
// add up to those of their bundles.
void Bundle::charge() {
  const double now_s = steady_time_s();
  for (Lane& lane : active_)
    lane.progress.result.seconds += (now_s - charged_s_) / static_cast<double>(active_.size());
  charged_s_ = now_s;
}

void Bundle::diverge(int r) {
  spec::TrialResult& result = active_[static_cast<std::size_t>(r)].progress.result;
  result.outcome = spec::Outcome::diverged;
  result.stop_reason = spec::StopReason::diverged;
  result.steps = active_[static_cast<std::size_t>(r)].progress.step;
  result.accuracy_validation = result.accuracy_validation_best = result.accuracy_test = 0;
  result.loss_validation = nan;
  retire(r);
}

void Bundle::reduce(std::span<const int> rows, std::span<double> loss, std::span<double> supervised,
                    std::span<double> tokens) {
  const Wishes mine = poll();
  if (group_.size() == 1) {
    wishes_ = mine;
    return;
  }
  const auto lanes = static_cast<std::int64_t>(active_.size());
  std::vector<double> tail(static_cast<std::size_t>(3 * lanes + 2));
  for (std::size_t a = 0; a < rows.size(); ++a) {
    const auto r = static_cast<std::size_t>(rows[a]);
    tail[3 * r] = loss[a];
    tail[3 * r + 1] = supervised[a];
    tail[3 * r + 2] = tokens[a];
  }
  tail[tail.size() - 2] = mine.stop ? 1 : 0;
  tail[tail.size() - 1] = mine.checkpoint ? 1 : 0;
  const std::int64_t gradient_size = lanes * layout_.padded_size;
  const auto tail_size = static_cast<std::int64_t>(tail.size());
  exchange_.narrow(0, gradient_size, tail_size)
      .copy_(at::from_blob(tail.data(), {tail_size}, at::kDouble));
  void* stream = current_stream(device_);
  group_.all_reduce_sum(exchange_.mutable_data_ptr(), gradient_size + tail_size,
                        recipe().precision == spec::Precision::fp64 ? cluster::Scalar::float64
                                                                    : cluster::Scalar::float32,
                        stream);
  group_.synchronize(stream);
  at::from_blob(tail.data(), {tail_size}, at::kDouble)
      .copy_(exchange_.narrow(0, gradient_size, tail_size));
  for (std::size_t a = 0; a < rows.size(); ++a) {
    const auto r = static_cast<std::size_t>(rows[a]);
    loss[a] = tail[3 * r];
    supervised[a] = tail[3 * r + 1];
    tokens[a] = tail[3 * r + 2];
  }
  wishes_ = {.stop = tail[tail.size() - 2] > 0, .checkpoint = tail[tail.size() - 1] > 0};
}

void Bundle::step() {
  // Lanes of a bundle may come from different checkpoints: those that are behind catch up first, so
  // that all that step together share data.
  const int now =
      std::min_element(active_.begin(), active_.end(), [](const Lane& a, const Lane& b) {
        return a.progress.step < b.progress.step;
      })->progress.step;
  std::vector<int> rows;
  std::vector<const model::Batch*> batches;
  std::vector<double> supervised, tokens;
  for (auto& [seed, batch] : batches_) batch.clear();
  for (int r = 0; r < static_cast<int>(active_.size()); ++r) {
    const Lane& lane = active_[static_cast<std::size_t>(r)];
    if (lane.progress.step != now) continue;
    model::Batch& batch = batches_[trial(lane).seed];
    if (batch.tokens.empty()) data_.training_batch(trial(lane).seed, now, batch);
    rows.push_back(r);
    batches.push_back(&batch);
    supervised.push_back(static_cast<double>(batch.rows.size()));
    tokens.push_back(static_cast<double>(batch.tokens.size()));
  }
  const auto lanes = static_cast<std::int64_t>(active_.size());
  at::Tensor gradient =
      exchange_.narrow(0, 0, lanes * layout_.padded_size).view({lanes, layout_.padded_size});
  std::vector<double> loss(rows.size());
  // A CPU takes the lanes one after the other, so a stop is looked for between them; lanes that it
  // leaves a step behind catch up when they go on.
  const std::size_t at_once = device_.is_cpu() && group_.size() == 1 ? 1 : rows.size();
  for (std::size_t first = 0; first < rows.size() && !wishes_.stop; first += at_once) {
    const std::span<const int> some = std::span(rows).subspan(first, at_once);
    const auto part = [&](std::vector<double>& all) {
      return std::span(all).subspan(first, at_once);
    };
    observer_.begins(Work::step);
    program_->gradient(parameters_, some, std::span(batches).subspan(first, at_once), gradient,
                       part(loss));
    reduce(some, part(loss), part(supervised), part(tokens));
    update(some, now, part(loss), part(supervised), part(tokens));
  }
  // From the last row: retiring a row moves the last active one into its place.
  for (int r = static_cast<int>(active_.size()) - 1; r >= 0; --r) {
    if (!std::isfinite(active_[static_cast<std::size_t>(r)].progress.gradient_norm)) diverge(r);
  }
}

void Bundle::update(std::span<const int> rows, int now, std::span<const double> loss,
                    std::span<const double> supervised, std::span<const double> tokens) {
  for (std::size_t a = 0; a < rows.size(); ++a) {
    const int r = rows[a];
    Lane& lane = active_[static_cast<std::size_t>(r)];
    LaneProgress& progress = lane.progress;
    const StepSettings settings{
        .learning_rate = spec::learning_rate_at(recipe(), trial(lane).learning_rate, now),
        .step = now + 1,
        .gradient_scale = 1 / std::max(1.0, supervised[a])};
    const at::Tensor gradient = exchange_.narrow(0, r * layout_.padded_size, layout_.padded_size);
    progress.gradient_norm =
        std::isfinite(loss[a])
            ? optimiser_.step(row(parameters_, r), gradient, row(first_moment_, r),
                              row(second_moment_, r), settings)
            : loss[a];
    progress.step = now + 1;
    progress.result.tokens += static_cast<std::int64_t>(tokens[a]);
    progress.loss_sum += loss[a];
    progress.loss_tokens += supervised[a];
    progress.evaluation_pending =
        progress.step % recipe().eval_every == 0 || progress.step >= recipe().steps;
    if (!progress.evaluation_pending && spec::is_curve_step(progress.step))
      add_point(progress, nan, nan);  // else the validation adds it
  }
}

void Bundle::checkpoint() {
  wishes_.checkpoint = false;
  charge();
  if (!leads()) return;
  observer_.begins(Work::checkpoint);
  std::vector<LaneState> states;
  for (int r = 0; r < static_cast<int>(active_.size()); ++r) {
    Lane& lane = active_[static_cast<std::size_t>(r)];
    const TrialId& id = ids_[static_cast<std::size_t>(lane.index)];
    states.push_back({id, lane.progress.step,
                      pack_lane(id, lane.progress, row(parameters_, r), row(first_moment_, r),
                                row(second_moment_, r))});
  }
  observer_.checkpoint(std::move(states));
}

// Kernels promise memory that they do not have and kill who touches it: a bundle that cannot fit is
// refused with a sentence instead. The forecast is within 15 % of what is needed.
void check_memory(std::span<const spec::Trial> trials) {
  const spec::Trial& trial = trials.front();
  const auto task = tasks::make_task(trial.task);
  std::set<std::uint64_t> seeds;
  for (const spec::Trial& each : trials) seeds.insert(each.seed);
  const bool generates = task->scoring() == tasks::Scoring::generated_answer;
  const spec::Load load =
      spec::load(trial.recipe, spec::mean_tokens(*task, trial.recipe.sizes), generates,
                 static_cast<int>(trials.size()), static_cast<int>(seeds.size()));
  const double needed_bytes = spec::bundle_bytes(spec::shape(trial), load);
  const double installed_bytes =
      static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  if (needed_bytes <= 1.15 * installed_bytes) return;
  throw Error({.what = "training needs more memory than this machine has",
               .where = "width " + std::to_string(trial.hidden) + ", lanes " +
                        std::to_string(trials.size()),
               .expected = "at most " + gigabytes(installed_bytes),
               .got = "about " + gigabytes(needed_bytes),
               .advice = "Narrower or shallower models, or smaller batches, need less"});
}

}  // namespace

spec::AttemptEnd train_bundle(std::span<const spec::Trial> trials,
                              std::span<const std::string> states, const at::Device& device,
                              cluster::Group& group, Observer& observer) {
  if (trials.empty() || states.size() != trials.size()) {
    throw Error({.what = "train_bundle: one state (perhaps empty) a trial, at least one trial",
                 .expected = std::to_string(trials.size()) + " states",
                 .got = std::to_string(states.size())});
  }
  for (const spec::Trial& trial : trials) {
    if (spec::bundle_key(trial) != spec::bundle_key(trials.front())) {
      throw Error(
          {.what = "train_bundle: trials of different shapes, tasks or recipes in one bundle",
           .got = spec::trial_id(trial).value});
    }
  }
  observer.begins(Work::load);
  if (device.is_cpu()) check_memory(trials);
  const c10::DeviceGuard guard(device);
  return Bundle(trials, states, device, group, observer).run();
}

}  // namespace surd::train
