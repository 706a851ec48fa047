// Each attention against its definition: a dense [T, T] mask, written here in the plainest form.
#include "model/attention/attention.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "model/support.hpp"

using namespace surd;
using namespace surd::model;

namespace {

constexpr double tolerance = 1e-11;

// 1 where position i may look at position j.
at::Tensor visible(const spec::ModelShape& shape, std::int64_t T) {
  at::Tensor mask = at::zeros({T, T}, at::kDouble);
  const bool sparse = shape.architecture.name == "sparse";
  const std::int64_t B = sparse ? spec::sparse_block(shape) : 1;
  const std::int64_t c = sparse ? shape.architecture.options.at("c").get<std::int64_t>() : 1;
  for (std::int64_t i = 0; i < T; ++i) {
    for (std::int64_t j = 0; j <= i; ++j) {
      if (!sparse || i / B == j / B || j % B >= B - c) mask.mutable_data_ptr<double>()[i * T + j] = 1;
    }
  }
  return mask;
}

at::Tensor dense(const spec::ModelShape& shape, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const at::Tensor mask = visible(shape, q.size(1));
  if (shape.architecture.name == "linear") {
    const auto phi = [](const at::Tensor& x) { return at::where(x > 0, x + 1, at::exp(x)); };
    const at::Tensor weights = at::matmul(phi(q), phi(k).transpose(1, 2)) * mask;
    return at::matmul(weights, v) / weights.sum(2, true);
  }
  const at::Tensor scores = at::matmul(q, k.transpose(1, 2)) / std::sqrt(static_cast<double>(q.size(2)));
  const at::Tensor weights = at::softmax(scores.masked_fill(mask == 0, -std::numeric_limits<double>::infinity()), 2);
  return at::matmul(weights, v);
}

struct Result {
  at::Tensor output;
  std::vector<at::Tensor> gradients;
};

template <typename Forward>
Result run(const Forward& forward, const spec::ModelShape& shape, const std::vector<at::Tensor>& inputs, const at::Tensor& direction) {
  at::AutoGradMode with_gradients(true);
  std::vector<at::Tensor> leaves;
  for (const at::Tensor& input : inputs) leaves.push_back(input.clone().requires_grad_());
  const at::Tensor output = forward(shape, leaves[0], leaves[1], leaves[2]);
  (output * direction).sum().backward();
  return {output.detach(), {leaves[0].grad(), leaves[1].grad(), leaves[2].grad()}};
}

struct Setting {
  std::string architecture;
  Json options;
};

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = {
      {"standard", Json::object()},         {"linear", Json::object()},
      {"sparse", Json::object()},           {"sparse", {{"c", 2}}},
      {"sparse", {{"c", 2}, {"block", 5}}}, {"sparse", {{"c", 7}, {"block", 4}}},     // a tail longer than the block: all of it
      {"sparse", {{"c", 1}, {"block", 1}}}, {"sparse", {{"c", 3}, {"block", 1000}}},  // a block longer than any sequence
  };
  return all;
}

}  // namespace

TEST_CASE("the training form of each attention equals its dense masked definition, forward and backward") {
  for (const Setting& setting : settings()) {
    for (const int d : {1, 3, 4, 6, 12}) {
      for (const int T : {1, 2, 3, 4, 5, 15, 16, 17, 32, 33, 61}) {
        const int heads = 2;
        const spec::ModelShape shape = model::test::shape(setting.architecture, heads * d, heads, 1, 5, std::max(T, 20), setting.options);
        const auto seed = static_cast<std::uint64_t>(100 * d + T);
        INFO(spec::label(shape.architecture) << ", head dimension " << d << ", T " << T << ", seed " << seed);
        const std::vector<std::int64_t> sizes = {3, T, d};
        const std::vector<at::Tensor> inputs = {model::test::normal(sizes, seed), model::test::normal(sizes, seed + 1000),
                                                model::test::normal(sizes, seed + 2000)};
        const at::Tensor direction = model::test::normal(sizes, seed + 3000);

        const Result expected = run(dense, shape, inputs, direction);
        const Result got = run(attention(setting.architecture).forward, shape, inputs, direction);

        REQUIRE(got.output.sizes() == expected.output.sizes());
        CHECK(model::test::max_difference(got.output, expected.output) < tolerance);
        for (std::size_t i = 0; i < 3; ++i) CHECK(model::test::max_difference(got.gradients[i], expected.gradients[i]) < 10 * tolerance);
      }
    }
  }
}

TEST_CASE("each attention decoded position by position equals its dense masked definition") {
  at::NoGradGuard no_gradients;
  for (const Setting& setting : settings()) {
    for (const int d : {1, 3, 4}) {
      const int T = 41;
      const spec::ModelShape shape = model::test::shape(setting.architecture, d, 1, 1, 5, T, setting.options);
      const auto seed = static_cast<std::uint64_t>(d);
      INFO(spec::label(shape.architecture) << ", head dimension " << d << ", seed " << seed);
      const at::Tensor q = model::test::normal({3, T, d}, seed), k = model::test::normal({3, T, d}, seed + 10);
      const at::Tensor v = model::test::normal({3, T, d}, seed + 20);

      const auto decoder = attention(setting.architecture).decoder(shape, 3, T, q.options());
      std::vector<at::Tensor> steps;
      for (int t = 0; t < T; ++t) steps.push_back(decoder->step(q.select(1, t), k.select(1, t), v.select(1, t)));

      CHECK(model::test::max_difference(at::stack(steps, 1), dense(shape, q, k, v)) < tolerance);
    }
  }
}

TEST_CASE("every architecture of spec has an attention") {
  for (const std::string& name : spec::architecture_names()) CHECK(attention(name).name == name);
  CHECK_THROWS_AS(attention("stanard"), InputError);
}
