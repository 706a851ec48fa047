// Exponents of parameters, state and FLOPs in place of the width.
#include "analysis/input/scale.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "analysis/findings/compare.hpp"
#include "analysis/findings/planned.hpp"
#include "analysis/report/compare_output.hpp"
#include "analysis/report/figures/figures.hpp"
#include "analysis/report/fit_output.hpp"
#include "analysis/report/power_output.hpp"
#include "analysis/support.hpp"

namespace surd::analysis {
namespace {

using test::csv;
using test::finding;

// Both architectures of the reference grid; linear keeps 4 d^2 bytes, standard 8 d L. `seeds`: a
// row a seed, at an accuracy of 1 or 0.
std::string study(bool seeds = false, const std::string& leave_out = "") {
  const std::vector<std::vector<int>> linear = {{0, 0, 1, 3, 3, 3, 3, 3},
                                                {0, 0, 1, 2, 3, 3, 3, 3},
                                                {0, 0, 0, 2, 3, 3, 3, 3},
                                                {0, 0, 0, 1, 3, 2, 3, 3},
                                                {0, 0, 0, 0, 2, 3, 3, 3}};
  const std::vector<int> standard = {0, 1, 2, 3, 3, 3, 3, 3};
  std::string text = seeds ? "task,architecture,length,hidden,seed,accuracy_validation,accuracy_"
                             "test,state_bytes,flops_forward\n"
                           : "task,architecture,length,hidden,seeds,solved,state_bytes,flops_"
                             "forward\n";
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 8; ++j) {
      const double length = 16 * std::pow(2, i), width = 8 * std::pow(2, j);
      for (const bool is_linear : {true, false}) {
        const int solved = is_linear ? linear[i][j] : standard[j];
        const double state = is_linear ? 4 * width * width : 8 * width * length;
        const std::string tail = fmt::format(
            "{},{}\n",
            leave_out == fmt::format("{} {}", length, width) ? "" : fmt::format("{}", state),
            width * width * length);
        const char* name = is_linear ? "linear" : "standard";
        if (!seeds) {
          text += fmt::format("lis,{},{},{},3,{},{}", name, length, width, solved, tail);
          continue;
        }
        for (int seed = 1; seed <= 3; ++seed)
          text += fmt::format("lis,{},{},{},{},{},{},{}", name, length, width, seed,
                              seed <= solved ? 1 : 0, seed <= solved ? 1 : 0, tail);
      }
    }
  }
  return text;
}

const Choices against_standard{.baseline = "standard"};

TEST_CASE("exponents, differences and ratios are those of the state") {
  const Input input = csv(study());
  const Findings width = fit_everything(input, against_standard);
  const Findings state = fit_everything(in_scale(input, SizeScale::state_bytes), against_standard);
  const auto near = [](double value) { return Approx(value).epsilon(1e-6).margin(1e-6); };
  const law::Fit& of_width = finding(width, "lis", "linear").fit;
  const law::Fit& of_state = finding(state, "lis", "linear").fit;
  CHECK(*of_state.alpha == near(2 * *of_width.alpha));
  CHECK(*of_state.interval.low == near(2 * *of_width.interval.low));
  CHECK(*of_state.interval.high == near(2 * *of_width.interval.high));
  CHECK(*of_state.threshold == near(4 * std::pow(*of_width.threshold, 2)));
  // The state of standard grows with L at the same width, and so does what it needs.
  CHECK(*finding(state, "lis", "standard").fit.alpha ==
        near(*finding(width, "lis", "standard").fit.alpha + 1));
  const Comparison& compared =
      *comparison_of(state.contrasts, finding(state, "lis", "linear").series);
  CHECK(*compared.contrast.delta ==
        near(2 * *of_width.alpha - 1 - *finding(width, "lis", "standard").fit.alpha));
  CHECK(compared.widths.length == 256);
  // What is solved does not depend on it, nor what compute costs at the threshold.
  CHECK(finding(state, "lis", "linear").series.solved ==
        finding(width, "lis", "linear").series.solved);
  CHECK(*finding(state, "lis", "linear").compute.forward.gamma ==
        near(*finding(width, "lis", "linear").compute.forward.gamma));
}

TEST_CASE("forward FLOPs as the size have the exponent that compute to solve has") {
  const Findings flops =
      fit_everything(in_scale(csv(study()), SizeScale::flops_forward), against_standard);
  for (const Finding& one : flops.fits)
    CHECK(*one.fit.alpha == Approx(*one.compute.forward.gamma).epsilon(1e-6));
}

TEST_CASE("the width itself changes nothing") {
  const Input input = csv(study());
  CHECK(to_text(fit_everything(in_scale(input, SizeScale::hidden), {}), Detail::all) ==
        to_text(fit_everything(input, {}), Detail::all));
}

TEST_CASE("tables, JSON and CSV name the unit") {
  const Findings width = fit_everything(csv(study()), against_standard);
  const Findings state =
      fit_everything(in_scale(csv(study()), SizeScale::state_bytes), against_standard);
  const std::string text = to_text(state, Detail::all);
  CHECK(text.starts_with("State bytes needed ~ L^alpha"));
  CHECK(text.find("alpha less its alpha, and state bytes over its state bytes") !=
        std::string::npos);
  CHECK(text.find("state bytes ratio") != std::string::npos);
  CHECK(text.find("width ratio") == std::string::npos);
  CHECK(text.find("lis linear: the state size grows as about width^2.00 L^0.00") !=
        std::string::npos);
  CHECK(text.find("lis standard: the state size grows as about width^1.00 L^1.00") !=
        std::string::npos);
  CHECK(to_json(state)["scale"] == "state_bytes");
  CHECK(to_json(state)["fits"][0]["scale"] == "state_bytes");
  CHECK_FALSE(to_json(width).contains("scale"));
  CHECK(to_csv(state).find(",\"state_bytes\",") != std::string::npos);
  CHECK(to_csv(width).find("scale") == std::string::npos);
}

TEST_CASE("maps stay maps of widths, and thresholds are drawn in the unit") {
  const Input input = in_scale(csv(study(true)), SizeScale::state_bytes);
  const Findings findings = fit_everything(input, against_standard);
  const Figures all = figures(input, findings);
  const Json map = to_json(all.groups[0].maps[0]);
  CHECK(map["columns"][0]["panels"][0]["y"]["ticks"].size() == 8);
  CHECK(map["columns"][0]["panels"][0]["y"]["ticks"][0]["words"] == "8");
  CHECK(all.groups[0].thresholds.title == "Threshold state bytes");
  const Axis& y = all.groups[0].thresholds.columns[0].panels[0].y;
  CHECK(y.title == "state bytes needed, logarithmic");
  CHECK(y.high > 4 * 1024 * 1024);
}

TEST_CASE("a size that is not known, not one or not growing is refused by name") {
  const Input input = csv(study());
  CHECK_THROWS_WITH(in_scale(input, SizeScale::parameters),
                    Catch::Contains("does not know the column 'parameters'"));
  CHECK_THROWS_WITH(in_scale(csv(study(false, "32 64")), SizeScale::state_bytes),
                    Catch::Contains("state_bytes is missing") &&
                        Catch::Contains("lis linear length 32 hidden 64"));
  const std::string head = "task,architecture,length,hidden,seeds,solved,state_bytes\n";
  CHECK_THROWS_WITH(in_scale(csv(head + "lis,linear,16,8,3,0,100\nlis,linear,16,16,3,3,100\n"),
                             SizeScale::state_bytes),
                    Catch::Contains("state_bytes does not grow with the width") &&
                        Catch::Contains("length 16 hidden 16") &&
                        Catch::Contains("more than the 100"));
  CHECK_THROWS_WITH(in_scale(csv(head + "lis,linear,16,8,3,0,100\nlis,other,16,8,3,0,\n"),
                             SizeScale::state_bytes),
                    Catch::Contains("state_bytes is not known") && Catch::Contains("lis other"));
  CHECK_THROWS_WITH(in_scale(csv("task,architecture,length,hidden,seed,accuracy,state_bytes\n"
                                 "lis,linear,16,8,1,0,100\nlis,linear,16,8,2,0,101\n"),
                             SizeScale::state_bytes),
                    Catch::Contains("one cell with two different state_bytes"));
  // A cell that was not run may lack its size.
  CHECK_NOTHROW(in_scale(csv("task,architecture,length,hidden,seed,accuracy,status,state_bytes\n"
                             "lis,linear,16,8,1,0,finished,100\nlis,linear,16,16,1,,skipped,\n"),
                         SizeScale::state_bytes));
}

TEST_CASE("two results are compared cell by cell at their widths, exponents in the unit") {
  // B's models are twice as large at every width, so that no size is in both.
  std::string larger = study(true);
  Input b = csv(larger);
  for (PricedCell& cell : b.prices) cell.state_bytes *= 3;
  const Both<Input> inputs = {in_scale(csv(study(true)), SizeScale::state_bytes),
                              in_scale(b, SizeScale::state_bytes)};
  const Compared compared = compare(inputs, 0.9);
  CHECK(compared.cells == 80);
  CHECK(compared.series[0].cells[0].hidden == 8);
  CHECK(*compared.series[0].difference.delta == Approx(0).margin(1e-6));
  CHECK(compared.surplus[0].empty());
  CHECK(to_json(compared)["scale"] == "state_bytes");
  CHECK(table(compared).find("Exponents of state bytes") != std::string::npos);
}

TEST_CASE("a plan from a pilot tells exponents of the state, from guesses at widths") {
  PlannedFlags flags;
  flags.choices = against_standard;
  flags.scale = SizeScale::state_bytes;
  CHECK_THROWS_WITH(planned(flags),
                    Catch::Contains("a pilot's results with the column state_bytes"));
  const Planned plan = planned(flags, csv(study()));
  CHECK(plan.scenario.widths.front() == 8);
  law::Experiment experiment = experiment_of(plan);
  experiment.studies = 20;
  const law::Power power = law::power_of(experiment);
  CHECK(power.alpha.truth == Approx(2 * plan.scenario.alpha));
  CHECK(power.delta->truth == Approx(2 * plan.scenario.alpha - plan.baseline->alpha - 1));
  CHECK(std::abs(power.alpha.bias) < 0.2);
  CHECK(power_json(plan, power, {})["scale"] == "state_bytes");
  CHECK(power_table(plan, power, {}).find("exponents of the state size") != std::string::npos);
}

}  // namespace
}  // namespace surd::analysis
