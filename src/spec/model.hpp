// What a model is, as settings: shape, architecture, parameters by name, costs in closed form. No
// Torch. Letters: V vocabulary, D hidden (embedding dimension), H heads, F = D * ffn_ratio, L
// positions, T tokens of a sequence.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace surd::spec {

enum class Activation { gelu, relu };  // gelu: tanh form
enum class Position {
  learned,
  sinusoidal,
  rotary,
  none
};  // rotary: queries and keys are turned by their position; none: the causal order alone
enum class Init {
  pytorch,
  gpt2
};  // pytorch: uniform Linear(1/sqrt(fan in)), N(0,1) embeddings, pad row zero; gpt2: N(0, .02),
    // zero biases
enum class Precision { fp32, fp64 };

// An architecture of the attention layer with its own settings. See architecture.hpp for the table.
struct Architecture {
  std::string name = "standard";
  Json options = Json::object();  // every option written out after resolve()
  bool operator==(const Architecture&) const = default;
};

struct ModelSettings {
  int layers = 1;
  int heads = 1;
  double ffn_ratio = 4;
  Activation activation = Activation::gelu;
  Position position = Position::learned;
  double dropout = 0;  // in [0, 1)
  Init init = Init::pytorch;
  bool operator==(const ModelSettings&) const = default;
};

// Everything that fixes the tensors of a model.
struct ModelShape {
  ModelSettings settings;
  Architecture architecture;  // resolved
  int hidden = 0;             // D; a multiple of heads
  int vocabulary = 0;         // V
  int positions = 0;          // L for the position table: the longest input
  int length = 0;             // L of the cell: what block sizes derive from
  int ffn() const;            // F
  int head_dim() const { return hidden / settings.heads; }
  bool operator==(const ModelShape&) const = default;
};

enum class ParameterKind { token_embedding, position_embedding, norm_weight, matrix, bias };

// One tensor inside the flat parameter buffer of a lane.
struct Parameter {
  std::string
      name;  // as in PyTorch modules: "transformer.h.0.attn.c_attn.weight"; matrices are [out, in]
  std::vector<std::int64_t> shape;
  ParameterKind kind;
  std::int64_t offset =
      0;  // in elements from the lane's start; a multiple of 16 (64 bytes of fp32)
  std::int64_t size() const;
  // AdamW's decay: everything but biases (LayerNorm weights and embeddings decay too, as in the
  // predecessor).
  bool decays() const { return kind != ParameterKind::bias; }
};

// The flat layout of one lane: P elements, gaps zero.
struct ParameterLayout {
  std::vector<Parameter>
      parameters;  // token embedding, [positions], embedding norm, layers, final norm, head
  std::int64_t padded_size = 0;                        // P, a multiple of 16
  const Parameter& at(const std::string& name) const;  // Error where there is none
};

ParameterLayout parameter_layout(const ModelShape& shape);
std::int64_t parameter_count(const ModelShape& shape);
std::int64_t parameter_count_without_embeddings(
    const ModelShape& shape);  // without token and position tables

// Forward FLOPs (a multiply-add is 2) of one sequence of `tokens` inputs with the head on
// `supervised` of them, counting matrix products and attention sums.
double forward_flops(const ModelShape& shape, double tokens, double supervised);
// Forward and backward: 3 times the forward.
double training_flops(const ModelShape& shape, double tokens, double supervised);
// Bytes that generation keeps for one sequence after `tokens` tokens: KV cache or recurrent state,
// fp32.
double state_bytes(const ModelShape& shape, double tokens);
double element_bytes(Precision precision);

// Names of enum values as in study files.
std::string to_string(Activation value);
std::string to_string(Position value);
std::string to_string(Init value);
std::string to_string(Precision value);

// All names of an enum, in the order of its values; the argument only picks the enum.
const std::vector<std::string>& words(Activation);
const std::vector<std::string>& words(Position);
const std::vector<std::string>& words(Init);
const std::vector<std::string>& words(Precision);

// The value that a name means; Error where it means none.
template <typename Enum>
Enum enum_of(const std::string& word) {
  const auto& names = words(Enum{});
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == word) return static_cast<Enum>(i);
  }
  throw Error({.what = "unknown word", .expected = names.front() + " or the like", .got = word});
}

}  // namespace surd::spec
