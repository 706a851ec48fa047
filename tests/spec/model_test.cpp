#include "spec/model.hpp"

#include <catch2/catch.hpp>

#include "base/files.hpp"
#include "spec/architecture.hpp"
#include "spec/memory.hpp"

using namespace surd;
using namespace surd::spec;

namespace {

ModelShape shape_of(const std::string& architecture, int hidden, int heads, int layers,
                    int vocabulary, int length) {
  ModelShape shape;
  shape.settings.layers = layers;
  shape.settings.heads = heads;
  shape.settings.position = Position::sinusoidal;
  shape.architecture = resolve({architecture, Json::object()});
  shape.hidden = hidden;
  shape.vocabulary = vocabulary;
  shape.positions = length;
  shape.length = length;
  return shape;
}

}  // namespace

TEST_CASE("parameters have the names, shapes and order of the parity models") {
  const Json cases = Json::parse(read_file(SURD_SOURCE_DIR "/tests/data/parity/model.json"));
  REQUIRE(cases.size() == 6);
  for (const Json& model : cases) {
    const ModelShape shape = shape_of(model["arch"], model["D"], model["heads"], model["layers"],
                                      model["vocab"], model["L"]);
    const ParameterLayout layout = parameter_layout(shape);
    REQUIRE(layout.parameters.size() == model["parameters"].size());
    std::int64_t count = 0;
    for (std::size_t k = 0; k < layout.parameters.size(); ++k) {
      CHECK(layout.parameters[k].name == model["parameters"][k]["name"].get<std::string>());
      CHECK(layout.parameters[k].shape ==
            model["parameters"][k]["shape"].get<std::vector<std::int64_t>>());
      count += layout.parameters[k].size();
    }
    CHECK(parameter_count(shape) == count);
    if (model["arch"] == "sparse") CHECK(sparse_block(shape) == model["block"]);
  }
}

TEST_CASE("every parameter starts on 64 bytes, none overlaps, and P holds them all") {
  ModelShape shape = shape_of("standard", 6, 1, 2, 11, 9);
  shape.settings.position = Position::learned;
  const ParameterLayout layout = parameter_layout(shape);
  std::int64_t end = 0;
  for (const Parameter& parameter : layout.parameters) {
    CHECK(parameter.offset % 16 == 0);
    CHECK(parameter.offset >= end);
    end = parameter.offset + parameter.size();
  }
  CHECK(layout.padded_size % 16 == 0);
  CHECK(layout.padded_size >= end);
  CHECK(layout.padded_size - end < 16);
}

TEST_CASE("learned positions follow the token embedding and only biases escape decay") {
  ModelShape shape = shape_of("standard", 8, 2, 1, 25, 16);
  shape.settings.position = Position::learned;
  const ParameterLayout layout = parameter_layout(shape);
  CHECK(layout.parameters[1].name == "transformer.embedding.pos_embed.weight");
  CHECK(layout.parameters[1].shape == std::vector<std::int64_t>{16, 8});
  for (const Parameter& parameter : layout.parameters)
    CHECK(parameter.decays() == !parameter.name.ends_with("bias"));
  CHECK(layout.at("lm_head.bias").size() == 25);
  CHECK_THROWS_AS(layout.at("lm_head.scale"), Error);
}

TEST_CASE("parameter counts without embeddings leave out both tables") {
  ModelShape shape = shape_of("linear", 8, 2, 3, 25, 16);
  shape.settings.position = Position::learned;
  CHECK(parameter_count(shape) - parameter_count_without_embeddings(shape) == (25 + 16) * 8);
}

TEST_CASE("the hidden layer of a fractional ratio is rounded") {
  ModelShape shape = shape_of("standard", 6, 1, 1, 5, 4);
  shape.settings.ffn_ratio = 2.75;
  CHECK(shape.ffn() == 17);
  CHECK(parameter_layout(shape).at("transformer.h.0.mlp.c_fc.weight").shape ==
        std::vector<std::int64_t>{17, 6});
}

TEST_CASE("forward FLOPs are those of a hand count") {
  // D 2, F 8, one token, one supervised, V 3: c_attn 2*2*6, c_proj 2*2*2, mlp 2 * 2*2*8, one score
  // and one value 4*2, head 2*2*3.
  const ModelShape shape = shape_of("standard", 2, 1, 1, 3, 1);
  CHECK(forward_flops(shape, 1, 1) == 24 + 8 + 64 + 8 + 12);
  CHECK(training_flops(shape, 1, 1) == 3 * forward_flops(shape, 1, 1));
}

TEST_CASE("attention FLOPs count the pairs that the masks leave") {
  for (const int length : {1, 5, 16, 80, 200}) {
    for (const int c : {1, 2, 50}) {
      ModelShape shape = shape_of("sparse", 4, 2, 1, 7, length);
      shape.architecture = resolve({"sparse", {{"c", c}}});
      const int block = sparse_block(shape);
      std::int64_t sparse_pairs = 0;
      std::int64_t causal_pairs = 0;
      std::int64_t kept = 0;  // of the tokens so far, those that the next one may see
      for (int i = 0; i <= length; ++i) {
        for (int j = 0; j <= i; ++j) {
          const bool visible = j / block == i / block || j % block >= block - c;
          if (i < length) sparse_pairs += visible, ++causal_pairs;
          if (i == length && j < length) kept += visible;
        }
      }
      INFO("length " << length << " block " << block << " c " << c);
      CHECK(architecture("sparse").attention_flops(shape, length) ==
            16.0 * static_cast<double>(sparse_pairs));
      CHECK(architecture("standard").attention_flops(shape, length) ==
            16.0 * static_cast<double>(causal_pairs));
      CHECK(architecture("sparse").state_elements(shape, length) ==
            8.0 * static_cast<double>(kept));
    }
  }
}

TEST_CASE("only learned positions have parameters") {
  for (const std::string& word : words(Position{})) {
    ModelShape shape = shape_of("standard", 8, 2, 1, 25, 16);
    shape.settings.position = enum_of<Position>(word);
    std::int64_t count = 0;
    for (const Parameter& parameter : parameter_layout(shape).parameters) count += parameter.size();
    CHECK(parameter_count(shape) == count);
    CHECK(parameter_count(shape) - parameter_count_without_embeddings(shape) ==
          (word == "learned" ? 25 + 16 : 25) * 8);
  }
}

TEST_CASE(
    "gates and rates are further layers beside c_attn, counted in parameters, FLOPs and memory") {
  const ModelShape plain = shape_of("standard", 8, 2, 3, 25, 16);
  const std::vector<std::tuple<std::string, std::string, int>> further = {
      {"gated_linear", "gate", 8}, {"delta", "beta", 2}};  // numbers a token
  for (const auto& [name, projection, width] : further) {
    const ModelShape shape = shape_of(name, 8, 2, 3, 25, 16);
    const ParameterLayout layout = parameter_layout(shape);
    CHECK(layout.at("transformer.h.2.attn." + projection + ".weight").shape ==
          std::vector<std::int64_t>{width, 8});
    CHECK(layout.at("transformer.h.2.attn." + projection + ".bias").shape ==
          std::vector<std::int64_t>{width});
    std::int64_t count = 0;
    for (const Parameter& parameter : layout.parameters) count += parameter.size();
    CHECK(parameter_count(shape) == count);
    CHECK(parameter_count(shape) == parameter_count(plain) + 3 * width * (8 + 1));
    const auto without_attention = [](const ModelShape& s) {
      return forward_flops(s, 10, 4) - 3 * architecture(s.architecture.name).attention_flops(s, 10);
    };
    CHECK(without_attention(shape) == without_attention(plain) + 3 * 10 * 2 * 8 * width);
    const Load load{.sequence = {10, 4}, .batch_sequences = 100};
    CHECK(lane_bytes(shape, load) > lane_bytes(plain, load) + 4 * 3 * 1000 * width);
  }
}

TEST_CASE("windows and strided blocks derive from the length as blocks do") {
  ModelShape shape = shape_of("sliding_window", 8, 2, 1, 25, 64);
  CHECK(sliding_window(shape) == 8);
  shape.architecture = resolve({"sliding_window", {{"window", 3}}});
  CHECK(sliding_window(shape) == 3);
  CHECK(window_pairs(2, 3) == 3);
  CHECK(window_pairs(5, 3) == 1 + 2 + 3 + 3 + 3);
}

TEST_CASE("the heads of retention forget ever more slowly") {
  const ModelShape shape = shape_of("retention", 8, 2, 1, 25, 64);
  CHECK(retention_decay(shape, 0) == 31.0 / 32);
  CHECK(retention_decay(shape, 1) == 63.0 / 64);
}

TEST_CASE(
    "costs grow as the formulas say: standard L^2, sparse and a window of sqrt L L^1.5, the others "
    "L") {
  const auto growth = [](const char* name) {
    const double small =
        architecture(name).attention_flops(shape_of(name, 16, 1, 1, 7, 1 << 12), 1 << 12);
    const double large =
        architecture(name).attention_flops(shape_of(name, 16, 1, 1, 7, 1 << 16), 1 << 16);
    return std::log2(large / small) / 4;
  };
  CHECK(growth("standard") == Approx(2).margin(0.01));
  CHECK(growth("sparse") == Approx(1.5).margin(0.03));
  CHECK(growth("sliding_window") == Approx(1.5).margin(0.03));
  for (const char* name : {"linear", "retention", "gated_linear", "delta"})
    CHECK(growth(name) == Approx(1).margin(1e-12));
}

TEST_CASE("the state of linear attention does not depend on the length") {
  const ModelShape shape = shape_of("linear", 8, 2, 3, 7, 64);
  CHECK(state_bytes(shape, 10) == state_bytes(shape, 1000));
  CHECK(state_bytes(shape, 10) == 4 * 3 * 2 * (4 * 4 + 4));  // fp32, layers, heads, S and z
  CHECK(state_bytes(shape_of("standard", 8, 2, 3, 7, 64), 10) == 4 * 3 * 2 * 8 * 10);
}

TEST_CASE("a lane's memory grows with tokens and precision") {
  const ModelShape shape = shape_of("linear", 64, 4, 3, 21, 221);
  Load load{.sequence = {221, 100}, .batch_sequences = 50};
  const double one = lane_bytes(shape, load);
  CHECK(one > 16.0 * static_cast<double>(parameter_count(shape)));
  load.precision = Precision::fp64;
  CHECK(lane_bytes(shape, load) == Approx(2 * one).epsilon(0.03));
  load.precision = Precision::fp32;
  load.batch_sequences = 100;
  CHECK(lane_bytes(shape, load) > 1.5 * one);
  load.batch_sequences = 10'000, load.sequence.tokens = 1000;  // in chunks from here on
  const double many = lane_bytes(shape, load);
  load.batch_sequences = 20'000;
  CHECK(lane_bytes(shape, load) == many);
}
