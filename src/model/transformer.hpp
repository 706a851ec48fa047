// The Transformer of the study in ATen, differentiable by autograd where gradients are enabled:
// pre-norm, LayerNorm right after the embedding, untied head with bias. Every tensor has a leading
// lane dimension, so that the lanes of a bundle can be one program on a GPU. Letters: A lanes, T
// tokens, D hidden, F feed-forward, V vocabulary, S sequences.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "model/attention/attention.hpp"
#include "model/dropout.hpp"
#include "model/packing.hpp"
#include "model/positions.hpp"
#include "spec/architecture.hpp"
#include "spec/model.hpp"

namespace surd::model {

struct Norm {
  at::Tensor weight, bias;  // [A, D]
};
struct Linear {
  at::Tensor weight, bias;  // [A, out, in], [A, out]
};
struct Layer {
  Norm ln_1;
  Linear c_attn;
  std::vector<Linear> further;  // of spec::projections
  Linear attn_proj;
  Norm ln_2;
  Linear c_fc, mlp_proj;
};
struct Weights {
  at::Tensor token;     // [A, V, D]
  at::Tensor position;  // [A, L, D]; undefined where positions are not learned
  Norm embedding;
  std::vector<Layer> layers;
  Norm ln_f;
  Linear head;
};

class Transformer {
 public:
  // InputError where the shape asks for what is not supported.
  Transformer(const spec::ModelShape& shape, const at::TensorOptions& options);

  // Views [A, ...] into flat parameters [A, P], in layout order.
  std::vector<at::Tensor> split(const at::Tensor& flat) const;
  // The same tensors by their roles.
  Weights weights(const std::vector<at::Tensor>& parameters) const;

  // Hidden states [A, T, D] after the final norm; dropout null but in training with dropout.
  at::Tensor hidden(const Weights& weights, const Packing& packing,
                    const Dropout* dropout = nullptr) const;
  // Logits [A, N, V] from hidden states [A, N, D].
  at::Tensor logits(const Weights& weights, const at::Tensor& hidden) const;

  // Generation, one lane. A decoder a layer for S sequences of at most `steps` positions.
  std::vector<std::unique_ptr<Decoder>> decoders(std::int64_t sequences, std::int64_t steps) const;
  // Hidden states [A, S, D] at `position` of S sequences a lane, whose tokens there are `token` [A,
  // S]; decoders are for A * S sequences.
  at::Tensor step(const Weights& weights, const at::Tensor& token, std::int64_t position,
                  std::vector<std::unique_ptr<Decoder>>& decoders) const;

  const spec::ParameterLayout& layout() const { return layout_; }

 private:
  // What attention sees of features [N, W, E] of N sequences at W positions: tensors [N * H, W,
  // ...].
  AttentionInputs split_heads(const at::Tensor& features) const;
  at::Tensor embed(const Weights& weights, const at::Tensor& token,
                   const at::Tensor& position) const;
  // The layers and the final norm; attend(layer, features [A, T, 3 D + further projections]) gives
  // [A, T, D].
  template <typename Attend>
  at::Tensor layers(const Weights& weights, at::Tensor x, const Dropout* dropout,
                    const Attend& attend) const;

  spec::ModelShape shape_;
  at::TensorOptions options_;
  spec::ParameterLayout layout_;
  std::vector<spec::Projection> projections_;
  const Attention& attention_;
  at::Tensor sinusoidal_;  // [L, D]; undefined where positions are not sinusoidal
  Rotation rotation_;      // defined where positions are rotary
};

// Rows `index` [N] of x [R, C]: [N, C]. Unlike index_select its backward is fast on a CPU and has a
// fixed order on a GPU.
at::Tensor gather_rows(const at::Tensor& x, const at::Tensor& index);

}  // namespace surd::model
