// sparse: softmax attention as in standard, where position i sees its own block of B positions up
// to i, and of every earlier block its last c. Blocks start at the multiples of B (pattern fixed),
// or each position counts them back from itself (strided): it sees the last B positions and every
// j with (i - j) mod B < c. Child et al., Generating long sequences with sparse Transformers, 2019,
// section 4.2; their strided pattern has c = 1. Both kinds of keys lie regularly, so nothing is
// masked but the edge of each: O(T (B + c T / B)) scores.
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/logical_or.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/json.hpp"
#include "model/attention/attention.hpp"
#include "model/attention/band.hpp"
#include "spec/architecture.hpp"

namespace surd::model {

namespace fused {
MakeKernel sparse_kernel;
}

namespace {

struct Pattern {
  std::int64_t block;  // B
  std::int64_t tail;   // positions that later blocks see of a block: min(c, B)
};

Pattern pattern(const spec::ModelShape& shape) {
  const std::int64_t block = spec::sparse_block(shape);
  return {block,
          std::min(required<std::int64_t>(shape.architecture.options, "c", "sparse"), block)};
}

// [queries, keys]: -infinity where the key's block is not before the query's.
at::Tensor earlier_block_mask(std::int64_t blocks, const Pattern& pattern,
                              const at::TensorOptions& options) {
  const at::Tensor number = at::arange(blocks, options.dtype(at::kLong));
  const at::Tensor query_block = number.repeat_interleave(pattern.block).unsqueeze(1);
  const at::Tensor key_block =
      number.narrow(0, 0, blocks - 1).repeat_interleave(pattern.tail).unsqueeze(0);
  return at::zeros({blocks * pattern.block, (blocks - 1) * pattern.tail}, options)
      .masked_fill_(key_block >= query_block, -std::numeric_limits<double>::infinity());
}

at::Tensor fixed(const Pattern& pattern, const AttentionInputs& in) {
  const auto [B, tail] = pattern;
  const at::Tensor &q = in.q, &k = in.k, &v = in.v;
  const std::int64_t G = q.size(0), T = q.size(1), d = q.size(2);
  const std::int64_t blocks = (T + B - 1) / B;
  const std::int64_t padded = blocks * B;
  const double scale = 1 / std::sqrt(static_cast<double>(d));
  const auto to_blocks = [&](const at::Tensor& x) {  // [G * blocks, B, d]; what pads the last block
                                                     // is seen by itself only
    return (padded == T ? x : at::constant_pad_nd(x, {0, 0, 0, padded - T}))
        .reshape({G * blocks, B, d});
  };
  const auto tails = [&](const at::Tensor& x) {  // [G, (blocks - 1) * tail, d]: the ends of all
                                                 // blocks but the last
    return x.view({G, blocks, B, d})
        .narrow(1, 0, blocks - 1)
        .narrow(2, B - tail, tail)
        .reshape({G, (blocks - 1) * tail, d});
  };

  const at::Tensor queries = to_blocks(q), keys = to_blocks(k), values = to_blocks(v);
  const at::Tensor own =
      at::baddbmm(causal_mask(B, q.options()), queries, keys.transpose(1, 2), 1, scale);
  const at::Tensor place = at::arange(padded, q.options().dtype(at::kLong));
  if (blocks == 1) {
    at::Tensor weights = at::softmax(own, -1);
    if (in.drop) weights = in.drop(weights, place.unsqueeze(0));
    return at::bmm(weights, values).narrow(1, 0, T);
  }

  const at::Tensor far =
      at::baddbmm(earlier_block_mask(blocks, pattern, q.options()), queries.view({G, padded, d}),
                  tails(keys).transpose(1, 2), 1, scale);
  at::Tensor weights = at::softmax(at::cat({own.view({G, padded, B}), far}, -1), -1);
  if (in.drop) {
    const at::Tensor own_keys = place.view({blocks, B}).repeat_interleave(B, 0);
    const at::Tensor far_keys = place.view({blocks, B})
                                    .narrow(0, 0, blocks - 1)
                                    .narrow(1, B - tail, tail)
                                    .reshape({1, far.size(2)});
    weights = in.drop(weights, at::cat({own_keys, far_keys.expand({padded, far.size(2)})}, 1));
  }
  const at::Tensor from_own = at::bmm(weights.narrow(2, 0, B).reshape({G * blocks, B, B}), values);
  const at::Tensor from_far = at::bmm(weights.narrow(2, B, far.size(2)), tails(values));
  return (from_own.view({G, padded, d}) + from_far).narrow(1, 0, T);
}

// Positions r, B + r, 2 B + r, ... as a sequence of their own, for every r < B: there, far keys are
// the earlier ones.
class Strides {
 public:
  Strides(std::int64_t positions, std::int64_t block)
      : positions_(positions), block_(block), count_((positions + block - 1) / block) {}
  std::int64_t count() const { return count_; }
  at::Tensor gather(const at::Tensor& x) const {  // [G * B, count, f] from [G, T, f]
    const at::Tensor whole = at::constant_pad_nd(x, {0, 0, 0, count_ * block_ - positions_});
    return whole.view({x.size(0), count_, block_, x.size(2)})
        .transpose(1, 2)
        .reshape({x.size(0) * block_, count_, x.size(2)});
  }
  at::Tensor scatter(const at::Tensor& x) const {  // and back
    const at::Tensor all = x.view({x.size(0) / block_, block_, count_, x.size(2)}).transpose(1, 2);
    return all.reshape({all.size(0), count_ * block_, x.size(2)}).narrow(1, 0, positions_);
  }
  // [T, count]: the position of each column's key, `shift` before its place.
  at::Tensor places(std::int64_t shift, const at::TensorOptions& options) const {
    const at::TensorOptions integers = options.dtype(at::kLong);
    return (at::arange(block_, integers).unsqueeze(1) + at::arange(count_, integers) * block_ -
            shift)
        .repeat({count_, 1})
        .narrow(0, 0, positions_);
  }
  // [B, count, count]: -infinity where the key, `shift` positions before its place, is not in an
  // earlier block or does not exist.
  at::Tensor mask(std::int64_t shift, const at::TensorOptions& options) const {
    const at::Tensor number = at::arange(count_, options.dtype(at::kLong));
    const at::Tensor place = at::arange(block_, options.dtype(at::kLong)).view({block_, 1, 1}) +
                             number * block_;  // of the key, [B, 1, count]
    const at::Tensor hidden = at::logical_or(number >= number.unsqueeze(1), place < shift);
    return at::zeros({block_, count_, count_}, options)
        .masked_fill_(hidden, -std::numeric_limits<double>::infinity());
  }

 private:
  std::int64_t positions_, block_, count_;
};

at::Tensor strided(const Pattern& pattern, const AttentionInputs& in) {
  const std::int64_t G = in.q.size(0), T = in.q.size(1), d = in.q.size(2);
  const Band band(T, pattern.block, in.q.options());
  const Strides strides(T, pattern.block);
  const std::int64_t n = strides.count();
  const at::Tensor q = in.q * (1 / std::sqrt(static_cast<double>(d)));
  const auto shifted = [&](const at::Tensor& x,
                           std::int64_t shift) {  // position i holds that of i - shift
    return strides.gather(shift == 0 ? x : at::constant_pad_nd(x, {0, 0, shift, -shift}));
  };
  std::vector<at::Tensor> scores{band.scores(q, in.k)};
  const at::Tensor queries = strides.gather(q);
  const std::int64_t shifts = n > 1 ? pattern.tail : 0;
  for (std::int64_t shift = 0; shift < shifts; ++shift) {
    const at::Tensor far = at::bmm(queries, shifted(in.k, shift).transpose(1, 2))
                               .view({G, pattern.block, n, n})
                               .add_(strides.mask(shift, q.options()));
    scores.push_back(strides.scatter(far.view({G * pattern.block, n, n})));
  }
  at::Tensor weights = at::softmax(at::cat(scores, -1), -1);
  if (in.drop) {
    std::vector<at::Tensor> keys{band.places()};
    for (std::int64_t shift = 0; shift < shifts; ++shift)
      keys.push_back(strides.places(shift, q.options()));
    weights = in.drop(weights, at::cat(keys, 1));
  }
  at::Tensor sums = band.sum(weights.narrow(2, 0, band.columns()), in.v);
  for (std::int64_t shift = 0; shift < shifts; ++shift) {
    const at::Tensor far = strides.gather(weights.narrow(2, band.columns() + shift * n, n));
    sums = sums + strides.scatter(at::bmm(far, shifted(in.v, shift)));
  }
  return sums;
}

at::Tensor forward(const spec::ModelShape& shape, const AttentionInputs& in) {
  return spec::sparse_strided(shape) ? strided(pattern(shape), in) : fixed(pattern(shape), in);
}

// When a block is complete, all but its tail is forgotten.
class FixedDecoder final : public Decoder {
 public:
  FixedDecoder(Pattern pattern, KeyValueCache cache)
      : pattern_(pattern), cache_(std::move(cache)) {}
  at::Tensor step(const AttentionInputs& in) override {
    cache_.append(in.k, in.v);
    const at::Tensor output = cache_.attend(in.q);
    if (++in_block_ == pattern_.block) {
      cache_.forget(cache_.size() - pattern_.block, pattern_.block - pattern_.tail);
      in_block_ = 0;
    }
    return output;
  }
  void keep(const at::Tensor& heads) override { cache_.keep(heads); }
  std::int64_t state_elements() const override { return cache_.elements(); }

 private:
  Pattern pattern_;
  KeyValueCache cache_;
  std::int64_t in_block_ = 0;
};

// Nothing can be forgotten, but only what the position sees is looked at.
class StridedDecoder final : public Decoder {
 public:
  StridedDecoder(Pattern pattern, KeyValueCache cache)
      : pattern_(pattern), cache_(std::move(cache)) {}
  at::Tensor step(const AttentionInputs& in) override {
    cache_.append(in.k, in.v);
    const std::int64_t position = cache_.size() - 1;
    std::vector<std::int64_t> seen;
    for (std::int64_t block_end = position; block_end >= 0; block_end -= pattern_.block) {
      const std::int64_t count = block_end == position ? pattern_.block : pattern_.tail;
      for (std::int64_t j = block_end; j >= 0 && j > block_end - count; --j) seen.push_back(j);
    }
    return cache_.attend(in.q, at::tensor(seen, at::kLong).to(in.q.device()));
  }
  void keep(const at::Tensor& heads) override { cache_.keep(heads); }
  std::int64_t state_elements() const override { return cache_.elements(); }

 private:
  Pattern pattern_;
  KeyValueCache cache_;
};

std::unique_ptr<Decoder> decoder(const spec::ModelShape& shape, std::int64_t groups,
                                 std::int64_t steps, const at::TensorOptions& options) {
  const Pattern p = pattern(shape);
  if (spec::sparse_strided(shape))
    return std::make_unique<StridedDecoder>(
        p, KeyValueCache(groups, steps, shape.head_dim(), options));
  const std::int64_t slots = std::min(steps, steps / p.block * p.tail + p.block);
  return std::make_unique<FixedDecoder>(p, KeyValueCache(groups, slots, shape.head_dim(), options));
}

}  // namespace

Attention sparse_attention() {
  return {.name = "sparse", .forward = forward, .decoder = decoder, .kernel = fused::sparse_kernel};
}

}  // namespace surd::model
