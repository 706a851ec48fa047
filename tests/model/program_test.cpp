// What every program promises, tried on the generic one (fp64) and on the production one (fp32).
#include "model/program.hpp"

#include <ATen/ops/equal.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/zeros_like.h>
#include <ATen/TensorOperators.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "model/generic_program.hpp"
#include "model/support.hpp"

using namespace surd;
using namespace surd::model;
using model::test::max_difference;

namespace {

const std::vector<std::string> architectures = spec::architecture_names();

struct Gradient {
  at::Tensor values;
  std::vector<double> loss_sums;
};

Gradient gradient(Program& program, const at::Tensor& parameters, const std::vector<int>& lanes,
                  const std::vector<const Batch*>& batches) {
  Gradient result{at::full_like(parameters, 7), std::vector<double>(lanes.size())};
  program.gradient(parameters, lanes, batches, result.values, result.loss_sums);
  return result;
}

double loss(Program& program, const at::Tensor& parameters, const Batch& batch) {
  const int lane = 0;
  std::vector<std::vector<std::int32_t>> predicted(1);
  double sum = 0;
  program.predict(parameters, {&lane, 1}, batch, predicted, {&sum, 1});
  return sum;
}

}  // namespace

TEST_CASE("the gradient of each parameter agrees with finite differences") {
  for (const std::string& architecture : architectures) {
    for (const auto activation : {spec::Activation::gelu, spec::Activation::relu}) {
      for (const std::string& place : words(spec::Position{})) {
        const auto position = spec::enum_of<spec::Position>(place);
        spec::ModelShape shape = model::test::shape(architecture, 6, 2, 2, 7, 19);
        shape.settings.activation = activation;
        shape.settings.position = position;
        const std::uint64_t seed = 21;
        const auto program = make_generic_program(shape, spec::Precision::fp64, at::kCPU);
        const at::Tensor parameters = model::test::parameters(shape, 1, seed);
        const Batch batch = model::test::batch(shape, {5, 19, 1, 8}, seed);
        const Gradient computed = gradient(*program, parameters, {0}, {&batch});
        CHECK(computed.loss_sums[0] == Approx(loss(*program, parameters, batch)).epsilon(1e-13));

        for (const spec::Parameter& parameter : spec::parameter_layout(shape).parameters) {
          INFO(architecture << ", " << spec::to_string(activation) << ", " << place << ", "
                            << parameter.name << ", seed " << seed);
          at::Tensor direction = at::zeros_like(parameters);
          direction[0]
              .narrow(0, parameter.offset, parameter.size())
              .copy_(model::test::normal({parameter.size()}, seed + 1));
          if (parameter.kind == spec::ParameterKind::token_embedding)
            direction[0].narrow(0, 0, shape.hidden).zero_();
          const double h = 1e-7;  // hardly ever across a kink of relu
          const double expected = (loss(*program, parameters + h * direction, batch) -
                                   loss(*program, parameters - h * direction, batch)) /
                                  (2 * h);
          CHECK((computed.values * direction).sum().item<double>() ==
                Approx(expected).epsilon(1e-6).margin(1e-6));
        }
      }
    }
  }
}

TEST_CASE("a lane alone and in a bundle has the same bits; other lanes are left alone") {
  for (const std::string& architecture : architectures) {
    for (const auto precision : {spec::Precision::fp32, spec::Precision::fp64}) {
      INFO(architecture << ", " << spec::to_string(precision));
      const spec::ModelShape shape = model::test::shape(architecture, 12, 3, 2, 9, 33);
      const auto type = precision == spec::Precision::fp32 ? at::kFloat : at::kDouble;
      const at::Tensor parameters = model::test::parameters(shape, 4, 31).to(type);
      const Batch first = model::test::batch(shape, {33, 20, 7}, 32),
                  second = model::test::batch(shape, {16, 16}, 33);
      const auto program = make_program(shape, precision, at::kCPU);

      const Gradient bundle = gradient(*program, parameters, {0, 3, 1}, {&first, &second, &first});

      CHECK(at::equal(bundle.values[2], at::full_like(bundle.values[2], 7)));
      const std::vector<int> lanes = {0, 3, 1};
      for (std::size_t a = 0; a < 3; ++a) {
        const auto fresh = make_program(shape, precision, at::kCPU);
        const Gradient alone = gradient(*fresh, parameters[lanes[a]].unsqueeze(0).clone(), {0},
                                        {a == 1 ? &second : &first});
        CHECK(at::equal(alone.values[0], bundle.values[lanes[a]]));
        CHECK(alone.loss_sums[0] == bundle.loss_sums[a]);
      }
    }
  }
}

TEST_CASE("lanes together, each with its own batch, equal lanes apart") {
  for (const std::string& architecture : architectures) {
    INFO(architecture);
    const spec::ModelShape shape = model::test::shape(architecture, 12, 3, 2, 9, 33);
    const at::Tensor parameters = model::test::parameters(shape, 4, 41);
    const Batch even = model::test::batch(shape, {16, 16}, 42),
                ragged = model::test::batch(shape, {33, 20, 7}, 43);
    const Batch one = model::test::batch(shape, {12}, 44);
    GenericProgram apart(shape, spec::Precision::fp64, at::kCPU, Lanes::apart),
        together(shape, spec::Precision::fp64, at::kCPU, Lanes::together);
    const std::vector<int> lanes = {2, 0, 3};

    const std::vector<std::vector<const Batch*>> choices = {
        {&even, &even, &even}, {&even, &ragged, &one}, {&ragged, &ragged, &even}};
    for (const std::vector<const Batch*>& batches : choices) {
      const Gradient expected = gradient(apart, parameters, lanes, batches),
                     got = gradient(together, parameters, lanes, batches);
      CHECK(max_difference(got.values, expected.values) < 1e-11);
      for (std::size_t a = 0; a < 3; ++a)
        CHECK(got.loss_sums[a] == Approx(expected.loss_sums[a]).epsilon(1e-13));
    }

    std::vector<std::vector<std::int32_t>> expected(3), got(3);
    std::vector<double> expected_loss(3), got_loss(3);
    apart.predict(parameters, lanes, ragged, expected, expected_loss);
    together.predict(parameters, lanes, ragged, got, got_loss);
    CHECK(got == expected);
    for (std::size_t a = 0; a < 3; ++a)
      CHECK(got_loss[a] == Approx(expected_loss[a]).epsilon(1e-13));
  }
}

TEST_CASE("pad row and gaps get no gradient, though pad is read as a token") {
  for (const auto precision : {spec::Precision::fp32, spec::Precision::fp64}) {
    const spec::ModelShape shape = model::test::shape("standard", 5, 1, 1, 7, 9);
    const auto program = make_program(shape, precision, at::kCPU);
    Batch batch = model::test::batch(shape, {9, 9}, 51);
    batch.tokens[0] = batch.tokens[3] = 0;
    const at::Tensor parameters =
        model::test::parameters(shape, 1, 52)
            .to(precision == spec::Precision::fp32 ? at::kFloat : at::kDouble);

    const at::Tensor values =
        gradient(*program, parameters, {0}, {&batch}).values[0].to(at::kDouble);

    CHECK(values.narrow(0, 0, shape.hidden).abs().max().item<double>() == 0);
    at::Tensor gaps = values.clone();
    for (const spec::Parameter& parameter : spec::parameter_layout(shape).parameters) {
      CHECK(gaps.narrow(0, parameter.offset, parameter.size()).abs().max().item<double>() > 0);
      gaps.narrow(0, parameter.offset, parameter.size()).zero_();
    }
    CHECK(gaps.abs().max().item<double>() == 0);
  }
}

TEST_CASE("a batch of many tokens is the sum of its sequences") {
  const spec::ModelShape shape = model::test::shape("sparse", 4, 1, 1, 7, 50);
  const auto program = make_generic_program(shape, spec::Precision::fp64, at::kCPU);
  const at::Tensor parameters = model::test::parameters(shape, 1, 61);
  std::vector<int> lengths(300);
  std::iota(lengths.begin(), lengths.end(), 0);
  for (int& length : lengths) length = length % 51;  // some are empty
  const Batch whole = model::test::batch(shape, lengths, 62);

  const Gradient got = gradient(*program, parameters, {0}, {&whole});

  at::Tensor sum = at::zeros_like(parameters);
  double loss_sum = 0;
  for (int s = 0; s < whole.sequences(); ++s) {
    Batch one;
    one.clear();
    one.tokens.assign(whole.tokens.begin() + whole.starts[s],
                      whole.tokens.begin() + whole.starts[s + 1]);
    one.starts.push_back(static_cast<std::int32_t>(one.tokens.size()));
    for (std::size_t m = 0; m < whole.rows.size(); ++m) {
      if (whole.rows[m] < whole.starts[s] || whole.rows[m] >= whole.starts[s + 1]) continue;
      one.rows.push_back(whole.rows[m] - whole.starts[s]);
      one.labels.push_back(whole.labels[m]);
    }
    const Gradient part = gradient(*program, parameters, {0}, {&one});
    sum += part.values;
    loss_sum += part.loss_sums[0];
  }
  CHECK(max_difference(got.values, sum) < 1e-9);
  CHECK(got.loss_sums[0] == Approx(loss_sum).epsilon(1e-12));
}

TEST_CASE("predictions are the arg max of the logits, the lowest id on ties") {
  const spec::ModelShape shape = model::test::shape("linear", 8, 2, 1, 9, 21);
  const Batch batch = model::test::batch(shape, {21, 4, 13}, 71);
  for (const auto precision : {spec::Precision::fp32, spec::Precision::fp64}) {
    at::Tensor parameters = model::test::parameters(shape, 1, 72)
                                .to(precision == spec::Precision::fp32 ? at::kFloat : at::kDouble);
    const auto program = make_program(shape, precision, at::kCPU);
    const int lane = 0;
    std::vector<std::vector<std::int32_t>> predicted(1);
    double sum = 0;

    program->predict(parameters, {&lane, 1}, batch, predicted, {&sum, 1});

    const at::Tensor best = program->logits(parameters, 0, batch).argmax(1);
    REQUIRE(predicted[0].size() == batch.rows.size());
    for (std::size_t m = 0; m < batch.rows.size(); ++m)
      CHECK(predicted[0][m] == best[batch.rows[m]].item<std::int64_t>());

    const spec::ParameterLayout layout = spec::parameter_layout(shape);
    parameters[0]
        .narrow(0, layout.at("lm_head.weight").offset, layout.at("lm_head.weight").size())
        .zero_();
    at::Tensor bias = parameters[0].narrow(0, layout.at("lm_head.bias").offset, 9);
    bias.zero_();
    bias[4] = bias[7] = 1;
    program->predict(parameters, {&lane, 1}, batch, predicted, {&sum, 1});
    CHECK(predicted[0] == std::vector<std::int32_t>(batch.rows.size(), 4));
  }
}

TEST_CASE("greedy generation with cached state equals repeated full forwards, token by token",
          "[slow]") {
  for (const std::string& architecture : architectures) {
    for (const std::string& place : words(spec::Position{})) {
      const auto position = spec::enum_of<spec::Position>(place);
      spec::ModelShape shape = model::test::shape(architecture, 12, 3, 2, 11, 40);
      shape.settings.position = position;
      const std::uint64_t seed = 81;
      INFO(architecture << ", " << spec::to_string(position) << ", seed " << seed);
      const auto program = make_generic_program(shape, spec::Precision::fp64, at::kCPU);
      const at::Tensor parameters = model::test::parameters(shape, 2, seed);
      const Batch prompts = model::test::batch(shape, {1, 17, 5, 5, 16, 30, 2, 9}, seed);
      const std::vector<int> limit = {
          39, 24, 0,  36,
          1,  11, 20, 20};  // the first and the fourth read or write the last position
      const int lane = 1;

      const auto expected = [&](std::int32_t eos) {
        std::vector<std::vector<std::int32_t>> outputs;
        for (int s = 0; s < prompts.sequences(); ++s) {
          Batch text;
          text.tokens.assign(prompts.tokens.begin() + prompts.starts[s],
                             prompts.tokens.begin() + prompts.starts[s + 1]);
          std::vector<std::int32_t> output;
          while (static_cast<int>(output.size()) < limit[static_cast<std::size_t>(s)] &&
                 (output.empty() || output.back() != eos)) {
            text.starts = {0, static_cast<std::int32_t>(text.tokens.size())};
            const at::Tensor logits = program->logits(parameters, lane, text);
            output.push_back(static_cast<std::int32_t>(
                logits[logits.size(0) - 1].argmax().item<std::int64_t>()));
            text.tokens.push_back(output.back());
          }
          outputs.push_back(output);
        }
        return outputs;
      };

      const Generated unstopped = expected(-1);
      CHECK(model::test::generate(*program, parameters, lane, prompts, -1, limit) == unstopped);
      const std::int32_t eos =
          unstopped[0][unstopped[0].size() / 2];  // a token that is surely written
      CHECK(model::test::generate(*program, parameters, lane, prompts, eos, limit) ==
            expected(eos));

      GenericProgram together(shape, spec::Precision::fp64, at::kCPU, Lanes::together);
      const std::vector<int> lanes = {1, 0};
      std::vector<Generated> of_lanes(2);
      together.generate(parameters, lanes, prompts, eos, limit, of_lanes);
      CHECK(of_lanes[0] == expected(eos));
      CHECK(of_lanes[1] == model::test::generate(*program, parameters, 0, prompts, eos, limit));
    }
  }
}

TEST_CASE("shapes and batches that cannot be run are refused in words") {
  spec::ModelShape shape = model::test::shape("standard", 8, 2, 1, 9, 10);
  const auto program = make_program(shape, spec::Precision::fp32, at::kCPU);
  const at::Tensor parameters = model::test::parameters(shape, 1, 91).to(at::kFloat);
  const Batch good = model::test::batch(shape, {10, 4}, 92);
  const auto run = [&](const Batch& batch) { gradient(*program, parameters, {0}, {&batch}); };
  CHECK_NOTHROW(run(good));

  spec::ModelShape bad = shape;
  bad.settings.dropout = 1;
  CHECK_THROWS_WITH(make_program(bad, spec::Precision::fp32, at::kCPU), Catch::Contains("dropout"));
  CHECK_THROWS_AS(make_program(bad, spec::Precision::fp32, at::kCPU), InputError);
  bad = shape;
  bad.hidden = 9;
  CHECK_THROWS_AS(make_program(bad, spec::Precision::fp64, at::kCPU), InputError);

  Batch broken = good;
  broken.tokens[5] = 9;
  CHECK_THROWS_WITH(run(broken), Catch::Contains("token 5"));
  broken = good;
  broken.labels[1] = -1;
  CHECK_THROWS_WITH(run(broken), Catch::Contains("label 1"));
  broken = good;
  broken.rows.back() = 14;
  CHECK_THROWS_AS(run(broken), Error);
  CHECK_THROWS_WITH(run(model::test::batch(shape, {11}, 93)), Catch::Contains("positions"));
  CHECK_THROWS_AS(gradient(*program, parameters.to(at::kDouble), {0}, {&good}), Error);
  CHECK_THROWS_AS(gradient(*program, parameters, {1}, {&good}), Error);

  const Batch prompt = model::test::batch(shape, {4}, 94);
  const std::vector<int> fits = {7}, too_far = {8};
  CHECK_NOTHROW(model::test::generate(*program, parameters, 0, prompt, 2, fits));
  CHECK_THROWS_AS(model::test::generate(*program, parameters, 0, prompt, 2, too_far), Error);
}

TEST_CASE("a batch without supervised positions has no loss and no gradient") {
  const spec::ModelShape shape = model::test::shape("linear", 8, 2, 1, 9, 10);
  const at::Tensor parameters = model::test::parameters(shape, 1, 95).to(at::kFloat);
  Batch silent = model::test::batch(shape, {10, 4}, 96);
  silent.rows.clear();
  silent.labels.clear();
  Batch empty;
  empty.clear();
  const auto program = make_program(shape, spec::Precision::fp32, at::kCPU);
  for (const Batch* batch : {&silent, &empty}) {
    const Gradient got = gradient(*program, parameters, {0}, {batch});
    CHECK(got.loss_sums[0] == 0);
    CHECK(got.values.abs().max().item<double>() == 0);
  }
}
