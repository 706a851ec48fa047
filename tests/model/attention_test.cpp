// Each attention against its plainest form in naive.cpp.
#include "model/attention/attention.hpp"

#include <ATen/ops/abs.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/stack.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "model/naive.hpp"
#include "model/support.hpp"

using namespace surd;
using namespace surd::model;
using model::test::max_difference;
using model::test::naive_attention;
using model::test::Setting;
using model::test::settings;

namespace {

constexpr double tolerance_of_forms = 1e-11;

spec::ModelShape shape_of(const Setting& setting, int heads, int d, int length) {
  return model::test::shape(setting.architecture, heads * d, heads, 1, 5, length, setting.options);
}

AttentionInputs inputs(const spec::ModelShape& shape, std::int64_t groups, std::int64_t T,
                       std::uint64_t seed) {
  const std::vector<std::int64_t> sizes = {groups, T, shape.head_dim()};
  AttentionInputs in{model::test::normal(sizes, seed),
                     model::test::normal(sizes, seed + 1000),
                     model::test::normal(sizes, seed + 2000),
                     {}};
  for (const spec::Projection& projection : spec::projections(shape)) {
    in.further.push_back(
        2 * model::test::normal({groups, T, projection.features}, seed + 2100 + in.further.size()));
  }
  return in;
}

std::vector<at::Tensor*> tensors(AttentionInputs& in) {
  std::vector<at::Tensor*> all = {&in.q, &in.k, &in.v};
  for (at::Tensor& x : in.further) all.push_back(&x);
  return all;
}

AttentionInputs at_position(const AttentionInputs& in, std::int64_t t) {
  AttentionInputs one = in;
  for (at::Tensor* x : tensors(one)) *x = x->select(1, t);
  return one;
}

}  // namespace

TEST_CASE(
    "the settings under test name every architecture and every word and truth value of their "
    "options") {
  for (const spec::ArchitectureEntry& entry : spec::architectures()) {
    const auto some = [&](const auto& is) {
      return std::any_of(settings().begin(), settings().end(), [&](const Setting& s) {
        return s.architecture == entry.name &&
               is(spec::resolve({s.architecture, s.options}).options);
      });
    };
    INFO(entry.name);
    CHECK(some([](const Json&) { return true; }));
    for (const spec::OptionRule& rule : entry.options) {
      INFO(rule.name);
      for (const std::string& word : rule.words)
        CHECK(some([&](const Json& options) { return options[rule.name] == word; }));
      CHECK(some([&](const Json& options) { return options[rule.name] != rule.default_value; }));
    }
  }
}

TEST_CASE("the training form of each attention equals its plainest form") {
  at::NoGradGuard no_gradients;
  for (const Setting& setting : settings()) {
    for (const int d : {1, 3, 4, 6, 12, 24}) {
      for (const int T : {1, 2, 3, 4, 5, 15, 16, 17, 32, 33, 61, 83}) {
        const int heads = 2;
        const spec::ModelShape shape = shape_of(setting, heads, d, std::max(T, 20));
        const auto seed = static_cast<std::uint64_t>(100 * d + T);
        INFO(spec::label(shape.architecture)
             << ", head dimension " << d << ", T " << T << ", seed " << seed);
        const AttentionInputs in = inputs(shape, 2 * heads, T, seed);

        const at::Tensor got = attention(setting.architecture).forward(shape, in);

        const at::Tensor expected = naive_attention(shape, in).output;
        REQUIRE(got.sizes() == expected.sizes());
        CHECK(max_difference(got, expected) <
              tolerance_of_forms * (1 + at::abs(expected).max().item<double>()));
      }
    }
  }
}

TEST_CASE(
    "the gradient of each training form agrees with finite differences of its plainest form") {
  for (const Setting& setting : settings()) {
    for (const int d : {3, 6, 12}) {
      for (const int T : {5, 37, 67}) {
        const int heads = 2;
        const spec::ModelShape shape = shape_of(setting, heads, d, 64);
        const auto seed = static_cast<std::uint64_t>(100 * d + T);
        AttentionInputs in = inputs(shape, heads, T, seed);
        const at::Tensor weights = model::test::normal(in.v.sizes().vec(), seed + 3000);
        AttentionInputs leaves = in;
        at::AutoGradMode with_gradients(true);
        for (at::Tensor* x : tensors(leaves)) *x = x->clone().requires_grad_();
        (attention(setting.architecture).forward(shape, leaves) * weights).sum().backward();

        for (std::size_t i = 0; i < tensors(in).size(); ++i) {
          INFO(spec::label(shape.architecture)
               << ", head dimension " << d << ", T " << T << ", input " << i << ", seed " << seed);
          const at::Tensor direction =
              model::test::normal(tensors(in)[i]->sizes().vec(), seed + 4000 + i);
          const double h = 1e-6;
          const auto value = [&](double step) {
            AttentionInputs moved = in;
            at::Tensor& x = *tensors(moved)[i];
            x = x + step * direction;
            return (naive_attention(shape, moved).output * weights).sum().item<double>();
          };
          const double expected = (value(h) - value(-h)) / (2 * h);
          const double got = (tensors(leaves)[i]->grad() * direction).sum().item<double>();
          CHECK(got == Approx(expected).epsilon(1e-6).margin(1e-5));
        }
      }
    }
  }
}

TEST_CASE(
    "each attention decoded position by position equals its plainest form, and keeps as many "
    "elements as spec says") {
  at::NoGradGuard no_gradients;
  for (const Setting& setting : settings()) {
    for (const int d : {1, 3, 4}) {
      const int T = 41, heads = 3, sequences = 2;
      const spec::ModelShape shape = shape_of(setting, heads, d, T);
      const auto seed = static_cast<std::uint64_t>(d);
      INFO(spec::label(shape.architecture) << ", head dimension " << d << ", seed " << seed);
      const AttentionInputs in = inputs(shape, sequences * heads, T, seed);

      const auto decoder =
          attention(setting.architecture).decoder(shape, sequences * heads, T, in.q.options());
      std::vector<at::Tensor> steps;
      for (int t = 0; t < T; ++t) {
        steps.push_back(decoder->step(at_position(in, t)));
        CHECK(static_cast<double>(decoder->state_elements()) ==
              sequences * spec::architecture(setting.architecture).state_elements(shape, t + 1));
      }

      const at::Tensor expected = naive_attention(shape, in).output;
      CHECK(max_difference(at::stack(steps, 1), expected) <
            tolerance_of_forms * (1 + at::abs(expected).max().item<double>()));
    }
  }
}

TEST_CASE("the FLOPs that spec states are those that the plainest form counts") {
  for (const Setting& setting : settings()) {
    for (const int d : {3, 6, 12, 24}) {
      for (const int T : {1, 7, 16, 50}) {
        const int heads = 2;
        const spec::ModelShape shape = shape_of(setting, heads, d, 40);
        INFO(spec::label(shape.architecture) << ", head dimension " << d << ", T " << T);
        CHECK(spec::architecture(setting.architecture).attention_flops(shape, T) ==
              Approx(naive_attention(shape, inputs(shape, heads, T, 1)).flops).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("a position of relu features that sees nothing gets 0, and every gradient is finite") {
  for (const bool normalise : {true, false}) {
    const spec::ModelShape shape =
        model::test::shape("linear", 4, 1, 1, 5, 40, {{"phi", "relu"}, {"normalise", normalise}});
    AttentionInputs in = inputs(shape, 2, 40, 7);
    in.q = -at::abs(in.q);  // no query has a feature
    in.k.narrow(1, 0, 20).copy_(-at::abs(in.k.narrow(1, 0, 20)));
    at::AutoGradMode with_gradients(true);
    for (at::Tensor* x : tensors(in)) x->requires_grad_();
    const at::Tensor output = attention("linear").forward(shape, in);
    output.sum().backward();
    CHECK(at::abs(output).max().item<double>() == 0);
    for (at::Tensor* x : tensors(in)) CHECK(at::isfinite(x->grad()).all().item<bool>());
  }
}

TEST_CASE("exponential features of any size give finite numbers in fp32") {
  const spec::ModelShape shape = model::test::shape("linear", 4, 1, 1, 5, 200, {{"phi", "exp"}});
  for (const double size : {1e2, -1e2, 1e4}) {
    AttentionInputs in = inputs(shape, 2, 200, 8);
    in.q = (in.q + size).to(at::kFloat), in.k = (in.k * size).to(at::kFloat),
    in.v = in.v.to(at::kFloat);
    at::AutoGradMode with_gradients(true);
    for (at::Tensor* x : tensors(in)) x->requires_grad_();
    const at::Tensor output = attention("linear").forward(shape, in);
    output.sum().backward();
    CHECK(at::isfinite(output).all().item<bool>());
    for (at::Tensor* x : tensors(in)) CHECK(at::isfinite(x->grad()).all().item<bool>());
  }
}

TEST_CASE("gates and inputs of any size give finite numbers in fp32, forward and backward") {
  for (const char* const architecture : {"retention", "gated_linear", "delta"}) {
    for (const double size : {0.0, 30.0, 1e3}) {
      const spec::ModelShape shape = model::test::shape(architecture, 32, 1, 1, 5, 200);
      AttentionInputs in = inputs(shape, 2, 200, 9);
      at::AutoGradMode with_gradients(true);
      for (at::Tensor* x : tensors(in)) *x = (*x * size).to(at::kFloat).requires_grad_();
      const at::Tensor output = attention(architecture).forward(shape, in);
      output.sum().backward();
      INFO(architecture << ", size " << size);
      CHECK(at::isfinite(output).all().item<bool>());
      for (at::Tensor* x : tensors(in)) CHECK(at::isfinite(x->grad()).all().item<bool>());
    }
  }
}

TEST_CASE("gated_linear in fp32 is as exact as its numbers, whatever the gates") {
  const spec::ModelShape shape =
      model::test::shape("gated_linear", 64, 1, 1, 5, 200, {{"normalise", false}});
  for (const double offset : {20.0, 0.0, -20.0, -50.0}) {
    AttentionInputs in = inputs(shape, 1, 200, 10);
    in.further[0] = in.further[0] + offset;
    const at::Tensor expected = naive_attention(shape, in).output;
    for (at::Tensor* x : tensors(in)) *x = x->to(at::kFloat);
    INFO("gates about " << offset);
    CHECK(max_difference(attention("gated_linear").forward(shape, in).to(at::kDouble), expected) <
          1e-5 * at::abs(expected).max().item<double>());
  }
}

TEST_CASE("every architecture of spec has an attention, and a kernel where spec has its memory") {
  for (const spec::ArchitectureEntry& entry : spec::architectures()) {
    INFO(entry.name);
    CHECK(attention(entry.name).name == entry.name);
    CHECK((attention(entry.name).kernel != nullptr) == (entry.fused_elements != nullptr));
  }
  CHECK_THROWS_AS(attention("stanard"), InputError);
}
