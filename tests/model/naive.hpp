// Each architecture in its plainest form, naive/NAME.cpp: one head after the other, position by
// position, loops of doubles. Written from the papers' formulas, not from src; the oracle of
// forward, gradients (by finite differences), generation and FLOPs.
#pragma once

#include <string>
#include <vector>

#include "model/attention/attention.hpp"
#include "spec/model.hpp"

namespace surd::model::test {

struct Naive {
  at::Tensor output;  // [G, T, d] of inputs [G, T, ...] in fp64
  double flops = 0;   // additions and multiplications of all heads' sums; those of feature maps,
                      // softmax and norms are not counted
};
// factors [T, T] (query, key) multiply softmax's weights, as dropout does; undefined: none.
Naive naive_attention(const spec::ModelShape& shape, const AttentionInputs& in,
                      const at::Tensor& factors = {});

// What every architecture is tried with; every architecture and every word of every option is among
// them, which a test proves.
struct Setting {
  std::string architecture;
  Json options;
};
const std::vector<Setting>& settings();

}  // namespace surd::model::test
