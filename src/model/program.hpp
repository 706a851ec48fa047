// A program computes losses, gradients and predictions of a bundle's lanes on one device.
// Parameters are flat: lane r is row r of a [R, P] tensor laid out by spec::parameter_layout. Two
// programs exist: the generic one (ATen and autograd: any device, fp32 and fp64, the oracle) and
// the fused one (CPU, fp32, own kernels). A lane's numbers never depend on which other lanes are
// computed with it on a CPU.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <vector>

#include "model/batch.hpp"
#include "spec/model.hpp"

namespace surd::model {

// The new tokens of each sequence.
using Generated = std::vector<std::vector<std::int32_t>>;

// Letters: R lanes of the bundle, A active lanes of a call, P padded parameters of a lane, M
// supervised positions of a batch.
class Program {
 public:
  virtual ~Program() = default;

  // For each active lane a: gradient[lanes[a]] = d/d parameters of the SUM over supervised
  // positions of cross-entropy (nats) on *batches[a], and loss_sum[a] that sum; with model.dropout,
  // of the model with its batch's masks: nothing else drops. Overwrites the rows of active lanes,
  // gaps of the layout with zero; leaves other rows alone. parameters, gradient: contiguous [R, P]
  // on the program's device, of its precision. Lanes may share a batch.
  virtual void gradient(const at::Tensor& parameters, std::span<const int> lanes,
                        std::span<const Batch* const> batches, at::Tensor& gradient,
                        std::span<double> loss_sum) = 0;

  // Teacher-forced forward of one batch for each active lane: predicted[a][m] is the arg max
  // (lowest id on ties) at supervised position m, loss_sum[a] the sum of cross-entropies.
  virtual void predict(const at::Tensor& parameters, std::span<const int> lanes, const Batch& batch,
                       std::span<std::vector<std::int32_t>> predicted,
                       std::span<double> loss_sum) = 0;

  // Greedy generation with cached or recurrent state, many sequences at once. prompts: S sequences
  // packed in `prompts` (rows and labels unused). generated[a][s] holds the new tokens of active
  // lane a, at most limit[s] of them, ending with eos where it came.
  virtual void generate(const at::Tensor& parameters, std::span<const int> lanes,
                        const Batch& prompts, std::int32_t eos, std::span<const int> limit,
                        std::span<Generated> generated) = 0;

  // Logits [T, V] of every position of a batch, for tests and generation. One lane.
  virtual at::Tensor logits(const at::Tensor& parameters, int lane, const Batch& batch) = 0;
};

// The fastest program for the device and precision: fused on a CPU with fp32, else generic.
// InputError where the shape cannot be run.
std::unique_ptr<Program> make_program(const spec::ModelShape& shape, spec::Precision precision,
                                      const at::Device& device);
// The generic program whatever the device: the oracle.
std::unique_ptr<Program> make_generic_program(const spec::ModelShape& shape,
                                              spec::Precision precision, const at::Device& device);

}  // namespace surd::model
