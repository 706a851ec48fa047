#include "analysis/findings/sensitivity.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <optional>

#include "analysis/input/csv.hpp"
#include "analysis/findings/findings.hpp"
#include "all_text.hpp"
#include "analysis/report/sensitivity_output.hpp"
#include "analysis/input/source.hpp"

namespace surd::analysis {
namespace {

// Two learning rates: the second needs twice the width, and its best validation accuracy wins only
// where the first fails. Half of the solved seeds reach .95 only.
Input two_rates() {
  Input input{.path = "two", .trials = {}, .counted = {}, .notes = {}};
  for (const char* architecture : {"standard", "linear"}) {
    for (const double length : {16, 32, 64, 128}) {
      for (const double hidden : {4, 8, 16, 32, 64, 128}) {
        for (int seed = 1; seed <= 2; ++seed) {
          for (const double rate : {0.01, 0.02}) {
            const double needed =
                std::string_view(architecture) == "standard" ? 12 : std::sqrt(length) * 2.5;
            const double accuracy = hidden >= needed * (rate > 0.015 ? 2 : 1)
                                        ? (seed == 1 ? 0.95 : 1)
                                        : (hidden >= needed / 2 ? 0.6 : 0.2);
            law::Trial trial;
            trial.id = std::to_string(input.trials.size());
            trial.task = "lookup";
            trial.architecture = architecture;
            trial.length = length;
            trial.hidden = hidden;
            trial.seed = seed;
            trial.learning_rate = rate;
            trial.accuracy_validation = trial.accuracy_test = accuracy;
            input.trials.push_back(trial);
          }
        }
      }
    }
  }
  return input;
}

Input at_rate(Input input, double rate) {
  std::erase_if(input.trials, [&](const law::Trial& trial) { return trial.learning_rate != rate; });
  return input;
}

void check_same(const Otherwise& one, const Findings& expected, std::size_t place) {
  CHECK(one.alpha == expected.fits[place].fit.alpha);
  CHECK(one.interval.low == expected.fits[place].fit.interval.low);
  CHECK(one.interval.high == expected.fits[place].fit.interval.high);
  CHECK(one.verdict == expected.fits[place].judgement.verdict);
  std::optional<double> delta;
  for (const Comparison& comparison : expected.contrasts) {
    if (comparison.task == expected.fits[place].series.task &&
        comparison.architecture == expected.fits[place].series.architecture) {
      delta = comparison.contrast.delta;
      if (delta) {
        CHECK(one.delta_interval.low == comparison.contrast.interval.low);
        CHECK(one.delta_interval.high == comparison.contrast.interval.high);
      }
    }
  }
  CHECK(one.delta == delta);
}

TEST_CASE(
    "at another tau the sensitivity has what a fit at that tau has, at the findings' own too") {
  const Input input = read_input("figure1");
  Choices choices;
  choices.tau = 0.7;
  const Findings findings = fit_everything(input, choices);
  REQUIRE(findings.sensitivity.series.size() == 9);
  std::size_t k = 0;
  for (const double tau : {0.5, 0.7, 0.9, 0.98}) {
    CAPTURE(tau);
    choices.tau = tau;
    const Findings expected = fit_everything(input, choices);
    for (std::size_t i = 0; i < 9; ++i) {
      const SensitiveSeries& series = findings.sensitivity.series[i];
      CAPTURE(series.name);
      REQUIRE(series.tau.size() == 4);
      CHECK(series.tau[k].choice == tau);
      check_same(series.tau[k], expected, i);
      CHECK(series.learning_rate.empty());  // the figure has one
    }
    ++k;
  }
}

TEST_CASE("with one learning rate the sensitivity has what a fit of its trials alone has") {
  const Input input = two_rates();
  const Findings findings = fit_everything(input, {});
  REQUIRE(findings.sensitivity.series.size() == 2);
  std::size_t k = 0;
  for (const double rate : {0.01, 0.02}) {
    CAPTURE(rate);
    const Findings expected = fit_everything(at_rate(input, rate), {});
    for (std::size_t i = 0; i < 2; ++i) {
      REQUIRE(findings.sensitivity.series[i].learning_rate.size() == 2);
      CHECK(findings.sensitivity.series[i].learning_rate[k].choice == rate);
      check_same(findings.sensitivity.series[i].learning_rate[k], expected, i);
    }
    ++k;
  }
}

TEST_CASE(
    "a choice that puts alpha outside its interval, changes the verdict or takes the exponent away "
    "is a sentence; others are silent") {
  const Findings figure = fit_everything(read_input("figure1"), {});
  const std::vector<std::string> all = sensitivity_sentences(figure);
  REQUIRE(all.size() == 3);
  CHECK(all[0] ==
        "arithmetic sparse at tau 0.5: alpha is 0.81, [0.39, 1.22], outside [-0.02, 0.80]; the "
        "verdict is grows instead of inconclusive");
  CHECK(all[1].find("edit_distance sparse at tau 0.98: there is no exponent, ") == 0);
  CHECK(all[2].find("lis linear at tau 0.98: there is no exponent, ") == 0);
  const Json json = to_json(figure);
  CHECK(json["sensitivity"]["warnings"].size() == 3);
  CHECK(all_text(figure).find(all[0] + "\n") != std::string::npos);
}

TEST_CASE(
    "table and JSON show both choices; a number that is not there is null and has its reason") {
  const Findings findings = fit_everything(two_rates(), {});
  const std::string text = all_text(findings);
  CHECK(text.find("lookup  linear        0.") != std::string::npos);
  CHECK(text.find("tau 0.5") != std::string::npos);
  CHECK(text.find("rate 0.02") != std::string::npos);
  const Json json = to_json(findings)["sensitivity"];
  CHECK(json["tau"].size() == 6);
  REQUIRE(json["learning_rate"].size() == 4);
  CHECK(json["learning_rate"][1]["learning_rate"] == 0.02);
  CHECK(json["learning_rate"][1]["architecture"] == "linear");
  CHECK(json["learning_rate"][1]["delta_alpha"].is_number());
  CHECK(json["learning_rate"][3]["delta_alpha"].is_null());  // the baseline itself
  CHECK_FALSE(json.contains("reason"));
  for (const Json& entry :
       to_json(fit_everything(read_input("figure1"), {}))["sensitivity"]["tau"]) {
    CHECK(entry["alpha"].is_null() == entry.contains("reason"));
  }
}

TEST_CASE("counted seeds have no other choices, which is said") {
  const Input input = input_from_csv(parse_csv(
      "task,architecture,length,hidden,seeds,solved\nt,standard,16,8,3,0\nt,standard,16,16,3,3\n"
      "t,standard,32,8,3,0\nt,standard,32,16,3,3\n",
      "a.csv"));
  const Findings findings = fit_everything(input, {});
  CHECK(findings.sensitivity.series.empty());
  CHECK(all_text(findings).find(
            "Sensitivity to tau and learning rate: none, the input counts seeds as solved") !=
        std::string::npos);
  const Json json = to_json(findings)["sensitivity"];
  CHECK(json["tau"].empty());
  CHECK(json["reason"].get<std::string>().find("counts seeds") != std::string::npos);
}

}  // namespace
}  // namespace surd::analysis
