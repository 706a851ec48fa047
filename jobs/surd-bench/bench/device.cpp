#include "bench/device.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <utility>

#include "base/error.hpp"
#include "bench/case.hpp"
#include "bench/memory.hpp"
#include "cluster/teams.hpp"
#include "model/generic_program.hpp"
#include "model/init.hpp"
#include "spec/architecture.hpp"
#include "train/data.hpp"
#include "train/process.hpp"
#include "train/train.hpp"

namespace surd::bench {
namespace {

constexpr int gradient_lanes = 2;
constexpr double fp32_rounding = 0x1p-24;  // relative
constexpr double moved_by = 10 * fp32_rounding, result_allowed = 64 * fp32_rounding;
constexpr int draws = 3;
constexpr double fp64_allowed = 1e-10;

at::Tensor host_fp64(const at::Tensor& tensor) { return tensor.to(at::kCPU, at::kDouble); }

std::vector<int> first_numbers(int count) {
  std::vector<int> numbers;
  for (int number = 0; number < count; ++number) numbers.push_back(number);
  return numbers;
}

// [lanes, P] initial weights of one seed a lane, in fp64 but rounded to fp32: both precisions start
// from the same numbers.
at::Tensor initial_parameters(const spec::Trial& trial, int lanes) {
  const spec::ModelShape shape = spec::shape(trial);
  const std::int64_t P = spec::parameter_layout(shape).padded_size;
  at::Tensor parameters = at::empty({lanes, P}, at::kDouble);
  for (int lane = 0; lane < lanes; ++lane) {
    double* const first = parameters.mutable_data_ptr<double>() + lane * P;
    model::initialise(shape, trial.seed + static_cast<std::uint64_t>(lane),
                      std::span(first, static_cast<std::size_t>(P)));
  }
  return parameters.to(at::kFloat).to(at::kDouble);
}

std::vector<model::Batch> training_batches(const spec::Trial& trial, int lanes) {
  const auto task = tasks::make_task(trial.task);
  train::Data data(*task, trial.recipe, 0, 1);
  std::vector<model::Batch> batches(static_cast<std::size_t>(lanes));
  for (std::size_t lane = 0; lane < batches.size(); ++lane)
    data.training_batch(trial.seed + lane, 0, batches[lane]);
  return batches;
}

struct Computed {
  at::Tensor gradient;         // [lanes, P] fp64 on the CPU
  std::vector<double> losses;  // a lane
};

Computed compute(model::Program& program, const at::Tensor& parameters,
                 const std::vector<model::Batch>& batches) {
  const std::vector<int> lanes = first_numbers(static_cast<int>(batches.size()));
  std::vector<const model::Batch*> of_lanes;
  for (const model::Batch& batch : batches) of_lanes.push_back(&batch);
  at::Tensor gradient = at::zeros_like(parameters);
  Computed computed{.gradient = {}, .losses = std::vector<double>(batches.size())};
  program.gradient(parameters, lanes, of_lanes, gradient, computed.losses);
  computed.gradient = host_fp64(gradient);
  return computed;
}

// The worse lane's, relative; NaN where one is.
struct Distance {
  double loss = 0;
  double gradient = 0;
};

Distance distance(const Computed& got, const Computed& exact) {
  Distance worst;
  const auto widen = [](double& largest, double value) {
    if (!(value <= largest)) largest = value;
  };
  for (std::size_t lane = 0; lane < exact.losses.size(); ++lane) {
    const auto row = static_cast<std::int64_t>(lane);
    widen(worst.loss, std::abs(got.losses[lane] - exact.losses[lane]) / exact.losses[lane]);
    widen(worst.gradient, (got.gradient[row] - exact.gradient[row]).norm().item<double>() /
                              exact.gradient[row].norm().item<double>());
  }
  return worst;
}

// How far fp32 may be away. There and back: where a relu stands so near its kink that rounding
// decides on which side, one of the two crosses it.
Distance allowed_in_fp32(model::Program& oracle, const at::Tensor& parameters,
                         const std::vector<model::Batch>& batches, const Computed& exact) {
  Distance most;
  for (int draw = 0; draw < draws; ++draw) {
    const at::Tensor direction =
        parameters *
        at::randn(
            parameters.sizes(),
            at::Generator(at::detail::createCPUGenerator(7700 + static_cast<std::uint64_t>(draw))),
            parameters.options());
    for (const double by : {moved_by, -moved_by}) {
      const Distance moved = distance(compute(oracle, parameters + by * direction, batches), exact);
      most.loss = std::max(most.loss, moved.loss);
      most.gradient = std::max(most.gradient, moved.gradient);
    }
  }
  return {most.loss + result_allowed, most.gradient + result_allowed};
}

std::string name_of(const spec::Trial& trial) { return spec::label(trial.architecture); }

std::vector<model::Generated> generate(model::Program& program, const at::Tensor& parameters,
                                       const tasks::Task& task, const model::Batch& prompts) {
  std::vector<int> limit;
  for (int s = 0; s < prompts.sequences(); ++s) {
    const auto place = static_cast<std::size_t>(s);
    limit.push_back(task.positions() + 1 - (prompts.starts[place + 1] - prompts.starts[place]));
  }
  const std::vector<int> lanes = first_numbers(static_cast<int>(parameters.size(0)));
  std::vector<model::Generated> generated(lanes.size());
  program.generate(parameters, lanes, prompts, task.eos().value(), limit, generated);
  return generated;
}

// Keeps every state that it is handed, and asks for one after each step.
class Keeper final : public train::Observer {
 public:
  std::map<std::pair<std::string, int>, std::string> states;  // by trial and steps done
  std::vector<train::LaneState> last;
  std::map<int, std::string> results;                  // by lane, without the time that they took
  long stop_after = std::numeric_limits<long>::max();  // questions

  void evaluated(int, const spec::CurvePoint&) override {}
  void finished(int lane, const spec::TrialResult& result) override {
    Json json = spec::to_json(result);
    json.erase("seconds");
    results[lane] = json.dump();
  }
  bool stop_asked() override { return stop_after-- <= 0; }
  bool checkpoint_due() override { return true; }
  void checkpoint(std::vector<train::LaneState> lanes) override {
    for (const train::LaneState& lane : lanes) states[{lane.id.value, lane.step}] = lane.bytes;
    last = std::move(lanes);
  }
};

std::size_t differing_bytes(const std::string& some, const std::string& others, std::size_t from,
                            std::size_t number_bytes) {
  if (some.size() != others.size()) return std::max(some.size(), others.size());
  std::size_t differ = 0;
  for (std::size_t at = from; at < some.size(); at += number_bytes)
    differ += std::memcmp(&some[at], &others[at], number_bytes) == 0 ? 0 : 1;
  return differ;
}

// Numbers in host memory after a group of one has summed them on the device.
template <typename T>
std::size_t changed_by_sum(cluster::Group& group, const at::Device& device,
                           cluster::Scalar scalar) {
  constexpr std::int64_t count = 100'003;
  const at::Tensor before =
      at::randn({count}, at::Generator(at::detail::createCPUGenerator(31)), at::kDouble)
          .to(c10::CppTypeToScalarType<T>::value);
  const at::Tensor values = before.to(device, before.scalar_type(), false, true);
  // The default stream of CUDA goes by its other name, as null means host memory.
  void* stream = nullptr;
  if (!device.is_cpu()) {
    stream = c10::impl::VirtualGuardImpl(device.type()).getStream(device).native_handle();
    if (stream == nullptr) stream = reinterpret_cast<void*>(std::uintptr_t{1});
  }
  group.all_reduce_sum(values.mutable_data_ptr(), count, scalar, stream);
  group.synchronize(stream);
  const at::Tensor after = values.cpu();
  const auto bytes = [](const at::Tensor& tensor) {
    return std::string(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
  };
  return differing_bytes(bytes(before), bytes(after), 0, sizeof(T));
}

}  // namespace

Json to_json(const Check& check) {
  return {{"check", check.name},     {"of", check.of},     {"figure", number_to_json(check.figure)},
          {"least", check.least},    {"most", check.most}, {"passed", check.passed()},
          {"failure", check.failure}};
}

namespace {

constexpr const char* row_format = "{:<15} {:<24} {:>9} {:>12}  {}\n";

std::string digits(double value) { return fmt::format("{:.3g}", value); }

}  // namespace

std::string check_head() {
  return fmt::format(row_format, "check", "of", "figure", "bound", "passed");
}

std::string check_row(const Check& check) {
  const std::string bound = check.least > 0
                                ? fmt::format("{}..{}", digits(check.least), digits(check.most))
                                : digits(check.most);
  std::string row =
      fmt::format(row_format, check.name, check.of,
                  std::isnan(check.figure) && !check.failure.empty() ? "" : digits(check.figure),
                  bound, check.passed() ? "yes" : "NO");
  if (!check.failure.empty()) row += fmt::format("  {}\n", check.failure);
  return row;
}

std::vector<spec::Trial> checked_trials() {
  std::vector<std::string> labels = spec::architecture_names();
  labels.push_back("sparse(pattern=strided)");
  // 221 tokens: several chunks of every recurrent form, and blocks of every sparse one.
  Cases cases{.tasks = {"arithmetic"}, .sizes = {10}, .hidden = {32}, .architectures = labels};
  cases.layers = 2;
  cases.batch_sequences = 4;
  cases.position = "learned";
  std::vector<spec::Trial> trials = make_trials(cases);
  for (spec::Trial& trial : trials) {
    trial.recipe.steps = 24;
    trial.recipe.warmup = 4;
    trial.recipe.eval_every = 8;
    trial.recipe.validation = trial.recipe.test = 8;
  }
  return trials;
}

std::vector<Check> check_gradient(model::Program& program, const spec::Trial& trial,
                                  spec::Precision precision, const at::Device& device) {
  const at::Tensor parameters = initial_parameters(trial, gradient_lanes);
  const std::vector<model::Batch> batches = training_batches(trial, gradient_lanes);
  const bool fp32 = precision == spec::Precision::fp32;
  const Computed got =
      compute(program, parameters.to(device, fp32 ? at::kFloat : at::kDouble), batches);
  const auto oracle =
      model::make_generic_program(spec::shape(trial), spec::Precision::fp64, at::kCPU);
  const Computed exact = compute(*oracle, parameters, batches);
  const Distance far = distance(got, exact);
  const Distance most = fp32 ? allowed_in_fp32(*oracle, parameters, batches, exact)
                             : Distance{fp64_allowed, fp64_allowed};
  const std::string word = spec::to_string(precision);
  return {{.name = "loss " + word, .of = name_of(trial), .figure = far.loss, .most = most.loss},
          {.name = "gradient " + word,
           .of = name_of(trial),
           .figure = far.gradient,
           .most = most.gradient}};
}

Check check_generation(const spec::Trial& trial, const at::Device& device) {
  const auto task = tasks::make_task(trial.task);
  train::Data data(*task, trial.recipe, 0, 1);
  const model::Batch& prompts = data.validation().chunks.front().prompts;
  const spec::ModelShape shape = spec::shape(trial);
  const at::Tensor parameters = initial_parameters(trial, gradient_lanes);
  model::GenericProgram there(shape, spec::Precision::fp64, device, model::Lanes::together);
  const auto here = model::make_generic_program(shape, spec::Precision::fp64, at::kCPU);
  const auto got = generate(there, parameters.to(device), *task, prompts);
  const auto exact = generate(*here, parameters, *task, prompts);
  std::size_t differ = 0, tokens = 0;
  for (std::size_t lane = 0; lane < exact.size(); ++lane) {
    for (std::size_t s = 0; s < exact[lane].size(); ++s) {
      const auto &some = got[lane][s], &others = exact[lane][s];
      const std::size_t shared = std::min(some.size(), others.size());
      tokens += others.size();
      differ += std::max(some.size(), others.size()) - shared;
      for (std::size_t i = 0; i < shared; ++i) differ += some[i] == others[i] ? 0 : 1;
    }
  }
  if (tokens == 0) throw Error("no answer was generated");
  return {.name = "generation fp64", .of = name_of(trial), .figure = static_cast<double>(differ)};
}

std::size_t differing_numbers(const std::string& state, const std::string& other) {
  const auto head = [](const std::string& bytes) {
    Json json = Json::parse(bytes.substr(0, bytes.find('\n')));
    json["result"].erase("seconds");
    return json;
  };
  const Json some = head(state), others = head(other);
  const auto number_bytes = required<std::size_t>(some, "scalar_bytes", "state of the lane");
  // Behind the head, whose length depends on the time.
  const std::string rows = state.substr(state.find('\n')), further = other.substr(other.find('\n'));
  return (some == others ? 0 : 1) + differing_bytes(rows, further, 1, number_bytes);
}

Check check_resume(const spec::Trial& trial, const at::Device& device) {
  std::vector<spec::Trial> trials(3, trial);  // two rates of one seed, and another seed
  trials[1].learning_rate *= 2;
  trials[2].seed += 1;
  const auto group = cluster::make_solo_group();
  std::vector<std::string> states(trials.size());
  const auto run = [&](Keeper& keeper) {
    return train::train_bundle(trials, states, device, *group, keeper);
  };
  Keeper whole, first, second;
  run(whole);
  first.stop_after = 11;  // on a CPU within a step, as it takes the lanes one by one
  if (run(first) != spec::AttemptEnd::stopped || first.last.size() != trials.size())
    throw Error("a training that was told to stop has no checkpoint");
  for (std::size_t lane = 0; lane < trials.size(); ++lane) states[lane] = first.last[lane].bytes;
  run(second);

  std::size_t differ = 0, compared = 0;
  for (const Keeper* part : {&first, &second}) {
    for (const auto& [key, state] : part->states) {
      const auto found = whole.states.find(key);
      differ += found == whole.states.end() ? 1 : differing_numbers(state, found->second);
      compared += 1;
    }
  }
  if (compared < static_cast<std::size_t>(trial.recipe.steps))
    throw Error({.what = "too few states to compare", .got = std::to_string(compared)});
  for (int lane = 0; lane < static_cast<int>(trials.size()); ++lane)
    differ += second.results.at(lane) == whole.results.at(lane) ? 0 : 1;
  return {.name = "resume", .of = name_of(trial), .figure = static_cast<double>(differ)};
}

Check check_memory(const spec::Trial& trial, const at::Device& device, const std::string& program) {
  constexpr int lanes = 4;
  const double forecast = forecast_bytes(trial, lanes, device);
  const double peak = device.is_cpu() ? measure_memory_apart(program, trial, lanes).peak_bytes
                                      : measure_device_bytes(trial, lanes, device);
  Check check{.name = "memory", .of = name_of(trial), .figure = peak / forecast};
  if (device.is_cpu()) {
    check.least = 1 / 1.15;
    check.most = 1 / 0.85;
  } else {
    check.least = 0.5;
    check.most = 1.1;
  }
  return check;
}

Check check_group(const cluster::World& world, const at::Device& device) {
  const bool on_gpu = !device.is_cpu();
  const Device place{.kind = on_gpu ? DeviceKind::cuda : DeviceKind::cpu,
                     .index = on_gpu ? device.index() : 0};
  const auto group = cluster::make_group(
      on_gpu ? cluster::GroupKind::nccl : cluster::GroupKind::mpi, world, {world.rank()}, place);
  const std::size_t changed = changed_by_sum<float>(*group, device, cluster::Scalar::float32) +
                              changed_by_sum<double>(*group, device, cluster::Scalar::float64);
  return {.name = "all-reduce",
          .of = fmt::format("{} group of one", group->name()),
          .figure = static_cast<double>(changed)};
}

std::vector<Check> check_device(const cluster::World& world, const at::Device& device,
                                const std::string& program,
                                const std::function<void(const Check&)>& told) {
  train::prepare_process(true);
  const c10::DeviceGuard guard(device);
  std::vector<Check> checks;
  const auto run = [&](const std::string& name, const std::string& of, const auto& body) {
    std::vector<Check> some;
    try {
      some = body();
    } catch (const std::exception& error) {
      some = {{.name = name, .of = of, .failure = error.what()}};
    }
    for (Check& check : some) {
      told(check);
      checks.push_back(std::move(check));
    }
  };
  using Some = std::vector<Check>;
  const std::vector<spec::Trial> trials = checked_trials();
  for (const spec::Trial& trial : trials) {
    const spec::ModelShape shape = spec::shape(trial);
    run("gradient fp32", name_of(trial), [&] {
      const auto its = model::make_program(shape, spec::Precision::fp32, device);
      return check_gradient(*its, trial, spec::Precision::fp32, device);
    });
    run("gradient fp64", name_of(trial), [&] {
      model::GenericProgram its(shape, spec::Precision::fp64, device, model::Lanes::together);
      return check_gradient(its, trial, spec::Precision::fp64, device);
    });
  }
  for (const spec::Trial& trial : trials)
    run("generation fp64", name_of(trial), [&] { return Some{check_generation(trial, device)}; });
  for (const spec::Trial& trial : trials)
    run("resume", name_of(trial), [&] { return Some{check_resume(trial, device)}; });
  for (const spec::Trial& trial : trials)
    run("memory", name_of(trial), [&] { return Some{check_memory(trial, device, program)}; });
  run("all-reduce", "group of one", [&] { return Some{check_group(world, device)}; });
  return checks;
}

}  // namespace surd::bench
