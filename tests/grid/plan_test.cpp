#include "grid/plan.hpp"

#include <catch2/catch.hpp>

using namespace surd;
using namespace surd::grid;

namespace {

const char* const text = R"(
study: plan
grid:
  task: {lookup: {symbols: 4}}
  size: [8, 16, 32]
  hidden: [4, 8]
  architecture: [standard, linear]
trials: {seeds: 2, learning_rates: [1e-2]}
recipe: {batch: 10, steps: 100, warmup: 10, eval_every: 30, validation: 50, test: 70}
exclude: [{architecture: linear, when: "hidden > 4"}, {hidden: 99}]
include: [{size: 16, hidden: 16, architecture: linear}]
)";

}  // namespace

TEST_CASE("the plan counts cells and trials by rule and group") {
  const Study study = parse_study(text, "plan.yaml");
  const Plan plan = make_plan(study);
  CHECK(plan.cells_grid == 12);
  CHECK(plan.cells_excluded == 3);
  CHECK(plan.cells_included == 1);
  CHECK(study.cells.size() == 10);
  REQUIRE(plan.groups.size() == 2);
  CHECK(plan.groups[0].architecture == "standard");
  CHECK(plan.groups[0].cells == 6);
  CHECK(plan.groups[1].trials == 8);
  CHECK(plan.groups[0].flops + plan.groups[1].flops == Approx(plan.flops));
}

TEST_CASE(
    "a trial's FLOPs are steps x batch x a training sequence, plus validations and the test") {
  const Study study = parse_study(text, "plan.yaml");
  const Cell& cell = study.cells.front();
  const Cost cost = trial_cost(cell);
  const double forward = spec::forward_flops(shape(cell), 16, 8);
  CHECK(cost.training_flops == Approx(100 * 10 * 3 * forward));
  CHECK(cost.evaluation_flops == Approx((4 * 50 + 70) * forward));  // after steps 30, 60, 90, 100
  CHECK(cost.training_tokens == 100 * 10 * 16);
  CHECK(cost.parameters == spec::parameter_count(shape(cell)));
}

TEST_CASE(
    "the plan warns of overlapping splits, few lengths, rules without effect and a missing "
    "baseline") {
  const Study study =
      parse_study(text, "plan.yaml", {"grid.size=[2, 8]", "fit.baseline=sparse", "include=[]"});
  std::string all;
  for (const std::string& warning : make_plan(study).warnings) all += warning + "\n";
  // 4^2 symbols and 2^2 indices; 1,000 training instances.
  CHECK_THAT(all, Catch::Contains("lookup of size 2 has few instances (2^6.0): training, "
                                  "validation and test are not kept apart, and up to 100 % of"));
  CHECK_THAT(all, !Catch::Contains("lookup of size 8 has few instances"));
  CHECK_THAT(all, Catch::Contains("lookup has 2 lengths"));
  CHECK_THAT(all, Catch::Contains("{hidden: 99} changes nothing"));
  CHECK_THAT(all, Catch::Contains("fit.baseline sparse is not in the study, so surd-fit will "
                                  "compare nothing; there are: standard, linear"));
}

TEST_CASE(
    "the plan as JSON says that its forecast is not calibrated, and lists trials where asked") {
  const Study study = parse_study(text, "plan.yaml");
  const Json json = to_json(study, make_plan(study), 1e9, true);
  CHECK(json["baseline"] == "standard");
  CHECK(json["forecast"]["calibrated"] == false);
  CHECK(json["forecast"]["hours"].get<double>() ==
        Approx(json["flops"]["total"].get<double>() / 1e9 / 3600));
  CHECK(json["trial_list"].size() == study.trials.size());
  CHECK(json["trial_list"][0]["id"] == study.trials[0].id.value);
  CHECK_FALSE(to_json(study, make_plan(study), 1e9, false).contains("trial_list"));
  CHECK_THAT(to_text(study, make_plan(study), 1e9),
             Catch::Contains("uncalibrated") && Catch::Contains("\nbaseline        standard: ") &&
                 Catch::Contains("20 trials = 10 cells x 2 seeds x 1 learning rates"));
}
