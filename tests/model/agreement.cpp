#include "model/agreement.hpp"

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/tensor.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/support.hpp"

namespace surd::model::test {

namespace {

constexpr double rounding = 0x1p-24;  // of fp32, relative
constexpr int draws = 3;
// How far the parameters of a draw are moved. How much of what that allows the fused program uses
// over many seeds is what the test [survey] prints.
constexpr double moved_by = 10 * rounding;
// Of what is compared, and of the whole gradient's norm, to which every part is summed in the same
// precision.
constexpr double result_allowed = 64 * rounding, whole_allowed = 6 * rounding;

// Sum of cross-entropies.
double loss_of(const at::Tensor& logits, const Batch& batch) {
  if (batch.rows.empty()) return 0;
  const at::Tensor labels =
      at::tensor(at::ArrayRef<std::int32_t>(batch.labels.data(), batch.labels.size()), at::kLong);
  return at::cross_entropy_loss(logits, labels, {}, at::Reduction::Sum).item<double>();
}

// [M, V]
at::Tensor supervised_logits(Program& program, const at::Tensor& parameters, const Batch& batch) {
  const at::Tensor rows =
      at::tensor(at::ArrayRef<std::int32_t>(batch.rows.data(), batch.rows.size()), at::kInt);
  return program.logits(parameters, 0, batch).index_select(0, rows).to(at::kDouble);
}

}  // namespace

Computed compute(Program& program, const at::Tensor& parameters, const Batch& batch) {
  const int lane = 0;
  const Batch* const batches = &batch;
  Computed result;
  at::Tensor gradient = at::full_like(parameters, 7);
  program.gradient(parameters, {&lane, 1}, {&batches, 1}, gradient, {&result.loss, 1});
  std::vector<std::vector<std::int32_t>> predicted(1);
  program.predict(parameters, {&lane, 1}, batch, predicted, {&result.predicted_loss, 1});
  result.gradient = gradient[0].to(at::kDouble);
  result.predicted = predicted[0];
  return result;
}

Reference::Reference(const spec::ModelShape& shape, const Batch& batch,
                     const at::Tensor& parameters)
    : layout_(spec::parameter_layout(shape)),
      batch_(batch),
      gradient_moves_(layout_.parameters.size()) {
  const auto program = make_generic_program(shape, spec::Precision::fp64, at::kCPU);
  const at::Tensor exact = parameters.to(at::kDouble);
  exact_ = compute(*program, exact, batch);
  logits_ = supervised_logits(*program, exact, batch);
  // There and back: where a relu stands so near its kink that rounding decides on which side, one
  // of the two crosses it.
  for (int draw = 0; draw < draws; ++draw) {
    const at::Tensor direction =
        exact * normal({exact.size(0), exact.size(1)}, 7700 + static_cast<std::uint64_t>(draw));
    for (const double by : {moved_by, -moved_by}) add_draw(*program, exact + by * direction);
  }
}

void Reference::add_draw(Program& program, const at::Tensor& moved) {
  const at::Tensor logits = supervised_logits(program, moved, batch_);
  at::Tensor gradient = at::empty_like(moved);
  const int lane = 0;
  const Batch* const batches = &batch_;
  double loss = 0;
  program.gradient(moved, {&lane, 1}, {&batches, 1}, gradient, {&loss, 1});
  const auto widen = [](double& largest, double difference) {
    largest = std::max(largest, std::abs(difference));
  };
  for (std::size_t i = 0; i < layout_.parameters.size(); ++i) {
    const spec::Parameter& parameter = layout_.parameters[i];
    widen(gradient_moves_[i],
          l2((gradient[0] - exact_.gradient).narrow(0, parameter.offset, parameter.size())));
  }
  widen(loss_moves_, loss - exact_.loss);
  widen(predicted_loss_moves_, loss_of(logits, batch_) - exact_.predicted_loss);
  if (!batch_.rows.empty()) widen(logit_moves_, max_difference(logits, logits_));
}

double Reference::gradient_norm(std::size_t parameter) const {
  return l2(exact_.gradient.narrow(0, layout_.parameters[parameter].offset,
                                   layout_.parameters[parameter].size()));
}

double Reference::allowed(std::size_t parameter) const {
  return gradient_moves_[parameter] + result_allowed * gradient_norm(parameter) +
         whole_allowed * l2(exact_.gradient);
}

bool Reference::counts(std::size_t parameter) const {
  return gradient_norm(parameter) > 0.01 * l2(exact_.gradient);
}

double Reference::tolerance() const {
  double largest = 0;
  for (std::size_t i = 0; i < layout_.parameters.size(); ++i) {
    if (counts(i)) largest = std::max(largest, allowed(i) / gradient_norm(i));
  }
  return largest;
}

Gap Reference::gap(const Computed& got) const {
  Gap gap;
  const auto widen = [&gap](const std::string& where, double difference, double allowed) {
    const double size = difference == 0 ? 0 : difference / allowed;
    if (!(size <= gap.size) && !std::isnan(gap.size)) gap = {size, where};
  };
  widen("loss", std::abs(got.loss - exact_.loss), loss_moves_ + result_allowed * exact_.loss);
  widen("predict's loss", std::abs(got.predicted_loss - exact_.predicted_loss),
        predicted_loss_moves_ + result_allowed * exact_.predicted_loss);
  at::Tensor between = got.gradient.clone();
  for (std::size_t i = 0; i < layout_.parameters.size(); ++i) {
    const spec::Parameter& parameter = layout_.parameters[i];
    widen("gradient of " + parameter.name,
          l2((got.gradient - exact_.gradient).narrow(0, parameter.offset, parameter.size())),
          allowed(i));
    between.narrow(0, parameter.offset, parameter.size()).zero_();
  }
  widen("gradient between parameters, where it is 0", l2(between), 0);
  if (batch_.rows.empty()) return gap;
  const at::Tensor best = std::get<0>(logits_.max(1));
  const at::Tensor chosen =
      at::tensor(at::ArrayRef<std::int32_t>(got.predicted.data(), got.predicted.size()), at::kLong);
  const double behind = (best - logits_.gather(1, chosen.unsqueeze(1)).squeeze(1))
                            .max()
                            .item<double>();  // a tie may fall either way
  widen("predictions", behind, logit_moves_ + result_allowed * logits_.abs().max().item<double>());
  return gap;
}

}  // namespace surd::model::test
