#include "model/transformer.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/relu.h>

#include "base/error.hpp"
#include "model/attention/constants.hpp"

namespace surd::model {

namespace {

void check_supported(const spec::ModelShape& shape) {
  const auto& settings = shape.settings;
  const auto at_least_one = [](int value, const char* name) {
    if (value < 1)
      throw InputError({.what = std::string(name) + " of a model must be positive",
                        .got = std::to_string(value)});
  };
  at_least_one(shape.hidden, "hidden");
  at_least_one(shape.vocabulary, "vocabulary");
  at_least_one(shape.positions, "positions");
  at_least_one(shape.length, "length");
  at_least_one(settings.layers, "layers");
  at_least_one(settings.heads, "heads");
  if (shape.hidden % settings.heads != 0) {
    throw InputError({.what = "hidden must be a multiple of heads",
                      .expected = "a multiple of " + std::to_string(settings.heads),
                      .got = std::to_string(shape.hidden)});
  }
  if (!(settings.dropout >= 0 && settings.dropout < 1)) {
    throw InputError({.what = "dropout of a model is no share",
                      .expected = "a number in [0, 1)",
                      .got = std::to_string(settings.dropout),
                      .advice = {}});
  }
}

at::Tensor apply(const Norm& norm, const at::Tensor& x) {
  if (x.size(0) == 1)
    return at::layer_norm(x, {x.size(2)}, norm.weight.squeeze(0), norm.bias.squeeze(0),
                          norm_epsilon);
  return at::addcmul(norm.bias.unsqueeze(1), at::layer_norm(x, {x.size(2)}, {}, {}, norm_epsilon),
                     norm.weight.unsqueeze(1));
}

at::Tensor apply(const Linear& linear, const at::Tensor& x) {
  if (x.size(0) == 1)
    return at::addmm(linear.bias.squeeze(0), x.squeeze(0), linear.weight.squeeze(0).t())
        .unsqueeze(0);
  return at::baddbmm(linear.bias.unsqueeze(1), x, linear.weight.transpose(1, 2));
}

// Rows index [A, T] of each lane's table [A, R, D]: [A, T, D].
at::Tensor lookup(const at::Tensor& table, const at::Tensor& index) {
  const std::int64_t A = table.size(0), R = table.size(1), D = table.size(2);
  if (A == 1) return at::embedding(table.squeeze(0), index);
  const at::Tensor lane = at::arange(A, index.options()).unsqueeze(1);
  return at::embedding(table.reshape({A * R, D}), index + lane * R);
}

}  // namespace

at::Tensor gather_rows(const at::Tensor& x, const at::Tensor& index) {
  return at::embedding(x, index);
}

Transformer::Transformer(const spec::ModelShape& shape, const at::TensorOptions& options)
    : shape_(shape), options_(options), attention_(attention(shape.architecture.name)) {
  check_supported(shape);
  layout_ = spec::parameter_layout(shape);
  projections_ = spec::projections(shape);
  if (shape.settings.position == spec::Position::sinusoidal)
    sinusoidal_ = sinusoidal_positions(shape.positions, shape.hidden, options);
  if (shape.settings.position == spec::Position::rotary)
    rotation_ = Rotation(shape.positions, shape.head_dim(), options);
}

std::vector<at::Tensor> Transformer::split(const at::Tensor& flat) const {
  std::vector<at::Tensor> parameters;
  for (const spec::Parameter& parameter : layout_.parameters) {
    std::vector<std::int64_t> shape{flat.size(0)};
    shape.insert(shape.end(), parameter.shape.begin(), parameter.shape.end());
    parameters.push_back(flat.narrow(1, parameter.offset, parameter.size()).view(shape));
  }
  return parameters;
}

Weights Transformer::weights(const std::vector<at::Tensor>& parameters) const {
  auto next = parameters.begin();
  const auto norm = [&] {
    const at::Tensor weight = *next++;
    return Norm{weight, *next++};
  };
  const auto linear = [&] {
    const at::Tensor weight = *next++;
    return Linear{weight, *next++};
  };
  Weights weights;
  weights.token = *next++;
  if (shape_.settings.position == spec::Position::learned) weights.position = *next++;
  weights.embedding = norm();
  for (int layer = 0; layer < shape_.settings.layers; ++layer) {
    Layer parts;
    parts.ln_1 = norm();
    parts.c_attn = linear();
    for (std::size_t i = 0; i < projections_.size(); ++i) parts.further.push_back(linear());
    parts.attn_proj = linear();
    parts.ln_2 = norm();
    parts.c_fc = linear();
    parts.mlp_proj = linear();
    weights.layers.push_back(std::move(parts));
  }
  weights.ln_f = norm();
  weights.head = linear();
  return weights;
}

at::Tensor Transformer::embed(const Weights& weights, const at::Tensor& token,
                              const at::Tensor& position) const {
  at::Tensor x = lookup(weights.token, token);
  if (weights.position.defined()) x = x + lookup(weights.position, position);
  if (sinusoidal_.defined()) x = x + at::embedding(sinusoidal_, position);
  return apply(weights.embedding, x);
}

template <typename Attend>
at::Tensor Transformer::layers(const Weights& weights, at::Tensor x, const Dropout* dropout,
                               const Attend& attend) const {
  const bool gelu = shape_.settings.activation == spec::Activation::gelu;
  const auto activate = [gelu](const at::Tensor& y) {
    return gelu ? at::gelu(y, "tanh") : at::relu(y);
  };
  const auto features = [](const Layer& layer, const at::Tensor& y) {
    if (layer.further.empty()) return apply(layer.c_attn, y);
    std::vector<at::Tensor> parts{apply(layer.c_attn, y)};
    for (const Linear& linear : layer.further) parts.push_back(apply(linear, y));
    return at::cat(parts, -1);
  };
  if (dropout != nullptr) x = dropout->embedding(x);
  for (std::size_t l = 0; l < weights.layers.size(); ++l) {
    const Layer& layer = weights.layers[l];
    const at::Tensor attended =
        apply(layer.attn_proj, attend(l, features(layer, apply(layer.ln_1, x))));
    x = x + (dropout == nullptr ? attended : dropout->attended(attended, l));
    const at::Tensor mlp = apply(layer.mlp_proj, activate(apply(layer.c_fc, apply(layer.ln_2, x))));
    x = x + (dropout == nullptr ? mlp : dropout->mlp(mlp, l));
  }
  return apply(weights.ln_f, x);
}

AttentionInputs Transformer::split_heads(const at::Tensor& features) const {
  const std::int64_t N = features.size(0), W = features.size(1), D = shape_.hidden,
                     H = shape_.settings.heads, d = shape_.head_dim();
  const std::vector<at::Tensor> qkv = features.narrow(2, 0, 3 * D)
                                          .view({N, W, 3, H, d})
                                          .permute({2, 0, 3, 1, 4})
                                          .reshape({3, N * H, W, d})
                                          .unbind(0);
  AttentionInputs in{qkv[0], qkv[1], qkv[2], {}};
  std::int64_t first = 3 * D;
  for (const spec::Projection& projection : projections_) {
    const std::int64_t f = projection.features;
    in.further.push_back(
        features.narrow(2, first, H * f).view({N, W, H, f}).transpose(1, 2).reshape({N * H, W, f}));
    first += H * f;
  }
  return in;
}

at::Tensor Transformer::hidden(const Weights& weights, const Packing& packing,
                               const Dropout* dropout) const {
  const std::int64_t A = packing.lanes, T = packing.tokens, W = packing.longest, D = shape_.hidden;
  const std::int64_t N = A * packing.sequences, H = shape_.settings.heads, d = shape_.head_dim();
  const auto attend = [&](std::size_t layer, const at::Tensor& features) {
    const at::Tensor packed = features.flatten(0, 1);
    AttentionInputs in =
        split_heads((packing.even ? packed : gather_rows(packed, packing.to_padded))
                        .view({N, W, features.size(2)}));
    if (rotation_.defined()) in.q = rotation_.sequence(in.q), in.k = rotation_.sequence(in.k);
    if (dropout != nullptr)
      in.drop = [&](const at::Tensor& shares, const at::Tensor& keys) {
        return dropout->weights(shares, keys, layer);
      };
    const at::Tensor merged =
        attention_.forward(shape_, in).reshape({N, H, W, d}).transpose(1, 2).reshape({N * W, D});
    return (packing.even ? merged : gather_rows(merged, packing.to_packed)).view({A, T, D});
  };
  return layers(weights, embed(weights, packing.token, packing.position), dropout, attend);
}

at::Tensor Transformer::logits(const Weights& weights, const at::Tensor& hidden) const {
  return apply(weights.head, hidden);
}

std::vector<std::unique_ptr<Decoder>> Transformer::decoders(std::int64_t sequences,
                                                            std::int64_t steps) const {
  std::vector<std::unique_ptr<Decoder>> decoders;
  for (int layer = 0; layer < shape_.settings.layers; ++layer) {
    decoders.push_back(
        attention_.decoder(shape_, sequences * shape_.settings.heads, steps, options_));
  }
  return decoders;
}

at::Tensor Transformer::step(const Weights& weights, const at::Tensor& token, std::int64_t position,
                             std::vector<std::unique_ptr<Decoder>>& decoders) const {
  const std::int64_t A = token.size(0), S = token.size(1), D = shape_.hidden;
  const auto attend = [&](std::size_t layer, const at::Tensor& features) {
    AttentionInputs in = split_heads(features.view({A * S, 1, features.size(2)}));
    in.q = in.q.squeeze(1), in.k = in.k.squeeze(1), in.v = in.v.squeeze(1);
    for (at::Tensor& x : in.further) x = x.squeeze(1);
    if (rotation_.defined())
      in.q = rotation_.at(in.q, position), in.k = rotation_.at(in.k, position);
    return decoders[layer]->step(in).reshape({A, S, D});
  };
  return layers(weights, embed(weights, token, at::full_like(token, position)), nullptr, attend);
}

}  // namespace surd::model
