#include "spec/model.hpp"

#include <cmath>
#include <numeric>

#include "base/error.hpp"
#include "spec/architecture.hpp"

namespace surd::spec {

namespace {

constexpr std::int64_t alignment_elements =
    16;  // 64 bytes of fp32: a cache line, an AVX-512 register

std::int64_t aligned(std::int64_t elements) {
  return (elements + alignment_elements - 1) / alignment_elements * alignment_elements;
}

// Elements of one layer's tensors: two LayerNorms, c_attn, the architecture's projections, c_proj,
// c_fc, mlp.c_proj, each with its bias.
std::int64_t layer_parameters(const ModelShape& shape) {
  const std::int64_t D = shape.hidden;
  const std::int64_t F = shape.ffn();
  return 4 * D + (3 * D * D + 3 * D) + projected(shape) * (D + 1) + (D * D + D) + (F * D + F) +
         (D * F + D);
}

}  // namespace

double element_bytes(Precision precision) { return precision == Precision::fp64 ? 8 : 4; }

int ModelShape::ffn() const {
  return std::max(1, static_cast<int>(std::lround(hidden * settings.ffn_ratio)));
}

std::int64_t Parameter::size() const {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

const Parameter& ParameterLayout::at(const std::string& name) const {
  for (const Parameter& parameter : parameters) {
    if (parameter.name == name) return parameter;
  }
  throw Error({.what = "the model has no such parameter", .got = name});
}

ParameterLayout parameter_layout(const ModelShape& shape) {
  const std::int64_t D = shape.hidden;
  const std::int64_t F = shape.ffn();
  const std::int64_t V = shape.vocabulary;
  ParameterLayout layout;
  const auto add = [&layout](std::string name, std::vector<std::int64_t> dimensions,
                             ParameterKind kind) {
    Parameter parameter{std::move(name), std::move(dimensions), kind, layout.padded_size};
    layout.padded_size += aligned(parameter.size());
    layout.parameters.push_back(std::move(parameter));
  };
  const auto add_norm = [&](const std::string& name) {
    add(name + ".weight", {D}, ParameterKind::norm_weight);
    add(name + ".bias", {D}, ParameterKind::bias);
  };
  const auto add_linear = [&](const std::string& name, std::int64_t out, std::int64_t in) {
    add(name + ".weight", {out, in}, ParameterKind::matrix);
    add(name + ".bias", {out}, ParameterKind::bias);
  };

  add("transformer.embedding.tok_embed.weight", {V, D}, ParameterKind::token_embedding);
  if (shape.settings.position == Position::learned) {
    add("transformer.embedding.pos_embed.weight", {shape.positions, D},
        ParameterKind::position_embedding);
  }
  add_norm("transformer.embedding.norm");
  for (int layer = 0; layer < shape.settings.layers; ++layer) {
    const std::string prefix = "transformer.h." + std::to_string(layer) + ".";
    add_norm(prefix + "ln_1");
    add_linear(prefix + "attn.c_attn", 3 * D, D);
    for (const Projection& projection : projections(shape)) {
      add_linear(prefix + "attn." + projection.name,
                 static_cast<std::int64_t>(shape.settings.heads) * projection.features, D);
    }
    add_linear(prefix + "attn.c_proj", D, D);
    add_norm(prefix + "ln_2");
    add_linear(prefix + "mlp.c_fc", F, D);
    add_linear(prefix + "mlp.c_proj", D, F);
  }
  add_norm("transformer.ln_f");
  add_linear("lm_head", V, D);
  return layout;
}

std::int64_t parameter_count_without_embeddings(const ModelShape& shape) {
  const std::int64_t D = shape.hidden;
  const std::int64_t V = shape.vocabulary;
  return 2 * D + shape.settings.layers * layer_parameters(shape) + 2 * D + (V * D + V);
}

std::int64_t parameter_count(const ModelShape& shape) {
  const std::int64_t rows =
      shape.vocabulary + (shape.settings.position == Position::learned ? shape.positions : 0);
  return rows * shape.hidden + parameter_count_without_embeddings(shape);
}

double forward_flops(const ModelShape& shape, double tokens, double supervised) {
  const double D = shape.hidden;
  // Per token and layer: c_attn, c_proj, c_fc, mlp.c_proj and the architecture's own.
  const double products =
      2 * D * (3 * D + D + 2.0 * shape.ffn() + static_cast<double>(projected(shape)));
  const double layer =
      products * tokens + architecture(shape.architecture.name).attention_flops(shape, tokens);
  return shape.settings.layers * layer + 2 * D * shape.vocabulary * supervised;
}

double training_flops(const ModelShape& shape, double tokens, double supervised) {
  return 3 * forward_flops(shape, tokens, supervised);
}

double state_bytes(const ModelShape& shape, double tokens) {
  return 4 * shape.settings.layers *
         architecture(shape.architecture.name).state_elements(shape, tokens);
}

const std::vector<std::string>& words(Activation) {
  static const std::vector<std::string> names = {"gelu", "relu"};
  return names;
}
const std::vector<std::string>& words(Position) {
  static const std::vector<std::string> names = {"learned", "sinusoidal", "rotary", "none"};
  return names;
}
const std::vector<std::string>& words(Init) {
  static const std::vector<std::string> names = {"pytorch", "gpt2"};
  return names;
}
const std::vector<std::string>& words(Precision) {
  static const std::vector<std::string> names = {"fp32", "fp64"};
  return names;
}

std::string to_string(Activation value) { return words(value)[static_cast<std::size_t>(value)]; }
std::string to_string(Position value) { return words(value)[static_cast<std::size_t>(value)]; }
std::string to_string(Init value) { return words(value)[static_cast<std::size_t>(value)]; }
std::string to_string(Precision value) { return words(value)[static_cast<std::size_t>(value)]; }

}  // namespace surd::spec
