#include "model/attention/band.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/logical_or.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <limits>

#include "spec/architecture.hpp"

namespace surd::model {

Band::Band(std::int64_t positions, std::int64_t window, const at::TensorOptions& options)
    : positions_(positions),
      chunk_(std::min(positions, std::max<std::int64_t>(window, spec::smallest_band_chunk))),
      chunks_((positions + chunk_ - 1) / chunk_) {
  const std::int64_t before = chunks_ > 1 ? chunk_ : 0;
  columns_ = before + chunk_;
  const at::TensorOptions integers = options.dtype(at::kLong);
  const at::Tensor query = at::arange(chunks_ * chunk_, integers).view({chunks_, chunk_, 1});
  const at::Tensor key = at::arange(columns_, integers) +
                         (at::arange(chunks_, integers) * chunk_ - before).view({chunks_, 1, 1});
  const at::Tensor hidden =
      at::logical_or(at::logical_or(key > query, key <= query - window), key < 0);
  mask_ = at::zeros(hidden.sizes(), options)
              .masked_fill_(hidden, -std::numeric_limits<double>::infinity());
}

at::Tensor Band::places() const {
  const at::TensorOptions integers = mask_.options().dtype(at::kLong);
  const at::Tensor first =
      (at::arange(chunks_, integers) * chunk_ - (columns_ - chunk_)).view({chunks_, 1, 1});
  return (first + at::arange(columns_, integers))
      .expand({chunks_, chunk_, columns_})
      .reshape({chunks_ * chunk_, columns_})
      .narrow(0, 0, positions_);
}

at::Tensor Band::to_chunks(const at::Tensor& x) const {
  const at::Tensor whole = chunks_ * chunk_ == positions_
                               ? x
                               : at::constant_pad_nd(x, {0, 0, 0, chunks_ * chunk_ - positions_});
  return whole.reshape({x.size(0) * chunks_, chunk_, x.size(2)});
}

at::Tensor Band::keys(const at::Tensor& x) const {
  at::Tensor own = to_chunks(x);
  if (chunks_ == 1) return own;
  const at::Tensor all = own.view({x.size(0), chunks_, chunk_, x.size(2)});
  const at::Tensor before = at::constant_pad_nd(all.narrow(1, 0, chunks_ - 1), {0, 0, 0, 0, 1, 0});
  return at::cat({before, all}, 2).view({x.size(0) * chunks_, columns_, x.size(2)});
}

at::Tensor Band::scores(const at::Tensor& q, const at::Tensor& k) const {
  const at::Tensor products = at::bmm(to_chunks(q), keys(k).transpose(1, 2))
                                  .view({q.size(0), chunks_, chunk_, columns_})
                                  .add_(mask_);
  return products.view({q.size(0), chunks_ * chunk_, columns_}).narrow(1, 0, positions_);
}

at::Tensor Band::sum(const at::Tensor& weights, const at::Tensor& v) const {
  const at::Tensor sums = at::bmm(to_chunks(weights), keys(v));
  return sums.view({v.size(0), chunks_ * chunk_, v.size(2)}).narrow(1, 0, positions_);
}

}  // namespace surd::model
