// How far a program in fp32 may be from the generic one in fp64: as far as rounding carries the
// numbers of this very model and batch.
#pragma once

#include <string>
#include <vector>

#include "model/batch.hpp"
#include "model/program.hpp"

namespace surd::model::test {

struct Computed {
  at::Tensor gradient;                  // [P] fp64
  std::vector<std::int32_t> predicted;  // [M]
  double loss = 0, predicted_loss = 0;  // sums; the second without dropout, of predict
};

// Lane 0 of parameters [lanes, P], which have the program's precision.
Computed compute(Program& program, const at::Tensor& parameters, const Batch& batch);

// The largest difference, in units of what is allowed (so that more than 1 is too much; also where
// it is no number), and what differs.
struct Gap {
  double size = 0;
  std::string where;
};

// The exact results, and what each may differ by. A backward stable computation in fp32 gives the
// exact results of parameters that are off by a few roundings, so what may differ follows from how
// far the exact results move when every parameter moves at random by some ten roundings, there and
// back: the largest of several draws, and a few roundings of the result itself. All of it is
// computed in fp64 by the generic program, the same on every machine but for 1e-9.
class Reference {
 public:
  // parameters [1, P] in fp32. The batch must outlive it.
  Reference(const spec::ModelShape& shape, const Batch& batch, const at::Tensor& parameters);

  Gap gap(const Computed& got) const;
  const Computed& exact() const { return exact_; }

  // Whether a parameter's gradient holds enough of the whole (1 % of its norm) to be known by
  // itself: the sum of terms that cancel, as that of keys' biases, is only as accurate as its
  // terms.
  bool counts(std::size_t parameter) const;
  // The largest part of such a gradient that may differ. Where dividing by what is nearly zero (a
  // normaliser) magnifies rounding, fp32 cannot do better.
  double tolerance() const;

 private:
  double allowed(std::size_t parameter) const;
  double gradient_norm(std::size_t parameter) const;
  void add_draw(Program& program, const at::Tensor& moved);

  const spec::ParameterLayout layout_;
  const Batch& batch_;
  Computed exact_;
  at::Tensor logits_;  // [M, V], without dropout
  // How far they move.
  std::vector<double> gradient_moves_;  // l2 of each parameter's
  double loss_moves_ = 0, predicted_loss_moves_ = 0, logit_moves_ = 0;
};

}  // namespace surd::model::test
