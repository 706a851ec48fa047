#include "model/dropout.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>

#include "model/dropout_hash.hpp"

namespace surd::model {

namespace hash = dropout_hash;

namespace {

constexpr std::int64_t all_bits = 0xffffffff;
constexpr std::int64_t golden = hash::golden;

// A 32-bit number taken times a 32-bit constant needs 64 bits without sign; less 2^32, the constant
// gives the same low bits within the signed range.
constexpr std::int64_t factor(std::int64_t constant) {
  return constant < 1LL << 31 ? constant : constant - (1LL << 32);
}

// As hash::scrambled. Changes x.
at::Tensor scrambled(at::Tensor x) {
  for (int i = 0; i < 2; ++i)
    x.bitwise_xor_(x.bitwise_right_shift(hash::shifts[i]))
        .mul_(factor(hash::factors[i]))
        .bitwise_and_(all_bits);
  return x.bitwise_xor_(x.bitwise_right_shift(hash::shifts[2]));
}

// As hash::stream; both broadcast. Numbers below 2^31.
at::Tensor stream(const at::Tensor& of, const at::Tensor& number) {
  return scrambled((of + number * golden).bitwise_and_(all_bits));
}
at::Tensor stream(const at::Tensor& of, std::int64_t number) {
  return scrambled((of + number * golden).bitwise_and_(all_bits));
}

}  // namespace

Dropout::Dropout(double share, const Packing& packing, std::int64_t heads) : share_(share) {
  const std::int64_t A = packing.lanes, S = packing.sequences;
  const at::Tensor sequences = packing.stream.view({A * S});
  token_stream_ = stream(stream(sequences.index_select(0, packing.sequence.flatten()), 0),
                         packing.position.flatten())
                      .view({A, packing.tokens, 1});
  head_stream_ = stream(sequences.unsqueeze(1), at::arange(1, heads + 1, sequences.options()))
                     .view({A * S * heads, 1, 1});
}

at::Tensor Dropout::features(const at::Tensor& x, std::int64_t site) const {
  return dropped(
      x, stream(stream(token_stream_, site), at::arange(x.size(2), token_stream_.options())));
}

at::Tensor Dropout::weights(const at::Tensor& x, const at::Tensor& keys, std::size_t layer) const {
  const at::Tensor query = at::arange(x.size(1), head_stream_.options()).unsqueeze(1);
  return dropped(
      x, stream(stream(stream(head_stream_, hash::weights_site(place(layer))), query), keys));
}

at::Tensor Dropout::dropped(const at::Tensor& x, const at::Tensor& numbers) const {
  return x * (numbers >= hash::threshold(share_)).to(x.scalar_type()).mul_(1 / (1 - share_));
}

}  // namespace surd::model
