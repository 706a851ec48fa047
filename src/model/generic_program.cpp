#include "model/generic_program.hpp"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace surd::model {

namespace {

// Tokens of a lane that are computed at once. On a CPU what two thousand tokens need stays near the caches and pages are used again.
constexpr std::int64_t cpu_chunk_tokens = 2048;
constexpr std::int64_t gpu_chunk_tokens = 1 << 18;
// What decoders may keep for the sequences that are generated at once.
constexpr double decoder_bytes = 512.0 * 1024 * 1024;

at::ScalarType scalar_type(spec::Precision precision) { return precision == spec::Precision::fp64 ? at::kDouble : at::kFloat; }

// Cross-entropy [A, M] in nats, 0 where the label is ignored.
at::Tensor cross_entropy(const at::Tensor& logits, const Packing& packing) {
  const at::Tensor losses = at::cross_entropy_loss(logits.flatten(0, 1), packing.label, {}, at::Reduction::None, Packing::ignored_label);
  return losses.view({packing.lanes, packing.supervised});
}

// Adds each lane's sum of losses [A, M] to `sums`.
void add_losses(const at::Tensor& losses, std::span<double> sums) {
  const at::Tensor lane_sums = losses.detach().to(at::kDouble).sum(1).cpu();
  for (std::size_t a = 0; a < sums.size(); ++a) sums[a] += lane_sums.const_data_ptr<double>()[a];
}

}  // namespace

GenericProgram::GenericProgram(const spec::ModelShape& shape, spec::Precision precision, const at::Device& device, Lanes order)
    : shape_(shape), options_(at::TensorOptions().dtype(scalar_type(precision)).device(device)), order_(order), transformer_(shape, options_) {}

template <typename Body>
void GenericProgram::for_lanes(std::size_t lanes, const Body& body) const {
  const std::size_t at_once = order_ == Lanes::together ? std::max<std::size_t>(lanes, 1) : 1;
  for (std::size_t first = 0; first < lanes; first += at_once) body(first, at_once);
}

template <typename Body>
void GenericProgram::for_chunks(std::span<const Batch* const> batches, const Body& body) const {
  const std::int64_t chunk_tokens = options_.device().is_cuda() ? gpu_chunk_tokens : cpu_chunk_tokens;
  int sequences = 0;
  for (const Batch* batch : batches) sequences = std::max(sequences, batch->sequences());
  for (int first = 0, last = 0; first < sequences; first = last) {
    const auto fits = [&](const Batch* batch) {
      const int from = std::min(first, batch->sequences()), to = std::min(last + 1, batch->sequences());
      return batch->starts[to] - batch->starts[from] <= chunk_tokens;
    };
    last = first + 1;  // a sequence is never cut
    while (last < sequences && std::all_of(batches.begin(), batches.end(), fits)) ++last;
    body(Packing(batches, first, last, options_.device()));
  }
}

at::Tensor GenericProgram::rows(const at::Tensor& flat, std::span<const int> lanes) const {
  if (lanes.size() == 1) return flat.narrow(0, lanes[0], 1);
  return flat.index_select(0, at::tensor(at::ArrayRef<int>(lanes.data(), lanes.size()), at::kLong).to(flat.device()));
}

at::Tensor GenericProgram::supervised_logits(const Weights& weights, const Packing& packing, const Dropout* dropout) const {
  const at::Tensor hidden = transformer_.hidden(weights, packing, dropout);
  return transformer_.logits(weights, gather_rows(hidden.flatten(0, 1), packing.row).view({packing.lanes, packing.supervised, shape_.hidden}));
}

void GenericProgram::gradient(const at::Tensor& parameters, std::span<const int> lanes, std::span<const Batch* const> batches, at::Tensor& gradient,
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
      if (shape_.settings.dropout > 0) dropout.emplace(shape_.settings.dropout, packing, shape_.settings.heads);
      at::AutoGradMode with_gradients(true);
      const at::Tensor loss = cross_entropy(supervised_logits(weights, packing, dropout ? &*dropout : nullptr), packing);
      loss.sum().backward();
      add_losses(loss, losses);
    });
    at::Tensor flat = count == 1 ? gradient.narrow(0, some[0], 1) : at::empty({std::ssize(some), gradient.size(1)}, gradient.options());
    flat.zero_();
    const std::vector<at::Tensor> slopes = transformer_.split(flat);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      if (leaves[i].grad().defined()) slopes[i].copy_(leaves[i].grad());
    }
    slopes[0].select(1, 0).zero_();  // the pad row is no parameter
    if (count > 1) gradient.index_copy_(0, at::tensor(at::ArrayRef<int>(some.data(), count), at::kLong).to(gradient.device()), flat);
  });
}

void GenericProgram::predict(const at::Tensor& parameters, std::span<const int> lanes, const Batch& batch,
                             std::span<std::vector<std::int32_t>> predicted, std::span<double> loss_sum) {
  check_flat(parameters, lanes, transformer_.layout().padded_size, options_, "parameters");
  check(batch, shape_);
  at::NoGradGuard no_gradients;
  for_lanes(lanes.size(), [&](std::size_t first, std::size_t count) {
    const std::span<double> losses = loss_sum.subspan(first, count);
    std::fill(losses.begin(), losses.end(), 0.0);
    for (std::size_t a = first; a < first + count; ++a) predicted[a].clear();
    const Weights weights = transformer_.weights(transformer_.split(rows(parameters, lanes.subspan(first, count))));
    const std::vector<const Batch*> same(count, &batch);
    for_chunks(same, [&](const Packing& packing) {
      if (packing.supervised == 0) return;
      const at::Tensor logits = supervised_logits(weights, packing, nullptr);
      add_losses(cross_entropy(logits, packing), losses);
      const at::Tensor best = logits.argmax(2).to(at::kInt).cpu();  // [A, M]
      for (std::size_t a = 0; a < count; ++a) {
        const std::int32_t* row = best.const_data_ptr<std::int32_t>() + static_cast<std::int64_t>(a) * packing.supervised;
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
    if (packing.tokens > 0) parts.push_back(transformer_.logits(weights, transformer_.hidden(weights, packing)).squeeze(0));
  });
  return at::cat(parts);
}

void GenericProgram::generate(const at::Tensor& parameters, int lane, const Batch& prompts, std::int32_t eos, std::span<const int> limit,
                              std::vector<std::vector<std::int32_t>>& generated) {
  check_flat(parameters, {&lane, 1}, transformer_.layout().padded_size, options_, "parameters");
  check(prompts, shape_);
  const int S = prompts.sequences();
  if (std::ssize(limit) != S) {
    throw Error({.what = "generation needs one limit a prompt", .expected = std::to_string(S), .got = std::to_string(limit.size())});
  }
  std::int64_t longest = 1;
  for (int s = 0; s < S; ++s) {
    const std::int64_t length = prompts.starts[s + 1] - prompts.starts[s];
    if (length == 0) throw Error({.what = "a prompt is empty", .where = "prompt " + std::to_string(s)});
    if (length + limit[s] - 1 > shape_.positions) {  // the last new token is not read
      throw Error({.what = "prompt and limit together exceed the model's positions",
                   .where = "prompt " + std::to_string(s),
                   .expected = "at most " + std::to_string(shape_.positions + 1),
                   .got = std::to_string(length + limit[s])});
    }
    longest = std::max(longest, length + limit[s]);
  }
  at::NoGradGuard no_gradients;
  generated.assign(static_cast<std::size_t>(S), {});
  const Weights weights = transformer_.weights(transformer_.split(rows(parameters, {&lane, 1})));
  const double sequence_bytes = spec::state_bytes(shape_, static_cast<double>(longest));
  const int at_once = std::max(1, static_cast<int>(std::min<double>(S, decoder_bytes / sequence_bytes)));
  for (int first = 0; first < S; first += at_once) {
    generate_some(weights, prompts, first, std::min(S, first + at_once), eos, limit, generated);
  }
}

// All sequences walk from position 0 in step: one that is past its prompt reads what it has just written, while longer prompts are still read.
void GenericProgram::generate_some(const Weights& weights, const Batch& prompts, int first, int last, std::int32_t eos, std::span<const int> limit,
                                   std::vector<std::vector<std::int32_t>>& generated) const {
  struct Sequence {
    std::span<const std::int32_t> prompt;
    std::vector<std::int32_t>* output;
    std::size_t limit;
    bool done;
  };
  std::vector<Sequence> sequences;
  std::size_t shortest = static_cast<std::size_t>(shape_.positions), longest = 0;
  for (int s = first; s < last; ++s) {
    const auto begin = static_cast<std::size_t>(prompts.starts[s]), length = static_cast<std::size_t>(prompts.starts[s + 1]) - begin;
    const auto most = static_cast<std::size_t>(std::max(limit[s], 0));
    sequences.push_back({{prompts.tokens.data() + begin, length}, &generated[static_cast<std::size_t>(s)], most, most == 0});
    shortest = std::min(shortest, length);
    longest = std::max(longest, length + most);
  }
  auto decoders = transformer_.decoders(last - first, static_cast<std::int64_t>(longest));
  at::Tensor token = at::zeros({1, last - first}, at::kLong);
  const auto done = [](const Sequence& sequence) { return sequence.done; };
  for (std::size_t t = 0; !std::all_of(sequences.begin(), sequences.end(), done); ++t) {
    std::int64_t* const input = token.mutable_data_ptr<std::int64_t>();
    for (std::size_t s = 0; s < sequences.size(); ++s) {
      const Sequence& sequence = sequences[s];
      if (t < sequence.prompt.size()) {
        input[s] = sequence.prompt[t];
      } else if (!sequence.done) {
        input[s] = sequence.output->back();
      }
    }
    const at::Tensor hidden = transformer_.step(weights, token.to(options_.device()), static_cast<std::int64_t>(t), decoders);
    if (t + 1 < shortest) continue;  // nobody writes yet
    const at::Tensor best = transformer_.logits(weights, hidden).argmax(2).cpu();
    for (std::size_t s = 0; s < sequences.size(); ++s) {
      Sequence& sequence = sequences[s];
      if (sequence.done || t + 1 < sequence.prompt.size()) continue;
      sequence.output->push_back(static_cast<std::int32_t>(best.const_data_ptr<std::int64_t>()[s]));
      sequence.done = sequence.output->back() == eos || sequence.output->size() == sequence.limit;
    }
  }
}

}  // namespace surd::model
