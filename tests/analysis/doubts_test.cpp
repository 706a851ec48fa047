// Files in which success, or the learning rates, are not what the law takes them to be.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>

#include "all_text.hpp"
#include "analysis/findings/findings.hpp"
#include "analysis/input/source.hpp"
#include "analysis/support.hpp"

namespace surd::analysis {
namespace {

using Catch::Contains;
using test::csv;

Findings of_case(const std::string& name) {
  return fit_what_there_is(read_input(test::data / "cases" / name), {});
}

const std::string& words_of(const Findings& findings) {
  return findings.fits.at(0).judgement.words;
}

TEST_CASE("narrow widths solve and wide ones do not: that is said and no width is said to solve") {
  const Findings findings = of_case("min_decreasing.csv");
  const Finding& one = findings.fits.at(0);
  CHECK_THAT(words_of(findings),
             Contains("success falls again with the width: 18 of 18 seeds fail at widths 32, 64, 0 "
                      "of 18 at narrower ones from the first solved one on (p < .001); run more "
                      "steps or other learning rates at the wide ones"));
  CHECK(one.judgement.verdict != law::Verdict::flat);
  CHECK(one.judgement.verdict != law::Verdict::sqrt);
  const std::string text = all_text(findings);
  CHECK(text.find("every width") == std::string::npos);
  CHECK(text.find("around the threshold") == std::string::npos);
}

TEST_CASE("only middle widths solve: the wide ones that fail are named and flat is not given") {
  const Findings hump = of_case("min_hump.csv");
  CHECK_THAT(words_of(hump), Contains("18 of 18 seeds fail at widths 128, 256"));
  CHECK(hump.fits[0].judgement.verdict == law::Verdict::inconclusive);
  const Findings wider = of_case("nonmono2.csv");
  CHECK_THAT(words_of(wider), Contains("success falls again with the width"));
  CHECK(wider.fits[0].judgement.verdict != law::Verdict::flat);
  CHECK(wider.fits[0].judgement.verdict != law::Verdict::sqrt);
}

TEST_CASE("learning rates that differ by rounding are one: the exponent is that of one spelling") {
  const Findings two = of_case("min_rates.csv");
  std::string text;
  for (const law::Trial& trial : read_input(test::data / "cases/min_rates.csv").trials) {
    text += fmt::format("{},{},{},{},{},0.01,{},{}\n", trial.task, trial.architecture, trial.length,
                        trial.hidden, trial.seed, trial.accuracy_validation, trial.accuracy_test);
  }
  const Findings one = fit_what_there_is(
      csv("task,architecture,length,hidden,seed,learning_rate,accuracy_validation,accuracy_test\n" +
          text),
      {});
  REQUIRE(one.fits[0].fit.alpha);
  CHECK(two.fits[0].fit.alpha == one.fits[0].fit.alpha);
  CHECK(two.fits[0].series.learning_rates == std::vector<double>{.01});
  CHECK(two.notes == one.notes);
  CHECK(two.unused.empty());
}

TEST_CASE("a learning rate of its own for each seed: the cause is named and nothing is fitted") {
  const Findings findings = of_case("lr_per_seed.csv");
  CHECK_FALSE(findings.fits[0].fit.alpha);
  CHECK(findings.fits[0].series.cells.empty());
  CHECK(words_of(findings) ==
        "no exponent: its seeds have learning rates of their own, so none can be used; give all "
        "seeds of the task the same rates, or leave out the column learning_rate");
  REQUIRE_FALSE(findings.notes.empty());
  CHECK_THAT(findings.notes[0],
             Contains("lookup linear: seeds have learning rates of their own (length 16 hidden "
                      "8: seed 1 {0.01}; seed 2 {0.02}; seed 3 {0.03})"));
  CHECK(all_text(findings).find("every seed is solved") == std::string::npos);
  CHECK_THROWS_WITH(fit_everything(read_input(test::data / "cases/lr_per_seed.csv"), {}),
                    Contains("not one seed can be used") &&
                        Contains("learning rates of their own") &&
                        Contains("leave out the column learning_rate"));
}

TEST_CASE("where only solved seeds count and others are censored that is the reason") {
  std::string text =
      "task,architecture,length,hidden,seed,learning_rate,accuracy_validation,accuracy_test,"
      "status\n";
  for (const int length : {16, 32}) {
    for (const int hidden : {8, 16}) {
      const char* accuracy = hidden == 8 ? "0.3,0.3" : "0.99,0.99";
      text += fmt::format("t,a,{0},{1},1,0.01,{2},finished\nt,a,{0},{1},1,0.02,,,failed\n", length,
                          hidden, accuracy);
    }
  }
  const Findings findings = fit_what_there_is(csv(text), {});
  CHECK(findings.fits[0].fit.reason ==
        "all seeds that count are solved, but 2 others do not count (not solved, and another of "
        "its learning rates has no result); run what they lack");
}

TEST_CASE("a lapse above .2 is always noted") {
  std::string text = "task,architecture,length,hidden,seeds,solved\n";
  for (const int length : {16, 32, 64}) {
    for (const int hidden : {8, 16, 32, 64, 128})
      text += fmt::format("t,a,{},{},10,{}\n", length, hidden, hidden > length / 2 ? 6 : 0);
  }
  const Findings findings = fit_what_there_is(csv(text), {});
  REQUIRE(*findings.fits[0].fit.lapse > .2);
  REQUIRE_FALSE(findings.notes.empty());
  CHECK_THAT(findings.notes[0], Contains("t a: lapse 0.") && Contains("whose width suffices"));
}

TEST_CASE("a best learning rate that changes with the length is a doubt that says which way") {
  std::string text = "task,architecture,length,hidden,seed,learning_rate,accuracy\n";
  for (const int length : {16, 32, 64, 128}) {
    for (const int hidden : {8, 16, 32, 64, 128, 256}) {
      for (int seed = 1; seed <= 3; ++seed) {
        for (const double rate : {.005, .01, .02}) {
          const double best = length < 64 ? .01 : .005;
          const bool solves = hidden > length / 2 && rate == best;
          text +=
              fmt::format("t,a,{},{},{},{},{}\n", length, hidden, seed, rate, solves ? 0.99 : 0.2);
        }
      }
    }
  }
  const Findings findings = fit_what_there_is(csv(text), {});
  CHECK_THAT(
      words_of(findings),
      Contains("the best learning rate drifts with the length: 0.01 up to 32, 0.005 from 64 "
               "on (p < .001); large lengths may need rates beyond the set, so that alpha may "
               "be too high; add rates below 0.005"));
}

}  // namespace
}  // namespace surd::analysis
