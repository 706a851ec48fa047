#include "model/attention/attention.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/softmax.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "base/error.hpp"
#include "spec/architecture_list.hpp"

namespace surd::model {

#define SURD_DECLARE(name) Attention name##_attention();
SURD_ARCHITECTURES(SURD_DECLARE)

const Attention& attention(const std::string& name) {
#define SURD_ATTENTION(name) name##_attention(),
  static const std::vector<Attention> table = {SURD_ARCHITECTURES(SURD_ATTENTION)};
  for (const Attention& entry : table) {
    if (entry.name == name) return entry;
  }
  throw InputError("no attention is written for architecture '" + name + "'");
}

at::Tensor causal_mask(std::int64_t rows, const at::TensorOptions& options) {
  return at::full({rows, rows}, -std::numeric_limits<double>::infinity(), options).triu_(1);
}

KeyValueCache::KeyValueCache(std::int64_t groups, std::int64_t slots, std::int64_t head_dim,
                             const at::TensorOptions& options)
    : keys_(at::empty({groups, slots, head_dim}, options)),
      values_(at::empty({groups, slots, head_dim}, options)) {}

void KeyValueCache::append(const at::Tensor& k, const at::Tensor& v) {
  const bool full = size_ == keys_.size(1);
  const std::int64_t slot = full ? oldest_ : size_;
  keys_.select(1, slot).copy_(k);
  values_.select(1, slot).copy_(v);
  if (full) {
    oldest_ = (oldest_ + 1) % size_;
  } else {
    ++size_;
  }
}

void KeyValueCache::forget(std::int64_t from, std::int64_t count) {
  const std::int64_t rest = size_ - from - count;
  for (at::Tensor& cache : {std::ref(keys_), std::ref(values_)}) {
    if (rest > 0) cache.narrow(1, from, rest).copy_(cache.narrow(1, from + count, rest).clone());
  }
  size_ -= count;
}

void KeyValueCache::keep(const at::Tensor& heads) {
  keys_ = keys_.index_select(0, heads);
  values_ = values_.index_select(0, heads);
}

namespace {

at::Tensor attend_to(const at::Tensor& keys, const at::Tensor& values, const at::Tensor& q) {
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(1)));
  const at::Tensor scores = at::bmm((q * scale).unsqueeze(1), keys.transpose(1, 2));
  return at::bmm(at::softmax(scores, -1), values).squeeze(1);
}

}  // namespace

at::Tensor KeyValueCache::attend(const at::Tensor& q) const {
  return attend_to(keys_.narrow(1, 0, size_), values_.narrow(1, 0, size_), q);
}

at::Tensor KeyValueCache::attend(const at::Tensor& q, const at::Tensor& slots) const {
  return attend_to(keys_.index_select(1, slots), values_.index_select(1, slots), q);
}

void StateDecoder::keep(const at::Tensor& heads) { state_ = state_.index_select(0, heads); }

namespace {

class WindowDecoder final : public Decoder {
 public:
  explicit WindowDecoder(KeyValueCache cache) : cache_(std::move(cache)) {}
  at::Tensor step(const AttentionInputs& in) override {
    cache_.append(in.k, in.v);
    return cache_.attend(in.q);
  }
  void keep(const at::Tensor& heads) override { cache_.keep(heads); }
  std::int64_t state_elements() const override { return cache_.elements(); }

 private:
  KeyValueCache cache_;
};

}  // namespace

std::unique_ptr<Decoder> make_window_decoder(std::int64_t groups, std::int64_t slots,
                                             std::int64_t head_dim,
                                             const at::TensorOptions& options) {
  return std::make_unique<WindowDecoder>(KeyValueCache(groups, slots, head_dim, options));
}

}  // namespace surd::model
