// One lane's parameters in the form that the kernels want, and its gradient back in the flat
// layout.
#pragma once

#include <vector>

#include "model/fused/chunk.hpp"
#include "spec/model.hpp"

namespace surd::model::fused {

class Lane {
 public:
  explicit Lane(const spec::ModelShape& shape);
  Lane(const Lane&) = delete;  // weights point into it
  Lane& operator=(const Lane&) = delete;

  // Reads parameters [P] and clears gradient [P], where the embedding's gradients are summed
  // directly. Both must stay until finish().
  const Weights& start(const float* parameters, float* gradient);
  // The same for a forward pass only.
  const Weights& start(const float* parameters);
  // Writes the linear layers' and norms' gradients.
  void finish();

 private:
  // A linear layer y = W (g n + b) + c on a LayerNorm's normalised n. Kernels see y = (W g) n + (W
  // b + c); with G and h their gradients with respect to the two, dW = G g + h b^T, dg_k = sum_n
  // W[n][k] G[n][k], db = W^T h, dc = h. Its rows are those of one or more parameters, one after
  // the other.
  struct Rows {
    int count;
    std::int64_t weight, bias;  // offsets in the flat layout
  };
  struct Linear {
    int N = 0, K = 0;
    std::vector<Rows> rows = {};
    std::int64_t norm_weight = -1, norm_bias = -1;  // offsets in the flat layout; -1: none
    std::vector<float> values = {};                 // [N][K], [K][N], [N]
    std::vector<float> slopes = {};                 // [N][K], [N]
    Affine affine();
  };
  void load(Linear& linear) const;
  void store(const Linear& linear) const;

  std::int64_t padded_size_;
  std::int64_t token_, position_ = -1, norm_weight_, norm_bias_;
  std::vector<float> sinusoidal_;  // [L][D] where positions are sinusoidal
  std::vector<float> rotation_;    // cosines and sines where they are rotary
  std::vector<Linear> linears_;    // four a layer, then the head
  Weights weights_;
  const float* parameters_ = nullptr;
  float* gradient_ = nullptr;
};

}  // namespace surd::model::fused
