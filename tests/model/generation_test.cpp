// Generation one position at a time against the full forward pass of every prefix.
#include "model/generation.hpp"

#include <ATen/TensorOperators.h>

#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "model/fused/decode.hpp"
#include "model/fused/lane.hpp"
#include "model/fused_program.hpp"
#include "model/instructions.hpp"
#include "model/support.hpp"

using namespace surd;
using namespace surd::model;

namespace {

struct Form {
  std::string name;
  Json options = Json::object();
};
const std::vector<Form> forms = {{"standard"}, {"sparse", {{"c", 2}}}, {"sparse", {{"c", 3}, {"block", 3}}}, {"linear"}};

spec::ModelShape shape(const Form& form, int D, int heads, int layers, int length) {
  return model::test::shape(form.name, D, heads, layers, 23, length, form.options);
}

// What greedy generation means: the whole prefix is computed again for every new token.
std::vector<std::int32_t> by_full_forward(Program& program, const at::Tensor& parameters, std::vector<std::int32_t> prefix, std::int32_t eos,
                                          int limit) {
  std::vector<std::int32_t> generated;
  while (static_cast<int>(generated.size()) < limit && (generated.empty() || generated.back() != eos)) {
    Batch batch;
    batch.tokens = prefix;
    batch.starts = {0, static_cast<std::int32_t>(prefix.size())};
    const at::Tensor logits = program.logits(parameters, 0, batch);
    generated.push_back(static_cast<std::int32_t>(logits[logits.size(0) - 1].argmax().item<std::int64_t>()));
    prefix.push_back(generated.back());
  }
  return generated;
}

Batch prompts_of(const spec::ModelShape& shape, const std::vector<int>& lengths, std::uint64_t seed) {
  Batch prompts = model::test::batch(shape, lengths, seed);
  prompts.rows.clear();
  prompts.labels.clear();
  return prompts;
}

}  // namespace

TEST_CASE("generation: logits at every position are those of the full forward pass in fp64") {
  std::uint64_t seed = 1101;
  for (const Form& form : forms) {
    for (const int D : {4, 6, 24}) {
      const int length = 70, sequences = 19;
      const spec::ModelShape shape = ::shape(form, D, 2, 2, length);
      const at::Tensor single = model::test::parameters(shape, 1, ++seed).to(at::kFloat);
      const Batch batch = model::test::batch(shape, std::vector<int>(sequences, length), seed);
      const at::Tensor expected = make_generic_program(shape, spec::Precision::fp64, at::kCPU)->logits(single.to(at::kDouble), 0, batch);
      model::test::for_instruction_sets([&](const std::string& instructions) {
        INFO(spec::label(shape.architecture) << ", D " << D << ", " << instructions << ", seed " << seed);
        fused::Lane lane(shape);
        fused::Decoder decoder(fused::sizes(shape));
        decoder.start(lane.start(single.const_data_ptr<float>()), sequences, length);
        std::vector<std::int32_t> tokens(sequences), best(sequences);
        double largest = 0;
        for (int t = 0; t < length; ++t) {
          for (int s = 0; s < sequences; ++s) tokens[static_cast<std::size_t>(s)] = batch.tokens[static_cast<std::size_t>(s * length + t)];
          decoder.step(tokens, true, best.data());
          const at::Tensor got = at::from_blob(const_cast<float*>(decoder.logits()), {shape.vocabulary, sequences}, {decoder.ld(), 1}, at::kFloat);
          const at::Tensor wanted = expected.view({sequences, length, shape.vocabulary}).select(1, t).t();
          largest = std::max(largest, model::test::max_difference(got.to(at::kDouble), wanted));
        }
        CHECK(largest < 1e-5);
      });
    }
  }
}

TEST_CASE("generation: tokens are those of the full forward pass of every prefix, whatever the lengths, limits and neighbours") {
  std::uint64_t seed = 1201;
  for (const Form& form : forms) {
    const spec::ModelShape shape = ::shape(form, 12, 2, 2, 60);
    const at::Tensor single = model::test::parameters(shape, 1, ++seed).to(at::kFloat);
    const auto oracle = make_generic_program(shape, spec::Precision::fp64, at::kCPU);
    std::vector<int> lengths, limits;
    RandomStream stream(seed, Split::test, 0, 0);
    for (int s = 0; s < 75; ++s) {  // more than are generated at once; they end one by one
      lengths.push_back(1 + static_cast<int>(stream.below(20)));
      limits.push_back(s % 11 == 0 ? 0 : static_cast<int>(stream.below(static_cast<std::uint32_t>(62 - lengths.back()))));
    }
    const Batch prompts = prompts_of(shape, lengths, seed);
    const std::int32_t eos = 7;
    std::vector<std::vector<std::int32_t>> expected;
    for (int s = 0; s < prompts.sequences(); ++s) {
      const std::vector<std::int32_t> prompt(prompts.tokens.begin() + prompts.starts[static_cast<std::size_t>(s)],
                                             prompts.tokens.begin() + prompts.starts[static_cast<std::size_t>(s) + 1]);
      expected.push_back(by_full_forward(*oracle, single.to(at::kDouble), prompt, eos, limits[static_cast<std::size_t>(s)]));
    }
    INFO(spec::label(shape.architecture) << ", seed " << seed);
    std::vector<std::vector<std::int32_t>> got;
    make_generic_program(shape, spec::Precision::fp32, at::kCPU)->generate(single, 0, prompts, eos, limits, got);
    CHECK(got == expected);
    model::test::for_instruction_sets([&](const std::string& instructions) {
      INFO(instructions);
      const auto program = make_fused_program(shape);
      program->generate(single, 0, prompts, eos, limits, got);
      CHECK(got == expected);
      program->generate(single, 0, prompts, eos, limits, got);  // nothing is left of the first time
      CHECK(got == expected);
    });
  }
}

TEST_CASE("generation: malformed prompts and limits are errors") {
  const spec::ModelShape shape = ::shape({"standard"}, 8, 2, 1, 10);
  const at::Tensor single = model::test::parameters(shape, 1, 1301).to(at::kFloat);
  const std::vector<int> one = {3}, two = {3, 3}, many = {3, 8};
  std::vector<std::vector<std::int32_t>> generated;
  for (const auto& program : {make_fused_program(shape), make_generic_program(shape, spec::Precision::fp32, at::kCPU)}) {
    const Batch prompts = prompts_of(shape, {4, 4}, 1302);
    CHECK_NOTHROW(program->generate(single, 0, prompts, 2, two, generated));
    CHECK_THROWS_AS(program->generate(single, 0, prompts, 2, one, generated), Error);
    CHECK_THROWS_AS(program->generate(single, 0, prompts, 2, many, generated), Error);
    CHECK_THROWS_AS(program->generate(single, 0, prompts_of(shape, {4, 0}, 1303), 2, two, generated), Error);
    CHECK_THROWS_AS(program->generate(single, 1, prompts, 2, two, generated), Error);
  }
}
