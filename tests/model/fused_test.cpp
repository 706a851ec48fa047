// The fused program against the generic one in fp64, on every instruction set that this machine
// has.
#include "model/fused_program.hpp"

#include <ATen/ops/empty_like.h>
#include <ATen/ops/equal.h>
#include <ATen/TensorOperators.h>

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>

#include "base/error.hpp"
#include "model/agreement.hpp"
#include "model/instructions.hpp"
#include "model/naive.hpp"
#include "model/support.hpp"

using namespace surd;
using namespace surd::model;
using model::test::compute, model::test::Computed, model::test::l2, model::test::Reference;

namespace {

std::string label(const spec::ModelShape& shape, std::uint64_t seed) {
  return spec::label(shape.architecture) + ", D " + std::to_string(shape.hidden) + ", H " +
         std::to_string(shape.settings.heads) + ", layers " +
         std::to_string(shape.settings.layers) + ", seed " + std::to_string(seed);
}

void check_agreement(const spec::ModelShape& shape, const Batch& batch, std::uint64_t seed,
                     const at::Tensor& parameters) {
  const at::Tensor single = parameters.to(at::kFloat);
  const Reference reference(shape, batch, single);
  INFO(label(shape, seed));
  model::test::for_instruction_sets([&](const std::string& instructions) {
    const Computed got = compute(*make_fused_program(shape), single, batch);
    const model::test::Gap gap = reference.gap(got);
    INFO(instructions << ": " << gap.where);
    CHECK(gap.size <= 1);
    if (shape.settings.dropout == 0) CHECK(got.predicted_loss == got.loss);
  });
}

void check_agreement(const spec::ModelShape& shape, const Batch& batch, std::uint64_t seed) {
  check_agreement(shape, batch, seed, model::test::parameters(shape, 1, seed));
}

void check_agreement(const spec::ModelShape& shape, const std::vector<int>& lengths,
                     std::uint64_t seed) {
  check_agreement(shape, model::test::batch(shape, lengths, seed), seed);
}

spec::ModelShape shape(const std::string& architecture, int D, int heads, int layers, int length) {
  Json options = Json::object();
  if (architecture == "strided")
    return model::test::shape("sparse", D, heads, layers, 23, length,
                              {{"c", 2}, {"pattern", "strided"}});
  if (architecture == "delta, plain")
    return model::test::shape("delta", D, heads, layers, 23, length, {{"normalise", false}});
  if (architecture == "sparse") options = {{"c", 2}};
  return model::test::shape(architecture, D, heads, layers, 23, length, options);
}

Batch dropping_batch(const spec::ModelShape& shape, const std::vector<int>& lengths,
                     std::uint64_t seed) {
  Batch batch = model::test::batch(shape, lengths, seed);
  batch.dropout_key = 0x9876543210fedcbaU + seed;
  batch.first_sequence = 1000 * static_cast<std::int64_t>(seed);
  return batch;
}

const std::vector<int> ragged = {1, 2, 15, 16, 17, 33, 100, 5, 64, 31, 100, 3, 3, 48};

}  // namespace

TEST_CASE("fused: loss, gradient and predictions agree with the generic program in fp64",
          "[slow]") {
  std::uint64_t seed = 101;
  for (const char* const architecture : {"standard", "sparse", "linear", "delta, plain"}) {
    for (const int layers : {1, 3}) {
      for (const int heads : {1, 2, 4}) {
        for (const int D : {4, 6, 8, 12, 16, 24, 48}) {
          if (D % heads != 0) continue;
          const spec::ModelShape shape = ::shape(architecture, D, heads, layers, 100);
          check_agreement(shape, ragged, ++seed);
        }
      }
    }
  }
}

constexpr double planted = 1e-4;

// The first parameters from this seed on with which rounding hides no error as large as the planted
// one: dividing by what happens to be nearly zero may magnify rounding as far as that.
struct Sharp {
  std::uint64_t seed;
  at::Tensor parameters;  // [1, P] fp32
  Reference reference;
};

Sharp sharp(const spec::ModelShape& shape, const Batch& batch, std::uint64_t seed) {
  for (std::uint64_t tried = 0; tried < 50; ++tried) {
    const at::Tensor parameters =
        model::test::parameters(shape, 1, seed + 10000 * tried).to(at::kFloat);
    Reference reference(shape, batch, parameters);
    if (reference.tolerance() <= planted / 2)
      return {seed + 10000 * tried, parameters, std::move(reference)};
  }
  throw Error("no well-conditioned parameters for " + label(shape, seed));
}

// The comparison itself: it passes what the generic program computes in fp64, and fails when any
// part of it is off by the planted error.
TEST_CASE(
    "fused: the comparison fails for an error of 1e-4 in the loss, in any gradient and in any "
    "activation, in every architecture",
    "[slow]") {
  std::uint64_t seed = 151;
  for (const model::test::Setting& setting : model::test::settings()) {
    const spec::ModelShape shape =
        model::test::shape(setting.architecture, 12, 2, 2, 23, 60, setting.options);
    if (!spec::architecture(shape.architecture.name).fused_elements) continue;
    const Batch batch = model::test::batch(shape, {60, 1, 15, 33, 17}, ++seed);
    const Sharp drawn = sharp(shape, batch, seed);
    const Reference& reference = drawn.reference;
    INFO(label(shape, drawn.seed));
    CHECK(reference.gap(reference.exact()).size == 0);

    Computed wrong = reference.exact();
    wrong.loss *= 1 + planted;
    CHECK(reference.gap(wrong).where == "loss");
    CHECK(reference.gap(wrong).size > 1);

    const spec::ParameterLayout layout = spec::parameter_layout(shape);
    for (std::size_t i = 0; i < layout.parameters.size(); ++i) {
      const spec::Parameter& parameter = layout.parameters[i];
      const auto part = [&parameter](const at::Tensor& of) {
        return of.narrow(-1, parameter.offset, parameter.size());
      };
      if (!reference.counts(i)) continue;
      INFO(parameter.name);
      wrong = reference.exact();
      wrong.gradient = wrong.gradient.clone();
      const at::Tensor error = model::test::normal({parameter.size()}, seed);
      part(wrong.gradient).add_(error * (planted * l2(part(wrong.gradient)) / l2(error)));
      CHECK(reference.gap(wrong).where == "gradient of " + parameter.name);
      CHECK(reference.gap(wrong).size > 1);

      // A weight that is off makes what it is multiplied by off by as much, here and in all that
      // follows, forward and backward.
      if (!parameter.name.ends_with(".weight")) continue;
      const at::Tensor parameters = drawn.parameters.clone();
      part(parameters).mul_(1 + planted);
      CHECK(reference.gap(compute(*make_fused_program(shape), parameters, batch)).size > 1);
    }
  }
}

TEST_CASE("fused: every architecture that it supports, with every option", "[slow]") {
  std::uint64_t seed = 201;
  int supported = 0;
  for (const model::test::Setting& setting : model::test::settings()) {
    for (const auto& [D, heads, layers] : {std::tuple{5, 1, 1}, {16, 4, 3}, {24, 2, 2}}) {
      const spec::ModelShape shape =
          model::test::shape(setting.architecture, D, heads, layers, 23, 140, setting.options);
      if (!spec::architecture(shape.architecture.name).fused_elements) continue;
      REQUIRE(fused_supports(shape));
      ++supported;
      check_agreement(shape, std::vector<int>{140, 1, 15, 129, 64, 17, 100}, ++seed);
    }
  }
  CHECK(supported >= 87);
}

// By hand: how much of what is allowed is used, over many seeds.
TEST_CASE("survey of seeds: how much of what agreement allows the fused program uses",
          "[.][survey]") {
  for (const model::test::Setting& setting : model::test::settings()) {
    double largest = 0;
    std::string where;
    for (std::uint64_t seed = 10001; seed <= 10100; ++seed) {
      const int D = std::array{4, 8, 12}[seed % 3], heads = std::array{1, 2, 4}[seed % 9 / 3],
                layers = seed % 2 == 0 ? 1 : 3;
      spec::ModelShape shape =
          model::test::shape(setting.architecture, D, heads, layers, 23, 100, setting.options);
      if (!spec::architecture(shape.architecture.name).fused_elements) break;
      if (seed % 5 == 0) shape.settings.activation = spec::Activation::relu;
      if (seed % 4 == 0) shape.settings.dropout = 0.1;
      const Batch batch = dropping_batch(shape, {33, 1, 17, 100, 5}, seed);
      const at::Tensor parameters = model::test::parameters(shape, 1, seed).to(at::kFloat);
      const model::test::Reference reference(shape, batch, parameters);
      model::test::for_instruction_sets([&](const std::string& instructions) {
        const model::test::Gap gap =
            reference.gap(compute(*make_fused_program(shape), parameters, batch));
        if (gap.size > largest)
          largest = gap.size,
          where = gap.where + ", seed " + std::to_string(seed) + ", " + instructions;
      });
    }
    std::cout << setting.architecture << " " << setting.options.dump() << ": " << largest << " at "
              << where << std::endl;
  }
}

TEST_CASE("fused: rotary positions and none", "[slow]") {
  std::uint64_t seed = 251;
  for (const char* const architecture :
       {"standard", "sliding_window", "linear", "retention", "gated_linear", "delta"}) {
    for (const spec::Position position : {spec::Position::rotary, spec::Position::none}) {
      for (const auto& [D, heads] : {std::pair{12, 2}, {20, 4}, {7, 1}}) {
        spec::ModelShape shape = ::shape(architecture, D, heads, 2, 100);
        shape.settings.position = position;
        check_agreement(shape, ragged, ++seed);
      }
    }
  }
}

TEST_CASE("fused: relu, sinusoidal positions, odd widths, and feed-forward layers of any width") {
  std::uint64_t seed = 301;
  for (const char* const architecture : {"standard", "sparse", "linear", "gated_linear", "delta"}) {
    for (const int D : {1, 3, 5, 7, 9}) {
      spec::ModelShape shape = ::shape(architecture, D, 1, 2, 40);
      shape.settings.activation = spec::Activation::relu;
      shape.settings.position = spec::Position::sinusoidal;
      shape.settings.ffn_ratio = 1.7;
      check_agreement(shape, std::vector<int>{40, 1, 13, 40, 7}, ++seed);
    }
  }
}

TEST_CASE("fused: wide models and long sequences", "[slow]") {
  std::uint64_t seed = 401;
  for (const char* const architecture :
       {"standard", "sparse", "sliding_window", "linear", "retention", "gated_linear", "delta"}) {
    const spec::ModelShape wide = ::shape(architecture, 200, 2, 1, 50);
    check_agreement(wide, std::vector<int>{50, 37, 12}, ++seed);
    const spec::ModelShape tall = ::shape(architecture, 8, 2, 1, 700);
    check_agreement(tall, std::vector<int>{700, 129, 511}, ++seed);
  }
}

TEST_CASE("fused: sparse blocks of every kind") {
  std::uint64_t seed = 501;
  for (const int block : {1, 3, 16, 20, 200}) {
    for (const int c : {1, 3, 300}) {
      const spec::ModelShape shape =
          model::test::shape("sparse", 8, 2, 1, 11, 90, {{"block", block}, {"c", c}});
      check_agreement(shape, std::vector<int>{90, 16, 45, 1}, ++seed);
    }
  }
}

TEST_CASE("fused: windows and strides of every kind") {
  std::uint64_t seed = 551;
  for (const int block : {1, 3, 16, 20, 200}) {
    const std::vector<int> lengths = {90, 16, 45, 1};
    check_agreement(model::test::shape("sliding_window", 8, 2, 1, 11, 90, {{"window", block}}),
                    lengths, ++seed);
    for (const int c : {1, 3, 300}) {
      check_agreement(model::test::shape("sparse", 8, 2, 1, 11, 90,
                                         {{"block", block}, {"c", c}, {"pattern", "strided"}}),
                      lengths, ++seed);
    }
  }
}

TEST_CASE("fused: gated_linear and delta, whatever the gates and betas") {
  std::uint64_t seed = 581;
  for (const auto& [architecture, projection] :
       {std::pair{"gated_linear", "attn.gate"}, {"delta", "attn.beta"}}) {
    for (const double bias : {20.0, 0.0, -20.0, -60.0, -1000.0}) {
      const spec::ModelShape shape =
          model::test::shape(architecture, 12, 2, 2, 23, 100, {{"normalise", false}});
      at::Tensor parameters = model::test::parameters(shape, 1, ++seed);
      for (const spec::Parameter& parameter : spec::parameter_layout(shape).parameters) {
        const at::Tensor values = parameters[0].narrow(0, parameter.offset, parameter.size());
        if (parameter.name.ends_with(projection + std::string(".weight")))
          values.mul_(10);  // gates about -60: some below -64, the least that counts
        if (parameter.name.ends_with(projection + std::string(".bias"))) values.add_(bias);
      }
      INFO(projection << " about " << bias);
      check_agreement(shape, model::test::batch(shape, ragged, seed), seed, parameters);
    }
  }
}

TEST_CASE("fused: only the last tokens are supervised, and whole sequences or chunks are not",
          "[slow]") {
  std::uint64_t seed = 601;
  for (const char* const architecture :
       {"standard", "sparse", "sliding_window", "linear", "retention", "gated_linear", "delta"}) {
    for (const int layers : {1, 2}) {
      const spec::ModelShape shape = ::shape(architecture, 12, 2, layers, 300);
      Batch batch = model::test::batch(shape, {300, 90, 40, 100, 300, 20}, ++seed);
      std::vector<std::int32_t> rows, labels;
      for (std::size_t m = 0; m < batch.rows.size(); ++m) {
        const std::int32_t row = batch.rows[m];
        if ((row >= 250 && row < 300) || (row >= 360 && row < 390) || (row >= 500 && row < 530) ||
            row >= 840) {
          rows.push_back(row);
          labels.push_back(batch.labels[m]);
        }
      }
      batch.rows = rows;
      batch.labels = labels;
      check_agreement(shape, batch, seed);
      batch.rows.clear();
      batch.labels.clear();
      check_agreement(shape, batch, seed);
    }
  }
}

// A single weight or feature that one of the programs drops and the other keeps would be far beyond
// the tolerance. The batch makes several chunks.
TEST_CASE("fused: dropout drops what the generic program drops, in every architecture", "[slow]") {
  std::uint64_t seed = 651;
  const std::vector<int> lengths = {100, 1, 0, 15, 90, 64, 0, 17, 33, 16};
  for (const model::test::Setting& setting : model::test::settings()) {
    for (const auto& [D, heads, layers, share] : {std::tuple{5, 1, 1, 0.1}, {21, 3, 2, 0.3}}) {
      spec::ModelShape shape =
          model::test::shape(setting.architecture, D, heads, layers, 23, 100, setting.options);
      shape.settings.dropout = share;
      if (!spec::architecture(shape.architecture.name).fused_elements) continue;
      REQUIRE(fused_supports(shape));
      ++seed;
      check_agreement(shape, dropping_batch(shape, lengths, seed), seed);
    }
  }
}

TEST_CASE("fused: dropout in sequences longer than a chunk, with rotary positions", "[slow]") {
  std::uint64_t seed = 671;
  for (const char* const architecture :
       {"standard", "sparse", "strided", "sliding_window", "retention"}) {
    spec::ModelShape shape = ::shape(architecture, 8, 2, 2, 400);
    shape.settings.dropout = 0.2;
    shape.settings.position = spec::Position::rotary;
    ++seed;
    check_agreement(shape, dropping_batch(shape, {400, 37, 300}, seed), seed);
  }
}

TEST_CASE(
    "fused: dropout of almost nothing, of almost everything, and where only the last tokens are "
    "supervised",
    "[slow]") {
  std::uint64_t seed = 681;
  for (const double share : {1e-12, 1e-4, 0.9, 1 - 1e-5}) {
    for (const int D : {1, 8, 40}) {
      spec::ModelShape shape = ::shape("standard", D, 1, 2, 100);
      shape.settings.dropout = share;
      Batch batch = dropping_batch(shape, ragged, ++seed);
      batch.rows = {16, 68, 69, 149, 150, 151, 167, 437};
      batch.labels = {3, 1, 4, 1, 5, 9, 2, 6};
      check_agreement(shape, batch, seed);
    }
  }
}

TEST_CASE("fused: a lane that has diverged leaves no trace in the lanes after it") {
  for (const char* const architecture : {"standard", "sparse", "strided", "sliding_window",
                                         "linear", "retention", "gated_linear", "delta"}) {
    const spec::ModelShape shape = ::shape(architecture, 12, 2, 2, 60);
    const at::Tensor parameters = model::test::parameters(shape, 2, 701).to(at::kFloat);
    parameters[0].fill_(std::nanf(""));
    const Batch first = model::test::batch(shape, {60, 33, 60, 60}, 702),
                second = model::test::batch(shape, {17, 5, 33}, 703);
    const auto program = make_fused_program(shape);
    const std::vector<int> lanes = {0, 1};
    const std::vector<const Batch*> batches = {&first, &second};
    at::Tensor gradient = at::empty_like(parameters);
    std::vector<double> losses(2);

    program->gradient(parameters, lanes, batches, gradient, losses);

    const Computed alone =
        compute(*make_fused_program(shape), parameters.narrow(0, 1, 1).clone(), second);
    CHECK(at::equal(gradient[1].to(at::kDouble), alone.gradient));
    CHECK(losses[1] == alone.loss);
    CHECK(std::isnan(losses[0]));
  }
}

// Not linear attention: phi of large negative values underflows to 0 / 0, in the generic program
// too.
TEST_CASE("fused: scores far beyond the range of exp give a finite loss") {
  for (const char* const architecture : {"standard", "sparse"}) {
    const spec::ModelShape shape = ::shape(architecture, 8, 2, 1, 40);
    const at::Tensor parameters = (model::test::parameters(shape, 1, 801) * 30).to(at::kFloat);
    const Computed got =
        compute(*make_fused_program(shape), parameters, model::test::batch(shape, {40, 21}, 802));
    CHECK(std::isfinite(got.loss));
    CHECK(std::isfinite(l2(got.gradient)));
  }
}

TEST_CASE("fused: what it does not support is refused, and malformed input is an error") {
  for (const double share : {-0.1, 1.0}) {
    spec::ModelShape dropout = ::shape("standard", 8, 2, 1, 10);
    dropout.settings.dropout = share;
    CHECK_FALSE(fused_supports(dropout));
    CHECK_THROWS_AS(make_fused_program(dropout), InputError);
  }

  const spec::ModelShape shape = ::shape("standard", 8, 2, 1, 10);
  const auto program = make_fused_program(shape);
  const at::Tensor parameters = model::test::parameters(shape, 1, 901).to(at::kFloat);
  Batch batch = model::test::batch(shape, {10, 4}, 902);
  CHECK_THROWS_AS(compute(*program, parameters.to(at::kDouble), batch), Error);
  batch.tokens[3] = shape.vocabulary;
  CHECK_THROWS_AS(compute(*program, parameters, batch), Error);
}
