#include "bench/case.hpp"

#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "bench/train.hpp"
#include "spec/architecture.hpp"

namespace surd::bench {
namespace {

TEST_CASE("an architecture is read from its label, and gives that label again") {
  for (const std::string label : {"standard", "sparse", "sparse(c=2)"})
    CHECK(spec::label(parse_architecture(label)) == label);
  for (const std::string wrong :
       {"sparse(", "sparse(c)", "sparse(=2)", "sparse()", "sparse(c=2", "sparse(d=2)", "sparce"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_architecture(wrong), InputError);
  }
}

TEST_CASE("cases are the product of what is given, in its order") {
  Cases cases{.tasks = {"lookup", "lis"},
              .sizes = {8, 9},
              .hidden = {8, 16},
              .architectures = {"standard", "linear"}};
  cases.heads = 2;
  const std::vector<spec::Trial> trials = make_trials(cases);
  REQUIRE(trials.size() == 16);
  CHECK(trials[0].task.name == "lookup");
  CHECK(trials[1].architecture.name == "linear");
  CHECK(trials[2].hidden == 16);
  CHECK(trials[4].task.size == 9);
  CHECK(trials[15].task.name == "lis");
  CHECK(trials[15].model.heads == 2);
  CHECK(trials[15].length == 2 * 9 + 3);
}

TEST_CASE("the table has six problems, seven widths and three architectures") {
  const std::vector<spec::Trial> trials = table_trials({});
  REQUIRE(trials.size() == 6 * 7 * 3);
  CHECK(trials.front().length == 85);
  CHECK(trials[41].length == 221);
  CHECK(trials.back().hidden == 128);
}

TEST_CASE("a range of lengths doubles, on batches of equal tokens") {
  Cases cases{.architectures = {"linear"}};
  const std::vector<spec::Trial> trials = trials_by_length(cases, "128..1024");
  REQUIRE(trials.size() == 4);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    CHECK(trials[i].length <= 128 << i);
    CHECK(trials[i].length * trials[i].recipe.batch_sequences == Approx(8192).epsilon(0.15));
  }
  for (const std::string wrong : {"", "128", "128..", "0..4", "512..128", "128..256x"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(trials_by_length(cases, wrong), InputError);
  }
}

TEST_CASE(
    "widths that heads do not divide, both sizes and lengths, and numbers below one are refused") {
  const auto refused = [](auto change) {
    Cases cases{.sizes = {6}};
    change(cases);
    CHECK_THROWS_AS(make_trials(cases), InputError);
  };
  refused([](Cases& cases) { cases.hidden = {18}; });
  refused([](Cases& cases) { cases.hidden = {-4}; });
  refused([](Cases& cases) { cases.lengths = {85}; });
  refused([](Cases& cases) { cases.heads = 0; });
  refused([](Cases& cases) { cases.dropout = 1; });
  refused([](Cases& cases) { cases.dropout = -0.1; });
  refused([](Cases& cases) { cases.layers = 0; });
  refused([](Cases& cases) { cases.batch_sequences = 0; });
  refused([](Cases& cases) { cases.position = "relative"; });
}

// The trainer's own count of tokens is the witness: what is measured are whole steps, each once, of
// all lanes.
TEST_CASE("a measurement counts the steps and tokens that it timed") {
  Cases cases{.tasks = {"lis"}, .sizes = {4}, .hidden = {4}};
  cases.layers = 1;
  cases.batch_sequences = 3;
  for (const int lanes : {1, 3}) {
    int between = 0;
    const TrainRate rate =
        measure_training(make_trials(cases).front(), {.repetitions = 2, .steps = 5},
                         {.lanes = lanes}, [&] { ++between; });
    CHECK(between == 2);
    CHECK(rate.steps == 10);
    REQUIRE(rate.tokens_s.size() == 2);
    CHECK(rate.tokens_s.front() > 0);
    CHECK(rate.sampling_share > 0);
    CHECK(rate.sampling_share < 1);
    const spec::Trial trial =
        make_trials(cases)
            .front();  // LIS: every instance has 2n + 3 tokens, n + 3 of them supervised
    CHECK(rate.flops_token == Approx(spec::training_flops(spec::shape(trial), 11, 7) / 11));
  }
}

}  // namespace
}  // namespace surd::bench
