#include "bench/device.hpp"

#include <ATen/core/Tensor.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "cluster/group.hpp"
#include "spec/architecture.hpp"

namespace surd::bench {
namespace {

// A program whose weights have the precision of a coarser format.
class Coarse final : public model::Program {
 public:
  Coarse(std::unique_ptr<model::Program> inside, at::ScalarType format)
      : inside_(std::move(inside)), format_(format) {}

  void gradient(const at::Tensor& parameters, std::span<const int> lanes,
                std::span<const model::Batch* const> batches, at::Tensor& gradient,
                std::span<double> loss_sum) override {
    inside_->gradient(coarse(parameters), lanes, batches, gradient, loss_sum);
  }
  void predict(const at::Tensor& parameters, std::span<const int> lanes, const model::Batch& batch,
               std::span<std::vector<std::int32_t>> predicted,
               std::span<double> loss_sum) override {
    inside_->predict(coarse(parameters), lanes, batch, predicted, loss_sum);
  }
  void generate(const at::Tensor& parameters, std::span<const int> lanes,
                const model::Batch& prompts, std::int32_t eos, std::span<const int> limit,
                std::span<model::Generated> generated) override {
    inside_->generate(coarse(parameters), lanes, prompts, eos, limit, generated);
  }
  at::Tensor logits(const at::Tensor& parameters, int lane, const model::Batch& batch) override {
    return inside_->logits(coarse(parameters), lane, batch);
  }

 private:
  at::Tensor coarse(const at::Tensor& x) const { return x.to(format_).to(x.scalar_type()); }

  std::unique_ptr<model::Program> inside_;
  at::ScalarType format_;
};

spec::Trial trial_of(const std::string& label) {
  for (const spec::Trial& trial : checked_trials()) {
    if (spec::label(trial.architecture) == label) return trial;
  }
  throw Error("no trial of " + label);
}

TEST_CASE("every architecture is checked, by sequences of several chunks and lengths") {
  std::vector<std::string> checked;
  for (const spec::Trial& trial : checked_trials()) {
    CHECK(trial.length > 2 * spec::gated_chunk);
    checked.push_back(trial.architecture.name);
  }
  for (const std::string& name : spec::architecture_names()) {
    CAPTURE(name);
    CHECK(std::find(checked.begin(), checked.end(), name) != checked.end());
  }
}

// Weights in fp16 have TF32's 2^-11: what a GPU would do if it were let to. In fp32 they miss what
// is asked of fp64.
TEST_CASE("a program of a coarser precision fails the check of its gradient") {
  const spec::Trial trial = trial_of("delta");
  const spec::ModelShape shape = spec::shape(trial);
  for (const spec::Precision precision : {spec::Precision::fp32, spec::Precision::fp64}) {
    const auto right = model::make_program(shape, precision, at::kCPU);
    Coarse coarse(model::make_program(shape, precision, at::kCPU), at::kHalf);
    for (const Check& check : check_gradient(*right, trial, precision, at::kCPU)) {
      CAPTURE(check.name, check.of, check.figure, check.most);
      CHECK(check.passed());
      CHECK(check.most < (precision == spec::Precision::fp32 ? 1e-4 : 1e-9));
    }
    for (const Check& check : check_gradient(coarse, trial, precision, at::kCPU)) {
      CAPTURE(check.name, check.of, check.figure, check.most);
      CHECK_FALSE(check.passed());
    }
  }
}

TEST_CASE("states of a lane differ by the numbers that differ, and not by their time") {
  const std::vector<float> numbers = {1, 2, -0.0F, 4};
  const auto state = [&](double seconds, int step, std::vector<float> values) {
    const Json head = {
        {"scalar_bytes", 4}, {"step", step}, {"result", {{"seconds", seconds}, {"tokens", 7}}}};
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return head.dump() + "\n" + bytes;
  };
  const std::string one = state(1, 3, numbers);
  CHECK(differing_numbers(one, state(12.5, 3, numbers)) == 0);
  CHECK(differing_numbers(one, state(1, 4, numbers)) == 1);
  CHECK(differing_numbers(one, state(1, 3, {1, 2, 0, 4})) == 1);  // bit for bit
  CHECK(differing_numbers(one, state(1, 3, {1, 3, -0.0F, 5})) == 2);
  CHECK(differing_numbers(one, state(1, 3, {1, 2})) > 0);
}

TEST_CASE("a check passes within its bounds, and not without a figure") {
  Check check{.name = "memory", .of = "standard", .figure = 0.9, .least = 0.5, .most = 1.1};
  CHECK(check.passed());
  CHECK(check_row(check) ==
        "memory          standard                       0.9     0.5..1.1  yes\n");
  check.figure = 1.2;
  CHECK_FALSE(check.passed());
  CHECK(to_json(check)["passed"] == false);
  Check thrown{.name = "resume", .of = "delta", .failure = "out of memory"};
  CHECK_FALSE(thrown.passed());
  CHECK(check_row(thrown) ==
        "resume          delta                                         0  NO\n  out of memory\n");
  CHECK(to_json(thrown)["figure"] == "nan");
}

}  // namespace
}  // namespace surd::bench
