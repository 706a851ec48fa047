// The generic program: ATen and autograd, any device and precision. The oracle of the fused one,
// and the program of GPUs.
#pragma once

#include "model/program.hpp"
#include "model/transformer.hpp"

namespace surd::model {

// How lanes are computed: one after the other (a lane's numbers cannot depend on the others), or as
// one program over a leading lane dimension (few launches: for GPUs).
enum class Lanes { apart, together };

class GenericProgram final : public Program {
 public:
  GenericProgram(const spec::ModelShape& shape, spec::Precision precision, const at::Device& device,
                 Lanes order);

  void gradient(const at::Tensor& parameters, std::span<const int> lanes,
                std::span<const Batch* const> batches, at::Tensor& gradient,
                std::span<double> loss_sum) override;
  void predict(const at::Tensor& parameters, std::span<const int> lanes, const Batch& batch,
               std::span<std::vector<std::int32_t>> predicted, std::span<double> loss_sum) override;
  void generate(const at::Tensor& parameters, std::span<const int> lanes, const Batch& prompts,
                std::int32_t eos, std::span<const int> limit,
                std::span<Generated> generated) override;
  at::Tensor logits(const at::Tensor& parameters, int lane, const Batch& batch) override;

 private:
  // Calls body(first, count) for the lanes that are computed at once.
  template <typename Body>
  void for_lanes(std::size_t lanes, const Body& body) const;
  // Calls body(packing) for runs of whole sequences that bound the memory; the cut depends on the
  // batches only.
  template <typename Body>
  void for_chunks(std::span<const Batch* const> batches, const Body& body) const;
  // [A, P] rows `lanes` of flat; a view where that is possible.
  at::Tensor rows(const at::Tensor& flat, std::span<const int> lanes) const;
  // Logits [A, M, V] at the supervised positions; dropout may be null.
  at::Tensor supervised_logits(const Weights& weights, const Packing& packing,
                               const Dropout* dropout) const;
  class Steps;  // of generation

  spec::ModelShape shape_;
  at::TensorOptions options_;
  Lanes order_;
  Transformer transformer_;
};

}  // namespace surd::model
