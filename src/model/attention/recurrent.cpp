#include "model/attention/recurrent.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "model/attention/constants.hpp"

namespace surd::model {

Chunks::Chunks(std::int64_t positions, std::int64_t most)
    : positions_(positions),
      size_(std::min(positions, most)),
      count_((positions + size_ - 1) / size_) {}

at::Tensor Chunks::cut(const at::Tensor& x) const {
  const std::int64_t fill = count_ * size_ - positions_;
  const at::Tensor whole = fill == 0 ? x : at::constant_pad_nd(x, {0, 0, 0, fill});
  return whole.reshape({x.size(0), count_, size_, x.size(2)}).transpose(0, 1).contiguous();
}

at::Tensor Chunks::join(const at::Tensor& x) const {
  return x.transpose(0, 1).reshape({x.size(1), count_ * size_, x.size(3)}).narrow(1, 0, positions_);
}

at::Tensor add_products(const at::Tensor& sums, const at::Tensor& a, const at::Tensor& b) {
  return at::baddbmm(sums.flatten(0, 1), a.flatten(0, 1), b.flatten(0, 1)).view(sums.sizes());
}

// Both scans go through the chunks in a loop whose body is a product or two, and have their
// backward written out: as a graph of autograd, the few small operations of every chunk would cost
// more than all the large ones, the more so the longer the sequence.

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// G_n, the slope of before_n with all that follows from it: G_n = slope_n + decay_n G_{n+1}; the
// slope of states_n is G_{n+1}, that of decay_n is G_{n+1} before_n.
class RunningStates : public torch::autograd::Function<RunningStates> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& states,
                            const at::Tensor& decay) {
    at::Tensor before = at::empty(states.sizes(), states.options());
    before.select(0, 0).zero_();
    for (std::int64_t n = 0; n + 1 < states.size(0); ++n) {
      at::Tensor next = before.select(0, n + 1);
      at::addcmul_out(next, states.select(0, n), before.select(0, n), decay.select(0, n));
    }
    context->save_for_backward({before, decay});
    return before;
  }

  static variable_list backward(AutogradContext* context, variable_list slopes) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &before = saved[0], &decay = saved[1], &slope = slopes[0];
    at::Tensor later = at::zeros(before.sizes(), before.options());  // G_{n+1}
    for (std::int64_t n = before.size(0) - 2; n >= 0; --n) {
      at::Tensor here = later.select(0, n);
      at::addcmul_out(here, slope.select(0, n + 1), later.select(0, n + 1), decay.select(0, n + 1));
    }
    return {later, context->needs_input_grad(1) ? at::sum_to(later * before, decay.sizes())
                                                : at::Tensor()};
  }
};

// With R the slope of the state after chunk n: that of values_n is slope_n + keys_n R, which is
// that of u_n too; R goes on as R + slope of states_n - w_n^T (that).
class DeltaScan : public torch::autograd::Function<DeltaScan> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& keys,
                               const at::Tensor& w, const at::Tensor& u) {
    const std::int64_t count = u.size(0), G = u.size(1), d = keys.size(3), e = u.size(3);
    at::Tensor states = at::empty({count, G, d, e}, u.options()),
               values = at::empty(u.sizes(), u.options());
    states.select(0, 0).zero_();
    for (std::int64_t n = 0; n < count; ++n) {
      at::Tensor value = values.select(0, n);
      at::baddbmm_out(value, u.select(0, n), w.select(0, n), states.select(0, n), 1, -1);
      if (n + 1 == count) break;
      at::Tensor next = states.select(0, n + 1);
      at::baddbmm_out(next, states.select(0, n), keys.select(0, n).transpose(1, 2), value);
    }
    context->save_for_backward({keys, w, states, values});
    return {values, states};
  }

  static variable_list backward(AutogradContext* context, variable_list slopes) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &keys = saved[0], &w = saved[1], &states = saved[2], &values = saved[3];
    at::Tensor u_slope = at::empty(values.sizes(), values.options()),
               later = at::zeros(states.sizes(), states.options());  // R of each chunk
    for (std::int64_t n = states.size(0) - 1; n >= 0; --n) {
      at::Tensor here = u_slope.select(0, n);
      at::baddbmm_out(here, slopes[0].select(0, n), keys.select(0, n), later.select(0, n));
      if (n == 0) break;
      at::Tensor before = later.select(0, n - 1);
      at::baddbmm_out(before, later.select(0, n), w.select(0, n).transpose(1, 2), here, 1, -1);
      before.add_(slopes[1].select(0, n));
    }
    return {at::matmul(values, later.transpose(2, 3)),
            at::matmul(u_slope, states.transpose(2, 3)).neg_(), u_slope};
  }
};

}  // namespace

at::Tensor running_states(const at::Tensor& states, const at::Tensor& decay) {
  return RunningStates::apply(states, decay);
}

DeltaStates delta_states(const at::Tensor& keys, const at::Tensor& w, const at::Tensor& u) {
  const variable_list both = DeltaScan::apply(keys, w, u);
  return {both[0], both[1]};
}

at::Tensor normalised(const at::Tensor& x) {
  return at::layer_norm(x, {x.size(-1)}, {}, {}, norm_epsilon);
}

}  // namespace surd::model
