// Generation one position at a time against the full forward pass of every prefix.
#include "model/generation.hpp"

#include <ATen/ops/from_blob.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <tuple>

#include "base/error.hpp"
#include "model/fused/decode.hpp"
#include "model/fused/lane.hpp"
#include "model/fused_program.hpp"
#include "model/instructions.hpp"
#include "model/naive.hpp"
#include "model/support.hpp"

using namespace surd;
using namespace surd::model;

namespace {

// Every architecture and option that the fused program supports, each with another kind of
// positions.
std::vector<spec::ModelShape> shapes(int D, int heads, int layers, int length) {
  std::vector<spec::ModelShape> all;
  for (const model::test::Setting& setting : model::test::settings()) {
    spec::ModelShape shape =
        model::test::shape(setting.architecture, D, heads, layers, 23, length, setting.options);
    const spec::Position kinds[] = {spec::Position::learned, spec::Position::rotary,
                                    spec::Position::sinusoidal, spec::Position::none};
    shape.settings.position = kinds[all.size() % 4];
    if (fused_supports(shape)) all.push_back(shape);
  }
  return all;
}

// Whether `generated` is what greedy generation means: each token the arg max after the whole text
// before it (the full forward pass gives the logits of all prefixes at once), up to the first eos
// or the limit.
void check_greedy(Program& oracle, const at::Tensor& parameters, const Batch& prompts,
                  std::int32_t eos, const std::vector<int>& limits,
                  const std::vector<std::vector<std::int32_t>>& generated) {
  Batch texts;
  texts.clear();
  for (int s = 0; s < prompts.sequences(); ++s) {
    texts.tokens.insert(texts.tokens.end(), prompts.tokens.begin() + prompts.starts[s],
                        prompts.tokens.begin() + prompts.starts[s + 1]);
    if (!generated[s].empty())
      texts.tokens.insert(texts.tokens.end(), generated[s].begin(),
                          generated[s].end() - 1);  // the last is not read
    texts.starts.push_back(static_cast<std::int32_t>(texts.tokens.size()));
  }
  const at::Tensor best = oracle.logits(parameters, 0, texts).argmax(1);
  int different = 0;
  for (int s = 0; s < prompts.sequences(); ++s) {
    const std::vector<std::int32_t>& tokens = generated[s];
    const int prompt = prompts.starts[s + 1] - prompts.starts[s],
              count = static_cast<int>(tokens.size());
    for (int n = 0; n < count; ++n)
      different +=
          best.const_data_ptr<std::int64_t>()[texts.starts[s] + prompt - 1 + n] == tokens[n] ? 0
                                                                                             : 1;
    const bool stopped = count > 0 && tokens.back() == eos;
    CHECK((stopped || count == limits[s]));
    CHECK(std::find(tokens.begin(), tokens.end() - (stopped ? 1 : 0), eos) ==
          tokens.end() - (stopped ? 1 : 0));
  }
  CHECK(different == 0);
}

Batch prompts_of(const spec::ModelShape& shape, const std::vector<int>& lengths,
                 std::uint64_t seed) {
  Batch prompts = model::test::batch(shape, lengths, seed);
  prompts.rows.clear();
  prompts.labels.clear();
  return prompts;
}

}  // namespace

TEST_CASE("generation: logits at every position are those of the full forward pass in fp64",
          "[slow]") {
  // A first seed for each width, so that an architecture more changes none of the others' seeds.
  for (const auto& [D, heads, first_seed] :
       {std::tuple{5, 1, 1101U}, {16, 4, 1131U}, {40, 2, 1161U}}) {
    const int length = 70, sequences = 19;
    std::uint64_t seed = first_seed;
    for (const spec::ModelShape& shape : shapes(D, heads, 2, length)) {
      const at::Tensor single = model::test::parameters(shape, 1, ++seed).to(at::kFloat);
      const Batch batch = model::test::batch(shape, std::vector<int>(sequences, length), seed);
      const at::Tensor expected = make_generic_program(shape, spec::Precision::fp64, at::kCPU)
                                      ->logits(single.to(at::kDouble), 0, batch);
      const at::Tensor rounded =
          make_generic_program(shape, spec::Precision::fp32, at::kCPU)->logits(single, 0, batch);
      const double rounding = model::test::max_difference(
          rounded.to(at::kDouble), expected);  // large only where what is nearly zero is normalised
      model::test::for_instruction_sets([&](const std::string& instructions) {
        INFO(spec::label(shape.architecture)
             << ", D " << D << ", " << instructions << ", seed " << seed);
        fused::Lane lane(shape);
        fused::Decoder decoder(shape);
        decoder.start(lane.start(single.const_data_ptr<float>()), sequences, length);
        std::vector<std::int32_t> tokens(sequences), best(sequences);
        double largest = 0;
        for (int t = 0; t < length; ++t) {
          for (int s = 0; s < sequences; ++s)
            tokens[static_cast<std::size_t>(s)] =
                batch.tokens[static_cast<std::size_t>(s * length + t)];
          decoder.step(tokens, true, best.data());
          const at::Tensor got =
              at::from_blob(const_cast<float*>(decoder.logits()), {shape.vocabulary, sequences},
                            {decoder.ld(), 1}, at::kFloat);
          const at::Tensor wanted =
              expected.view({sequences, length, shape.vocabulary}).select(1, t).t();
          largest = std::max(largest, model::test::max_difference(got.to(at::kDouble), wanted));
        }
        // Steps round each number of a state, the full pass a weight that all of a head share: a
        // normaliser magnifies the former more.
        CHECK(largest < std::max(2e-5, 10 * rounding));
      });
    }
  }
}

TEST_CASE(
    "generation: tokens are those of the the full forward pass, whatever the lengths, limits and "
    "neighbours",
    "[slow]") {
  std::uint64_t seed = 1201;
  for (const spec::ModelShape& shape : shapes(12, 2, 2, 60)) {
    const at::Tensor single = model::test::parameters(shape, 1, ++seed).to(at::kFloat);
    std::vector<int> lengths, limits;
    RandomStream stream(seed, Split::test, 0, 0);
    for (int s = 0; s < 75; ++s) {  // more than are generated at once; they end one by one
      lengths.push_back(1 + static_cast<int>(stream.below(20)));
      limits.push_back(s % 11 == 0 ? 0
                                   : static_cast<int>(stream.below(
                                         static_cast<std::uint32_t>(62 - lengths.back()))));
    }
    const Batch prompts = prompts_of(shape, lengths, seed);
    const std::int32_t eos = 7;
    const auto oracle = make_generic_program(shape, spec::Precision::fp64, at::kCPU);
    INFO(spec::label(shape.architecture) << ", seed " << seed);
    const Generated expected =
        model::test::generate(*make_generic_program(shape, spec::Precision::fp32, at::kCPU), single,
                              0, prompts, eos, limits);
    check_greedy(*oracle, single.to(at::kDouble), prompts, eos, limits, expected);
    model::test::for_instruction_sets([&](const std::string& instructions) {
      INFO(instructions);
      const auto program = make_fused_program(shape);
      CHECK(model::test::generate(*program, single, 0, prompts, eos, limits) == expected);
      CHECK(model::test::generate(*program, single, 0, prompts, eos, limits) ==
            expected);  // nothing is left of the first time
    });
  }
}

TEST_CASE("generation: malformed prompts and limits are errors") {
  const spec::ModelShape shape = model::test::shape("standard", 8, 2, 1, 23, 10);
  const at::Tensor single = model::test::parameters(shape, 1, 1301).to(at::kFloat);
  const std::vector<int> one = {3}, two = {3, 3}, many = {3, 8};
  for (const auto& program :
       {make_fused_program(shape), make_generic_program(shape, spec::Precision::fp32, at::kCPU)}) {
    const Batch prompts = prompts_of(shape, {4, 4}, 1302);
    CHECK_NOTHROW(model::test::generate(*program, single, 0, prompts, 2, two));
    CHECK_THROWS_AS(model::test::generate(*program, single, 0, prompts, 2, one), Error);
    CHECK_THROWS_AS(model::test::generate(*program, single, 0, prompts, 2, many), Error);
    CHECK_THROWS_AS(
        model::test::generate(*program, single, 0, prompts_of(shape, {4, 0}, 1303), 2, two), Error);
    CHECK_THROWS_AS(model::test::generate(*program, single, 1, prompts, 2, two), Error);
  }
}
