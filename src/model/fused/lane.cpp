#include "model/fused/lane.hpp"

#include <algorithm>
#include <string>

#include "model/positions.hpp"
#include "spec/architecture.hpp"

namespace surd::model::fused {

namespace {

// Cosines [pairs][ld] and sines [pairs][ld] of the angle i 10000^(-p / pairs) of pair p of head
// dimension d at position i.
Rotation rotations(int L, int d, std::vector<float>& memory) {
  const int pairs = d / 2;
  const std::ptrdiff_t ld = round_to_tiles(L) + tile_tokens;
  memory.resize(static_cast<std::size_t>(2 * pairs * ld));
  float* const cosine = memory.data();
  float* const sine = cosine + pairs * ld;
  const RotaryTable exact = rotary_table(L, d);
  for (int p = 0; p < pairs; ++p) {
    for (int i = 0; i < L; ++i) {
      const auto at = static_cast<std::size_t>(i) * static_cast<std::size_t>(pairs) +
                      static_cast<std::size_t>(p);
      cosine[p * ld + i] = static_cast<float>(exact.cosine[at]);
      sine[p * ld + i] = static_cast<float>(exact.sine[at]);
    }
  }
  return {.pairs = pairs, .cosine = cosine, .sine = sine, .ld = ld};
}

}  // namespace

Lane::Lane(const spec::ModelShape& shape) {
  const spec::ParameterLayout layout = spec::parameter_layout(shape);
  const auto offset = [&](const std::string& name) { return layout.at(name).offset; };
  const auto add_linear = [&](const std::vector<std::string>& names, const std::string& norm) {
    Linear linear;
    for (const std::string& name : names) {
      const spec::Parameter& weight = layout.at(name + ".weight");
      linear.rows.push_back({.count = static_cast<int>(weight.shape[0]),
                             .weight = weight.offset,
                             .bias = offset(name + ".bias")});
      linear.N += linear.rows.back().count;
      linear.K = static_cast<int>(weight.shape[1]);
    }
    if (!norm.empty())
      linear.norm_weight = offset(norm + ".weight"), linear.norm_bias = offset(norm + ".bias");
    const std::size_t elements =
        static_cast<std::size_t>(linear.N) * static_cast<std::size_t>(linear.K);
    linear.values.resize(2 * elements + static_cast<std::size_t>(linear.N));
    linear.slopes.resize(elements + static_cast<std::size_t>(linear.N));
    linears_.push_back(std::move(linear));
  };
  padded_size_ = layout.padded_size;
  token_ = offset("transformer.embedding.tok_embed.weight");
  switch (shape.settings.position) {
    case spec::Position::learned:
      position_ = offset("transformer.embedding.pos_embed.weight");
      break;
    case spec::Position::sinusoidal:
      sinusoidal_ = sinusoidal_table(shape.positions, shape.hidden);
      break;
    case spec::Position::rotary:
      weights_.rotation = rotations(shape.positions, shape.head_dim(), rotation_);
      break;
    case spec::Position::none: break;
  }
  norm_weight_ = offset("transformer.embedding.norm.weight");
  norm_bias_ = offset("transformer.embedding.norm.bias");
  for (int layer = 0; layer < shape.settings.layers; ++layer) {
    const std::string prefix = "transformer.h." + std::to_string(layer) + ".";
    std::vector<std::string> inputs = {prefix + "attn.c_attn"};
    for (const spec::Projection& projection : spec::projections(shape))
      inputs.push_back(prefix + "attn." + projection.name);
    add_linear(inputs, prefix + "ln_1");
    add_linear({prefix + "attn.c_proj"}, "");
    add_linear({prefix + "mlp.c_fc"}, prefix + "ln_2");
    add_linear({prefix + "mlp.c_proj"}, "");
  }
  add_linear({"lm_head"}, "transformer.ln_f");
  for (int layer = 0; layer < shape.settings.layers; ++layer) {
    Linear* const four = &linears_[4 * static_cast<std::size_t>(layer)];
    weights_.layers.push_back(
        {four[0].affine(), four[1].affine(), four[2].affine(), four[3].affine()});
  }
  weights_.head = linears_.back().affine();
}

Affine Lane::Linear::affine() {
  const std::ptrdiff_t elements = static_cast<std::ptrdiff_t>(N) * K;
  return {.N = N,
          .K = K,
          .weight = values.data(),
          .transposed = values.data() + elements,
          .bias = values.data() + 2 * elements,
          .weight_gradient = slopes.data(),
          .bias_gradient = slopes.data() + elements};
}

const Weights& Lane::start(const float* parameters) {
  parameters_ = parameters;
  weights_.token = parameters + token_;
  weights_.position = position_ >= 0        ? parameters + position_
                      : sinusoidal_.empty() ? nullptr
                                            : sinusoidal_.data();
  weights_.norm_weight = parameters + norm_weight_;
  weights_.norm_bias = parameters + norm_bias_;
  for (Linear& linear : linears_) load(linear);
  return weights_;
}

const Weights& Lane::start(const float* parameters, float* gradient) {
  gradient_ = gradient;
  std::fill_n(gradient, padded_size_, 0.0F);
  weights_.token_gradient = gradient + token_;
  weights_.position_gradient = position_ < 0 ? nullptr : gradient + position_;
  weights_.norm_weight_gradient = gradient + norm_weight_;
  weights_.norm_bias_gradient = gradient + norm_bias_;
  for (Linear& linear : linears_) std::fill(linear.slopes.begin(), linear.slopes.end(), 0.0F);
  return start(parameters);
}

void Lane::finish() {
  for (const Linear& linear : linears_) store(linear);
}

void Lane::load(Linear& linear) const {
  const Affine to = linear.affine();
  const float* const scale = linear.norm_weight < 0 ? nullptr : parameters_ + linear.norm_weight;
  const float* const shift = linear.norm_bias < 0 ? nullptr : parameters_ + linear.norm_bias;
  std::ptrdiff_t n = 0;
  for (const Rows& rows : linear.rows) {
    const float* weight = parameters_ + rows.weight;
    for (int row = 0; row < rows.count; ++row, ++n, weight += to.K) {
      double sum = parameters_[rows.bias + row];
      for (std::ptrdiff_t k = 0; k < to.K; ++k) {
        const float folded = scale == nullptr ? weight[k] : weight[k] * scale[k];
        if (shift != nullptr) sum += static_cast<double>(weight[k]) * static_cast<double>(shift[k]);
        to.weight[n * to.K + k] = folded;
        to.transposed[k * to.N + n] = folded;
      }
      to.bias[n] = static_cast<float>(sum);
    }
  }
}

void Lane::store(const Linear& linear) const {
  const float* weight_gradient = linear.slopes.data();
  const float* bias_gradient = weight_gradient + static_cast<std::ptrdiff_t>(linear.N) * linear.K;
  for (const Rows& rows : linear.rows) {
    const std::ptrdiff_t elements = static_cast<std::ptrdiff_t>(rows.count) * linear.K;
    const float* const weight = parameters_ + rows.weight;
    float* const to = gradient_ + rows.weight;
    std::copy_n(bias_gradient, rows.count, gradient_ + rows.bias);
    if (linear.norm_weight < 0) {
      std::copy_n(weight_gradient, elements, to);
    } else {
      const float* const scale = parameters_ + linear.norm_weight;
      const float* const shift = parameters_ + linear.norm_bias;
      float* const scale_gradient = gradient_ + linear.norm_weight;
      float* const shift_gradient = gradient_ + linear.norm_bias;
      for (std::ptrdiff_t n = 0; n < rows.count; ++n) {
        for (std::ptrdiff_t k = 0; k < linear.K; ++k) {
          const std::ptrdiff_t at = n * linear.K + k;
          to[at] = weight_gradient[at] * scale[k] + bias_gradient[n] * shift[k];
          scale_gradient[k] += weight[at] * weight_gradient[at];
          shift_gradient[k] += weight[at] * bias_gradient[n];
        }
      }
    }
    weight_gradient += elements;
    bias_gradient += rows.count;
  }
}

}  // namespace surd::model::fused
