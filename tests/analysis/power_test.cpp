#include "analysis/report/power_output.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "analysis/findings/findings.hpp"
#include "analysis/input/csv.hpp"
#include "analysis/input/source.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "folder.hpp"

namespace surd::analysis {
namespace {

TEST_CASE("lists are given by commas, by doublings or by a factor") {
  CHECK(list_of("16,32,100", "--lengths") == std::vector<double>{16, 32, 100});
  CHECK(list_of("64", "--lengths") == std::vector<double>{64});
  CHECK(list_of("8..64", "--widths") == std::vector<double>{8, 16, 32, 64});
  CHECK(list_of("8..33*1.4142", "--widths") == std::vector<double>{8, 11, 16, 23, 32});
  for (const char* bad : {"", "16,,32", "16,8", "16,16", "a", "8..", "8..4", "8..64*1", "-8,16",
                          "0", "8..64*x", "1..1e300*1.0011"}) {
    CAPTURE(bad);
    CHECK_THROWS_WITH(list_of(bad, "--widths"), Catch::Contains("--widths"));
  }
}

TEST_CASE("a plan has defaults, and flags win") {
  const Planned plain = planned({});
  CHECK(plain.scenario.threshold == Approx(std::sqrt(8 * 1024.0)));
  REQUIRE(plain.baseline);
  CHECK(plain.baseline->alpha == 0);
  CHECK(plain.baseline->threshold == plain.scenario.threshold);
  PlannedFlags flags;
  flags.lengths = "16,64";
  flags.widths = "4..16";
  flags.seeds = 7;
  flags.lapse = 0.1;
  flags.no_baseline = true;
  const Planned other = planned(flags);
  CHECK(other.scenario.seeds == 7);
  CHECK(other.scenario.threshold == Approx(8));
  CHECK(other.scenario.lapse_longest == 0.1);
  CHECK_FALSE(other.baseline);
}

class Pilot {
 public:
  Input read(const std::string& text) {
    write_file_atomically(folder_ / "pilot.csv", text);
    return read_input(folder_ / "pilot.csv");
  }

 private:
  test::Folder folder_;
};

TEST_CASE("a pilot gives grid and guesses, and its law holds at other lengths") {
  Planned truth = planned({});
  truth.scenario.seeds = truth.baseline->seeds = 40;
  Pilot pilot;
  PlannedFlags flags;
  const Input input = pilot.read(simulated_csv(truth, 3, true));
  const Planned found = planned(flags, input);
  CHECK(found.scenario.lengths == truth.scenario.lengths);
  CHECK(found.scenario.widths == truth.scenario.widths);
  CHECK(found.scenario.seeds == 40);
  CHECK(found.scenario.alpha == Approx(0.5).margin(0.1));
  CHECK(found.scenario.threshold == Approx(truth.scenario.threshold).epsilon(0.15));
  CHECK(found.scenario.lapse_shortest == Approx(0.05).margin(0.03));
  CHECK(found.baseline->alpha == Approx(0).margin(0.1));
  flags.lengths = "64..1024";  // the geometric mean is 256 instead of 64
  CHECK(planned(flags, input).scenario.threshold ==
        Approx(found.scenario.threshold * std::pow(4.0, found.scenario.alpha)));
  flags.architecture = "standard";
  CHECK(planned(flags, input).scenario.alpha == found.baseline->alpha);
  flags.architecture = "sparse";
  CHECK_THROWS_WITH(planned(flags, input), Catch::Contains("simulated efficient"));
  flags.architecture.clear();
  flags.lapse_longest = 0.3;
  CHECK(planned(flags, input).baseline->lapse_longest == 0.3);
}

TEST_CASE("a baseline that was run at other lengths is guessed at those of the plan") {
  Planned truth = planned({});
  truth.scenario.seeds = 40;
  truth.baseline->seeds = 40;
  truth.baseline->alpha = 0.5;
  truth.baseline->lengths = {64, 128, 256, 512,
                             1024};  // the same width at 256 as the curve's at 64
  Pilot pilot;
  PlannedFlags flags;
  const Input input = pilot.read(simulated_csv(truth, 3, true));
  const Planned found = planned(flags, input);
  CHECK(found.baseline->lengths == found.scenario.lengths);
  CHECK(found.baseline->threshold == Approx(truth.baseline->threshold / 2).epsilon(0.2));
}

TEST_CASE("a pilot with the baseline alone is taken as the curve") {
  Planned truth = planned({});
  std::string csv = simulated_csv(truth, 3, true);
  csv.erase(csv.find("simulated,efficient"));  // the baseline's rows come first
  Pilot pilot;
  PlannedFlags flags;
  const Input input = pilot.read(csv);
  CHECK(planned(flags, input).scenario.lengths == truth.scenario.lengths);
}

TEST_CASE("a pilot without an exponent cannot guide") {
  Pilot pilot;
  PlannedFlags flags;
  const Input input = pilot.read(
      "task,architecture,length,hidden,seeds,solved\nlis,linear,16,8,3,0\nlis,linear,32,8,3,0\n");
  CHECK_THROWS_WITH(planned(flags, input), Catch::Contains("no exponent to guess from") &&
                                               Catch::Contains("no seed is solved"));
}

TEST_CASE(
    "a simulated study is a file that is fitted, counted or seed by seed, and a pure function of "
    "its seed") {
  const Planned plan = planned({});
  CHECK(simulated_csv(plan, 5, false) == simulated_csv(plan, 5, false));
  CHECK(simulated_csv(plan, 5, false) != simulated_csv(plan, 6, false));
  const Findings by_seed =
      fit_everything(input_from_csv(parse_csv(simulated_csv(plan, 5, false), "a.csv")), {});
  const Findings counted =
      fit_everything(input_from_csv(parse_csv(simulated_csv(plan, 5, true), "b.csv")), {});
  REQUIRE(by_seed.fits.size() == 2);
  CHECK(by_seed.fits[0].series.architecture == "efficient");
  // The draws of the accuracies come between those of the cells only after a whole curve: the first
  // curve's outcomes are the same.
  CHECK(*by_seed.fits[0].fit.alpha == *counted.fits[0].fit.alpha);
  CHECK(by_seed.settings.baseline == "standard");
  CHECK(by_seed.contrasts.size() == 1);
}

TEST_CASE(
    "the table and the JSON of a plan tell interval, verdicts and the seeds that are needed") {
  Planned plan = planned({});
  law::Experiment experiment;
  experiment.scenario = plan.scenario;
  experiment.baseline = plan.baseline;
  experiment.studies = 30;
  const law::Power power = law::power_of(experiment);
  const Json json = power_json(plan, power, HalfWidth{0.1, 64, 20});
  CHECK(json["alpha"]["half_width"].get<double>() == power.alpha.half_width);
  CHECK(json["delta_alpha"]["truth"] == 0.5);
  CHECK(json["verdicts"].size() == 4);
  CHECK(json["half_width"]["seeds"] == 20);
  const std::string text = power_table(plan, power, HalfWidth{0.1, 64, std::nullopt});
  CHECK(text.find("Study:    lengths 16, 32, 64, 128, 256; widths 8, 16") != std::string::npos);
  CHECK(text.find("delta alpha") != std::string::npos);
  CHECK(text.find("inconclusive") != std::string::npos);
  CHECK(text.find("lies outside") == std::string::npos);
  plan.scenario.alpha = 2;
  CHECK(description(plan).find("outside the widths at lengths 16, 256: plan other widths there") !=
        std::string::npos);
  CHECK(text.find("is not reached by 64 seeds a cell: run six lengths or more") !=
        std::string::npos);
}

}  // namespace
}  // namespace surd::analysis
