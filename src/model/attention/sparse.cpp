// sparse: softmax attention as in standard, where position i sees its own block of B positions up to i, and of every earlier block its last c.
// Child et al., Generating long sequences with sparse Transformers, 2019, section 4.2 ("fixed" pattern).
// Both kinds of keys lie regularly, so nothing is masked but the edge of each: O(T (B + c T / B)) scores.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/json.hpp"
#include "model/attention/attention.hpp"
#include "spec/architecture.hpp"

namespace surd::model {

namespace {

struct Pattern {
  std::int64_t block;  // B
  std::int64_t tail;   // positions that later blocks see of a block: min(c, B)
};

Pattern pattern(const spec::ModelShape& shape) {
  const std::int64_t block = spec::sparse_block(shape);
  return {block, std::min(required<std::int64_t>(shape.architecture.options, "c", "sparse"), block)};
}

// [queries, keys]: -infinity where the key's block is not before the query's.
at::Tensor earlier_block_mask(std::int64_t blocks, const Pattern& pattern, const at::TensorOptions& options) {
  const at::Tensor number = at::arange(blocks, options.dtype(at::kLong));
  const at::Tensor query_block = number.repeat_interleave(pattern.block).unsqueeze(1);
  const at::Tensor key_block = number.narrow(0, 0, blocks - 1).repeat_interleave(pattern.tail).unsqueeze(0);
  return at::zeros({blocks * pattern.block, (blocks - 1) * pattern.tail}, options)
      .masked_fill_(key_block >= query_block, -std::numeric_limits<double>::infinity());
}

at::Tensor forward(const spec::ModelShape& shape, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const auto [B, tail] = pattern(shape);
  const std::int64_t G = q.size(0), T = q.size(1), d = q.size(2);
  const std::int64_t blocks = (T + B - 1) / B;
  const std::int64_t padded = blocks * B;
  const double scale = 1 / std::sqrt(static_cast<double>(d));
  const auto to_blocks = [&](const at::Tensor& x) {  // [G * blocks, B, d]; what pads the last block is seen by itself only
    return (padded == T ? x : at::constant_pad_nd(x, {0, 0, 0, padded - T})).reshape({G * blocks, B, d});
  };
  const auto tails = [&](const at::Tensor& x) {  // [G, (blocks - 1) * tail, d]: the ends of all blocks but the last
    return x.view({G, blocks, B, d}).narrow(1, 0, blocks - 1).narrow(2, B - tail, tail).reshape({G, (blocks - 1) * tail, d});
  };

  const at::Tensor queries = to_blocks(q), keys = to_blocks(k), values = to_blocks(v);
  const at::Tensor own = at::baddbmm(causal_mask(B, q.options()), queries, keys.transpose(1, 2), 1, scale);
  if (blocks == 1) return at::bmm(at::softmax(own, -1), values).narrow(1, 0, T);

  const at::Tensor far =
      at::baddbmm(earlier_block_mask(blocks, {B, tail}, q.options()), queries.view({G, padded, d}), tails(keys).transpose(1, 2), 1, scale);
  const at::Tensor weights = at::softmax(at::cat({own.view({G, padded, B}), far}, -1), -1);
  const at::Tensor from_own = at::bmm(weights.narrow(2, 0, B).reshape({G * blocks, B, B}), values);
  const at::Tensor from_far = at::bmm(weights.narrow(2, B, far.size(2)), tails(values));
  return (from_own.view({G, padded, d}) + from_far).narrow(1, 0, T);
}

// When a block is complete, all but its tail is forgotten.
class SparseDecoder final : public Decoder {
 public:
  SparseDecoder(Pattern pattern, KeyValueCache cache) : pattern_(pattern), cache_(std::move(cache)) {}
  at::Tensor step(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) override {
    cache_.append(k, v);
    const at::Tensor output = cache_.attend(q);
    if (++in_block_ == pattern_.block) {
      cache_.forget(cache_.size() - pattern_.block, pattern_.block - pattern_.tail);
      in_block_ = 0;
    }
    return output;
  }

 private:
  Pattern pattern_;
  KeyValueCache cache_;
  std::int64_t in_block_ = 0;
};

std::unique_ptr<Decoder> decoder(const spec::ModelShape& shape, std::int64_t groups, std::int64_t steps, const at::TensorOptions& options) {
  const Pattern p = pattern(shape);
  const std::int64_t slots = std::min(steps, steps / p.block * p.tail + p.block);
  return std::make_unique<SparseDecoder>(p, KeyValueCache(groups, slots, shape.head_dim(), options));
}

}  // namespace

Attention sparse_attention() { return {.name = "sparse", .forward = forward, .decoder = decoder}; }

}  // namespace surd::model
