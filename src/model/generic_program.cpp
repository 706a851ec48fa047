#include "model/generic_program.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "model/generation.hpp"
#include "spec/memory.hpp"

namespace surd::model {

namespace {

// What decoders may keep for the sequences that are generated at once.
constexpr double decoder_bytes = 512.0 * 1024 * 1024;

at::ScalarType scalar_type(spec::Precision precision) {
  return precision == spec::Precision::fp64 ? at::kDouble : at::kFloat;
}

// Cross-entropy [A, M] in nats, 0 where the label is ignored.
at::Tensor cross_entropy(const at::Tensor& logits, const Packing& packing) {
  const at::Tensor losses = at::cross_entropy_loss(logits.flatten(0, 1), packing.label, {},
                                                   at::Reduction::None, Packing::ignored_label);
  return losses.view({packing.lanes, packing.supervised});
}

// Adds each lane's sum of losses [A, M] to `sums`.
void add_losses(const at::Tensor& losses, std::span<double> sums) {
  const at::Tensor lane_sums = losses.detach().to(at::kDouble).sum(1).cpu();
  for (std::size_t a = 0; a < sums.size(); ++a) sums[a] += lane_sums.const_data_ptr<double>()[a];
}

}  // namespace

GenericProgram::GenericProgram(const spec::ModelShape& shape, spec::Precision precision,
                               const at::Device& device, Lanes order)
    : shape_(shape),
      options_(at::TensorOptions().dtype(scalar_type(precision)).device(device)),
      order_(order),
      transformer_(shape, options_) {}

template <typename Body>
void GenericProgram::for_lanes(std::size_t lanes, const Body& body) const {
  const std::size_t at_once = order_ == Lanes::together ? std::max<std::size_t>(lanes, 1) : 1;
  for (std::size_t first = 0; first < lanes; first += at_once) body(first, at_once);
}

template <typename Body>
void GenericProgram::for_chunks(std::span<const Batch* const> batches, const Body& body) const {
  const std::int64_t chunk_tokens =
      options_.device().is_cuda() ? spec::gpu_chunk_tokens : spec::cpu_chunk_tokens;
  int sequences = 0;
  for (const Batch* batch : batches) sequences = std::max(sequences, batch->sequences());
  for (int first = 0, last = 0; first < sequences; first = last) {
    const auto fits = [&](const Batch* batch) {
      const int from = std::min(first, batch->sequences()),
                to = std::min(last + 1, batch->sequences());
      return batch->starts[to] - batch->starts[from] <= chunk_tokens;
    };
    last = first + 1;  // a sequence is never cut
    while (last < sequences && std::all_of(batches.begin(), batches.end(), fits)) ++last;
    body(Packing(batches, first, last, options_.device()));
  }
}

at::Tensor GenericProgram::rows(const at::Tensor& flat, std::span<const int> lanes) const {
  if (lanes.size() == 1) return flat.narrow(0, lanes[0], 1);
  return flat.index_select(
      0, at::tensor(at::ArrayRef<int>(lanes.data(), lanes.size()), at::kLong).to(flat.device()));
}

at::Tensor GenericProgram::supervised_logits(const Weights& weights, const Packing& packing,
                                             const Dropout* dropout) const {
  const at::Tensor hidden = transformer_.hidden(weights, packing, dropout);
  return transformer_.logits(weights,
                             gather_rows(hidden.flatten(0, 1), packing.row)
                                 .view({packing.lanes, packing.supervised, shape_.hidden}));
}

void GenericProgram::gradient(const at::Tensor& parameters, std::span<const int> lanes,
                              std::span<const Batch* const> batches, at::Tensor& gradient,
                              std::span<double> loss_sum) {
  check_flat(parameters, lanes, transformer_.layout().padded_size, options_, "parameters");
  check_flat(gradient, lanes, transformer_.layout().padded_size, options_, "gradient");
  for (std::size_t a = 0; a < batches.size(); ++a) {
    if (a == 0 || batches[a] != batches[a - 1]) check(*batches[a], shape_);
  }
  for_lanes(lanes.size(), [&](std::size_t first, std::size_t count) {
    const std::span<const int> some = lanes.subspan(first, count);
    const std::span<double> losses = loss_sum.subspan(first, count);
    std::fill(losses.begin(), losses.end(), 0.0);
    std::vector<at::Tensor> leaves = transformer_.split(rows(parameters, some));
    for (at::Tensor& leaf : leaves) leaf = leaf.detach().requires_grad_();
    const Weights weights = transformer_.weights(leaves);
    for_chunks(batches.subspan(first, count), [&](const Packing& packing) {
      if (packing.supervised == 0) return;
      std::optional<Dropout> dropout;
      if (shape_.settings.dropout > 0)
        dropout.emplace(shape_.settings.dropout, packing, shape_.settings.heads);
      at::AutoGradMode with_gradients(true);
      const at::Tensor loss = cross_entropy(
          supervised_logits(weights, packing, dropout ? &*dropout : nullptr), packing);
      loss.sum().backward();
      add_losses(loss, losses);
    });
    at::Tensor flat = count == 1
                          ? gradient.narrow(0, some[0], 1)
                          : at::empty({std::ssize(some), gradient.size(1)}, gradient.options());
    flat.zero_();
    const std::vector<at::Tensor> slopes = transformer_.split(flat);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      if (leaves[i].grad().defined()) slopes[i].copy_(leaves[i].grad());
    }
    slopes[0].select(1, 0).zero_();  // the pad row is no parameter
    if (count > 1)
      gradient.index_copy_(
          0, at::tensor(at::ArrayRef<int>(some.data(), count), at::kLong).to(gradient.device()),
          flat);
  });
}

void GenericProgram::predict(const at::Tensor& parameters, std::span<const int> lanes,
                             const Batch& batch, std::span<std::vector<std::int32_t>> predicted,
                             std::span<double> loss_sum) {
  check_flat(parameters, lanes, transformer_.layout().padded_size, options_, "parameters");
  check(batch, shape_);
  at::NoGradGuard no_gradients;
  for_lanes(lanes.size(), [&](std::size_t first, std::size_t count) {
    const std::span<double> losses = loss_sum.subspan(first, count);
    std::fill(losses.begin(), losses.end(), 0.0);
    for (std::size_t a = first; a < first + count; ++a) predicted[a].clear();
    const Weights weights =
        transformer_.weights(transformer_.split(rows(parameters, lanes.subspan(first, count))));
    const std::vector<const Batch*> same(count, &batch);
    for_chunks(same, [&](const Packing& packing) {
      if (packing.supervised == 0) return;
      const at::Tensor logits = supervised_logits(weights, packing, nullptr);
      add_losses(cross_entropy(logits, packing), losses);
      const at::Tensor best = logits.argmax(2).to(at::kInt).cpu();  // [A, M]
      for (std::size_t a = 0; a < count; ++a) {
        const std::int32_t* row =
            best.const_data_ptr<std::int32_t>() + static_cast<std::int64_t>(a) * packing.supervised;
        predicted[first + a].insert(predicted[first + a].end(), row, row + packing.supervised);
      }
    });
  });
}

at::Tensor GenericProgram::logits(const at::Tensor& parameters, int lane, const Batch& batch) {
  check_flat(parameters, {&lane, 1}, transformer_.layout().padded_size, options_, "parameters");
  check(batch, shape_);
  at::NoGradGuard no_gradients;
  const Weights weights = transformer_.weights(transformer_.split(rows(parameters, {&lane, 1})));
  std::vector<at::Tensor> parts{at::empty({0, shape_.vocabulary}, options_)};
  const Batch* const one = &batch;
  for_chunks({&one, 1}, [&](const Packing& packing) {
    if (packing.tokens > 0)
      parts.push_back(
          transformer_.logits(weights, transformer_.hidden(weights, packing)).squeeze(0));
  });
  return at::cat(parts);
}

// Sequences of A lanes at the same position; heads are numbered by lane, then column, then head.
class GenericProgram::Steps final : public StepModel {
 public:
  Steps(const Transformer& transformer, const Weights& weights, std::int64_t lanes,
        std::int64_t columns, std::int64_t heads, std::int64_t positions, const at::Device& device)
      : transformer_(transformer),
        weights_(weights),
        lanes_(lanes),
        columns_(columns),
        heads_(heads),
        device_(device),
        decoders_(transformer.decoders(lanes * columns, positions)) {}

  void step(std::span<const std::int32_t> tokens, int position, bool writes,
            std::span<std::int32_t> best) override {
    const at::Tensor token =
        at::tensor(at::ArrayRef<std::int32_t>(tokens.data(), tokens.size()), at::kLong)
            .view({lanes_, columns_});
    const at::Tensor hidden = transformer_.step(weights_, token.to(device_), position, decoders_);
    if (!writes) return;
    const at::Tensor id = transformer_.logits(weights_, hidden).argmax(2).to(at::kInt).cpu();
    std::copy_n(id.const_data_ptr<std::int32_t>(), best.size(), best.begin());
  }
  void keep(std::span<const int> columns) override {
    const at::Tensor lane = at::arange(lanes_, at::kLong).view({lanes_, 1, 1}) * columns_;
    const at::Tensor column =
        at::tensor(at::ArrayRef<int>(columns.data(), columns.size()), at::kLong).view({1, -1, 1});
    const at::Tensor heads =
        ((lane + column) * heads_ + at::arange(heads_, at::kLong)).flatten().to(device_);
    for (const auto& decoder : decoders_) decoder->keep(heads);
    columns_ = std::ssize(columns);
  }

 private:
  const Transformer& transformer_;
  const Weights& weights_;
  std::int64_t lanes_, columns_, heads_;
  at::Device device_;
  std::vector<std::unique_ptr<Decoder>> decoders_;  // one a layer
};

void GenericProgram::generate(const at::Tensor& parameters, std::span<const int> lanes,
                              const Batch& prompts, std::int32_t eos, std::span<const int> limit,
                              std::span<Generated> generated) {
  check_flat(parameters, lanes, transformer_.layout().padded_size, options_, "parameters");
  check_prompts(prompts, limit, shape_);
  at::NoGradGuard no_gradients;
  const int S = prompts.sequences(), longest = longest_text(prompts, limit);
  for_lanes(lanes.size(), [&](std::size_t first_lane, std::size_t count) {
    const std::span<Generated> texts = generated.subspan(first_lane, count);
    for (Generated& text : texts) text.assign(static_cast<std::size_t>(S), {});
    const Weights weights = transformer_.weights(
        transformer_.split(rows(parameters, lanes.subspan(first_lane, count))));
    const double column_bytes = spec::state_bytes(shape_, longest) * static_cast<double>(count);
    const int at_once =
        std::max(1, static_cast<int>(std::min<double>(S, decoder_bytes / column_bytes)));
    for (int first = 0; first < S; first += at_once) {
      const int last = std::min(S, first + at_once);
      Steps steps(transformer_, weights, static_cast<std::int64_t>(count), last - first,
                  shape_.settings.heads, longest, options_.device());
      generate_in_step(prompts, first, last, eos, limit, steps, texts);
    }
  });
}

}  // namespace surd::model
