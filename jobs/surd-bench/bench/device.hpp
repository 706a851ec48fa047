// Whether a device computes what it should. Made for a GPU; on the CPU the same checks run as a
// rehearsal, against the same bounds.
#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "cluster/world.hpp"
#include "model/program.hpp"
#include "spec/trial.hpp"

namespace surd::bench {

// A figure and the bounds that it has to lie within.
struct Check {
  std::string name;  // "gradient fp32"
  std::string of;    // what was checked: an architecture's label, a group's name
  double figure = std::numeric_limits<double>::quiet_NaN();
  double least = 0;
  double most = 0;
  std::string failure{};  // what was thrown where there is no figure

  bool passed() const { return figure >= least && figure <= most; }
};
Json to_json(const Check& check);
// A table's head and rows: check, of, figure, bound, passed.
std::string check_head();
std::string check_row(const Check& check);

// What is checked: a small model of arithmetic, whose sequences differ in length and whose answers
// are generated, for each architecture (and both patterns of sparse).
std::vector<spec::Trial> checked_trials();

// "loss PRECISION" and "gradient PRECISION": how far `program`, of that precision and device, is
// from the generic program in fp64 on the CPU, on two lanes of one training step with its weights
// at the start; the worse lane, as a share of the loss and of the gradient's norm. An fp32 program
// may be as far away as the exact results move when every weight moves at random by ten roundings
// (a backward stable computation is exact for weights that are off by a few), and 64 roundings of
// the results themselves: products in TF32, of 2^-11, are thousands of times too coarse. fp64:
// 1e-10, which anything that was computed in fp32 on the way misses a thousandfold.
std::vector<Check> check_gradient(model::Program& program, const spec::Trial& trial,
                                  spec::Precision precision, const at::Device& device);

// "generation fp64": tokens that differ among the answers that the generic program generates to
// eight prompts in fp64 on the device and on the CPU.
Check check_generation(const spec::Trial& trial, const at::Device& device);

// "resume": how many numbers differ between a training of three lanes that is stopped, and goes on
// from its checkpoint, and one that is not: parameters and moments after each step, losses,
// accuracies.
Check check_resume(const spec::Trial& trial, const at::Device& device);
// How many numbers differ between two states of a lane (train::pack_lane); the time that they took
// does not count.
std::size_t differing_numbers(const std::string& state, const std::string& other);

// "memory": the peak of a bundle of four lanes as a share of its forecast. On a CPU, where
// spec::bundle_bytes promises 15 %, in a process of `program` (bench/memory.hpp); on a GPU, whose
// spec::lane_bytes decides how many lanes are trained together and leaves a tenth free, the peak
// may be at most 1.1 of it, and at least half.
Check check_memory(const spec::Trial& trial, const at::Device& device, const std::string& program);

// "all-reduce": how many numbers change when a group of this rank alone sums them: over NCCL in the
// device's memory, over MPI on a CPU.
Check check_group(const cluster::World& world, const at::Device& device);

// All of them, each told when it is done. What a check throws is its failure, and the others go on.
// `program`: of check_memory.
std::vector<Check> check_device(const cluster::World& world, const at::Device& device,
                                const std::string& program,
                                const std::function<void(const Check&)>& told);

}  // namespace surd::bench
