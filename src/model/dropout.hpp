// Dropout in training (Srivastava et al., 2014; where it acts: Radford et al., GPT-2's code): a
// number is kept with probability 1 - share and then divided by it. What is dropped is a pure
// function of the batch's dropout_key, the sequence's index in the team's batch, position, place in
// the model and feature (of softmax's weights: head and key position), so a lane alone, in a
// bundle, on any number of ranks and on any device drops the same. Letters: A lanes, S sequences, T
// tokens, W longest sequence, D hidden, H heads, K columns of attention's weights.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "model/dropout_hash.hpp"
#include "model/packing.hpp"

namespace surd::model {

class Dropout {
 public:
  // share in (0, 1).
  Dropout(double share, const Packing& packing, std::int64_t heads);

  // Places in the model.
  at::Tensor embedding(const at::Tensor& x) const {
    return features(x, dropout_hash::embedding_site);
  }  // [A, T, D]
  at::Tensor attended(const at::Tensor& x, std::size_t layer) const {
    return features(x, dropout_hash::attended_site(place(layer)));
  }  // after c_proj
  at::Tensor mlp(const at::Tensor& x, std::size_t layer) const {
    return features(x, dropout_hash::mlp_site(place(layer)));
  }
  // Softmax's weights [A * S * H, W or more, K], where column c of row i stands for position
  // keys[i][c]; keys [W or more, K] or [1, K], of any value where the weight is 0.
  at::Tensor weights(const at::Tensor& x, const at::Tensor& keys, std::size_t layer) const;

 private:
  static int place(std::size_t layer) { return static_cast<int>(layer); }
  at::Tensor features(const at::Tensor& x, std::int64_t site) const;
  at::Tensor dropped(const at::Tensor& x, const at::Tensor& numbers) const;

  double share_;
  at::Tensor token_stream_;  // [A, T, 1], 32-bit numbers in 64-bit integers
  at::Tensor head_stream_;   // [A * S * H, 1, 1]
};

}  // namespace surd::model
