#include "bench/memory.hpp"

#include <c10/core/CachingDeviceAllocator.h>
#include <dlfcn.h>
#include <malloc.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "bench/case.hpp"
#include "bench/child.hpp"
#include "cluster/group.hpp"
#include "spec/memory.hpp"
#include "train/process.hpp"
#include "train/train.hpp"

namespace surd::bench {
namespace {

// A line of /proc/self/status that counts kB.
double status_bytes(const std::string& key) {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    if (word != key + ":") continue;
    double kilobytes = 0;
    file >> kilobytes;
    return 1024 * kilobytes;
  }
  throw Error({.what = "the kernel does not say how much memory is used",
               .where = "/proc/self/status",
               .expected = key});
}

// By the allocator's own count: the kernel's count of resident pages also moves with what other
// processes leave of the page cache, with huge pages and with its own rounding.
struct Heap {
  double held_bytes = 0;  // taken from the system and not given back
  double used_bytes = 0;  // in blocks that have not been freed
};

Heap heap_now() {
  using Mallctl = int (*)(const char* name, void* old_value, std::size_t* old_size, void* new_value,
                          std::size_t new_size);
  const auto mallctl = reinterpret_cast<Mallctl>(::dlsym(RTLD_DEFAULT, "mallctl"));
  if (mallctl == nullptr) {
    const struct mallinfo2 heap = ::mallinfo2();
    return {.held_bytes = static_cast<double>(heap.arena + heap.hblkhd),
            .used_bytes = static_cast<double>(heap.uordblks + heap.hblkhd)};
  }
  std::uint64_t epoch = 1;
  mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);  // asks for new statistics
  const auto count = [&](const char* name) {
    std::size_t bytes = 0, size = sizeof bytes;
    if (mallctl(name, &bytes, &size, nullptr, 0) != 0)
      throw Error(Report{.what = "jemalloc keeps no statistics", .expected = name});
    return static_cast<double>(bytes);
  };
  return {.held_bytes = count("stats.resident"), .used_bytes = count("stats.allocated")};
}

// Growth is from the validation at step 100 to the last one that is not followed by the test, whose
// set is made then.
class Watch final : public train::Observer {
 public:
  explicit Watch(int steps) : steps_(steps) {}
  double growth_bytes() const {
    return std::max(last_.held_bytes - first_.held_bytes, last_.used_bytes - first_.used_bytes);
  }

  void evaluated(int, const spec::CurvePoint& point) override {
    if (point.step < 100 || point.step >= steps_) return;
    last_ = heap_now();
    if (first_.held_bytes == 0) first_ = last_;
  }
  void finished(int, const spec::TrialResult&) override {}
  bool stop_asked() override { return false; }
  bool checkpoint_due() override { return false; }
  void checkpoint(std::vector<train::LaneState>) override {}

 private:
  int steps_;
  Heap first_, last_;
};

void train(const spec::Trial& trial, int lanes, const at::Device& device, Watch& watch) {
  std::vector<spec::Trial> trials(static_cast<std::size_t>(lanes), trial);
  for (std::size_t lane = 0; lane < trials.size(); ++lane) trials[lane].seed += lane % 2;
  const std::vector<std::string> afresh(trials.size());
  train::train_bundle(trials, afresh, device, *cluster::make_solo_group(), watch);
}

// A tiny bundle, after which what the libraries themselves take is there.
void warm_up(const spec::Trial& trial, const at::Device& device) {
  Cases tiny{.tasks = {trial.task.name}, .hidden = {4}};
  tiny.batch_sequences = 2;
  spec::Trial small = make_trials(tiny).front();
  small.architecture = trial.architecture;
  small.recipe.precision = trial.recipe.precision;
  small.recipe.steps = 2;
  small.recipe.validation = small.recipe.test = 2;
  Watch unused(small.recipe.steps);
  train(small, 1, device, unused);
}

}  // namespace

double forecast_bytes(const spec::Trial& trial, int lanes, const at::Device& device) {
  const auto task = tasks::make_task(trial.task);
  const spec::MeanTokens sequence = spec::mean_tokens(*task, trial.recipe.sizes);
  const spec::ModelShape shape = spec::shape(trial);
  const bool generates = task->scoring() == tasks::Scoring::generated_answer;
  if (device.is_cpu())
    return spec::bundle_bytes(
        shape, spec::load(trial.recipe, sequence, generates, lanes, std::min(lanes, 2)));
  return lanes * spec::lane_bytes(shape, spec::load(trial.recipe, sequence, generates, 1, 1));
}

double measure_device_bytes(const spec::Trial& trial, int lanes, const at::Device& device) {
  warm_up(trial, device);
  c10::DeviceAllocator* const allocator = c10::getDeviceAllocator(device.type());
  const auto bytes = [&] {
    return allocator->getDeviceStats(device.index())
        .allocated_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)];
  };
  const auto idle_bytes = static_cast<double>(bytes().current);
  allocator->resetPeakStats(device.index());
  Watch watch(trial.recipe.steps);
  train(trial, lanes, device, watch);
  return static_cast<double>(bytes().peak) - idle_bytes;
}

MemoryUse measure_memory(const spec::Trial& trial, int lanes) {
  train::prepare_process(true);
  warm_up(trial, at::kCPU);
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak counts from here
  const double idle_bytes = status_bytes("VmRSS");
  Watch watch(trial.recipe.steps);
  train(trial, lanes, at::kCPU, watch);
  return {.peak_bytes = status_bytes("VmHWM") - idle_bytes, .growth_bytes = watch.growth_bytes()};
}

MemoryUse measure_memory_apart(const std::string& program, const spec::Trial& trial, int lanes) {
  Child child({program, "memory", "--answer"});
  const std::string question =
      Json{{"trial", spec::to_json(trial)}, {"lanes", lanes}}.dump() + "\n";
  child.write(question.data(), question.size());
  const Json answer = Json::parse(child.read_line());
  return {.peak_bytes = required<double>(answer, "peak_bytes", program),
          .growth_bytes = required<double>(answer, "growth_bytes", program)};
}

void answer_memory() {
  std::string line;
  std::getline(std::cin, line);
  const Json question = Json::parse(line);
  const MemoryUse use =
      measure_memory(spec::trial_from_json(required<Json>(question, "trial", "question")),
                     required<int>(question, "lanes", "question"));
  std::cout << Json{{"peak_bytes", use.peak_bytes}, {"growth_bytes", use.growth_bytes}}.dump()
            << std::endl;
}

std::vector<MemoryCase> memory_cases(int steps) {
  std::vector<MemoryCase> all;
  const auto add = [&](const Cases& cases, int lanes, int validation, int test) {
    for (spec::Trial& trial : make_trials(cases)) {
      trial.recipe.steps = steps;
      trial.recipe.eval_every = std::max(1, std::min(100, steps / 2));
      trial.recipe.validation = validation;
      trial.recipe.test = test;
      all.push_back({std::move(trial), lanes});
    }
  };
  Cases cases{.tasks = {"lis"},
              .lengths = {64, 512},
              .hidden = {16, 128},
              .architectures = {"standard", "linear", "sparse"}};
  cases.batch_sequences = 4;
  add(cases, 1, 32, 32);
  cases.architectures = {"standard", "linear"};
  cases.precision = "fp64";
  add(cases, 2, 32, 32);
  cases.batch_sequences = 64;
  cases.lengths = {128};
  cases.architectures = {"standard"};
  add(cases, 1, 32, 32);
  add({.tasks = {"lis"}, .lengths = {64}, .hidden = {256}, .batch_sequences = 4}, 2, 32, 32);
  add({.tasks = {"lookup"}, .lengths = {64}, .hidden = {64}, .layers = 1, .batch_sequences = 4}, 32,
      32, 32);
  add({.tasks = {"lookup"},
       .lengths = {64},
       .hidden = {64},
       .layers = 6,
       .position = "learned",
       .batch_sequences = 4},
      4, 512, 2048);
  add({.tasks = {"edit_distance"}, .lengths = {256}, .hidden = {16}, .batch_sequences = 512}, 1,
      512, 2048);
  add({.tasks = {"arithmetic"},
       .lengths = {85},
       .hidden = {32, 128},
       .architectures = {"standard", "linear"},
       .batch_sequences = 16},
      1, 64, 256);
  return all;
}

}  // namespace surd::bench
