#include "analysis/findings/findings.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "analysis/input/csv.hpp"
#include "analysis/report/fit_output.hpp"
#include "analysis/input/source.hpp"
#include "analysis/support.hpp"
#include "base/error.hpp"
#include "all_text.hpp"

namespace surd::analysis {
namespace {

using test::data;
using test::finding;

// paper.md: slopes of the interpolated 50 % width are .56-.59 for linear and .27-.40 for standard.
TEST_CASE(
    "Figure 1: linear grows faster than standard in every task, and where nothing is solved words "
    "stand for numbers") {
  const Findings findings = fit_everything(read_input(data / "figure1.csv"), {});
  REQUIRE(findings.fits.size() == 9);
  for (const std::string task : {"arithmetic", "edit_distance", "lis"}) {
    CAPTURE(task);
    const auto& linear = finding(findings, task, "linear").fit;
    const auto& standard = finding(findings, task, "standard").fit;
    REQUIRE(linear.alpha);
    REQUIRE(standard.alpha);
    CHECK(*linear.alpha > *standard.alpha);
    CHECK(linear.interval.contains(0.57));
  }
  const Finding& none = finding(findings, "lis", "sparse");
  CHECK_FALSE(none.fit.alpha);
  CHECK(none.judgement.verdict == law::Verdict::inconclusive);
  CHECK(none.judgement.words.find(
            "no width up to 1024 solves lengths 83, 223, 352, 502; run larger widths") !=
        std::string::npos);
  CHECK(findings.contrasts.size() == 6);
}

TEST_CASE(
    "the JSON has the keys of the contract, null for open ends and missing numbers, and a reason "
    "then") {
  const Json json = to_json(fit_everything(read_input(data / "figure1.csv"), {}));
  CHECK(json["format_version"] == 1);
  for (const Json& fit : json["fits"]) {
    for (const char* key : {"task", "architecture", "lengths", "alpha", "alpha_low", "alpha_high",
                            "alpha_low_unwidened", "alpha_high_unwidened", "threshold", "kappa",
                            "lapse", "log_likelihood", "lack_of_fit", "lack_of_fit_df",
                            "dispersion", "critical_value", "verdict"}) {
      CAPTURE(key);
      CHECK(fit.contains(key));
    }
    CHECK(fit["lengths"].size() == 4);
    CHECK(fit["alpha"].is_null() == fit.contains("reason"));
  }
  CHECK(json["fits"][4]["task"] == "edit_distance");
  CHECK(json["fits"][4]["architecture"] == "sparse");
  CHECK(json["fits"][4]["alpha"].is_number());
  CHECK(json["fits"][4]["alpha_high"].is_null());
  for (const Json& contrast : json["contrasts"]) {
    for (const char* key :
         {"task", "architecture", "baseline", "delta_alpha", "delta_low", "delta_high"})
      CHECK(contrast.contains(key));
    CHECK(contrast["baseline"] == "standard");
  }
  CHECK(json["unused"].is_array());
}

TEST_CASE("the CSV has one row a fit and as many fields in each") {
  const Table table = [] {
    const std::string text = to_csv(fit_everything(read_input(data / "figure1.csv"), {}));
    return parse_csv(text, "fits.csv");
  }();
  CHECK(table.rows.size() == 9);
  CHECK(table.header[4].text == "alpha");
  CHECK(table.rows[0][3].text == "87 221 355 505");
}

TEST_CASE("a baseline of another name: nothing is compared, and the nearest name is told") {
  Choices choices;
  choices.baseline = "standart";
  const Findings findings = fit_everything(read_input(data / "figure1.csv"), choices);
  CHECK(findings.contrasts.empty());
  CHECK(findings.notes.back().find("Did you mean --baseline standard?") != std::string::npos);
}

TEST_CASE(
    "without a choice the first architecture of a file is the baseline, and the text says so") {
  const std::string rows =
      "t,sparse,16,8,3,0\nt,sparse,16,16,3,3\nt,sparse,32,16,3,0\nt,sparse,32,32,3,3\n"
      "t,linear,16,8,3,0\nt,linear,16,16,3,3\nt,linear,32,8,3,0\nt,linear,32,16,3,3\n";
  const Input input =
      input_from_csv(parse_csv("task,architecture,length,hidden,seeds,solved\n" + rows, "a.csv"));
  const Findings findings = fit_everything(input, {});
  CHECK(findings.settings.baseline == "sparse");
  REQUIRE(findings.contrasts.size() == 1);
  CHECK(findings.contrasts[0].architecture == "linear");
  CHECK(findings.notes.empty());
  CHECK(to_text(findings, Detail::main).find("\nAgainst the baseline, sparse: ") !=
        std::string::npos);
  // Its threshold stays where that of sparse doubles: about half of that width is needed at 32.
  const law::WidthRatio& widths = findings.contrasts[0].widths;
  CHECK(widths.length == 32);
  CHECK(*widths.ratio == Approx(0.5).epsilon(0.1));
  const Json contrast = to_json(findings)["contrasts"][0];
  CHECK(contrast["width_ratio"] == *widths.ratio);
  CHECK(contrast["width_ratio_length"] == 32);
  CHECK(contrast["width_ratio_low"].is_null() == !widths.interval.low.has_value());
  CHECK(fit_everything(input, {.baseline = "linear"}).contrasts[0].architecture == "sparse");
}

TEST_CASE("what is left out of the short text is told in its notes") {
  const Findings findings = fit_everything(read_input(data / "quickstart.csv"), {});
  const std::string text = to_text(findings, Detail::main);
  CHECK(text.find("Sensitivity:") == std::string::npos);
  CHECK(text.find("  2 other choices of test accuracy or learning rate would change") !=
        std::string::npos);
  CHECK(text.find("  168 trials not used: --verbose says why\n") != std::string::npos);
  CHECK(all_text(findings).find("not used: --verbose") == std::string::npos);
  CHECK(text.find("open: ") == std::string::npos);
  // The interval of edit_distance sparse is open above.
  CHECK(to_text(fit_everything(read_input("figure1"), {}), Detail::main)
            .find("\n  open: no value on that side") != std::string::npos);
}

Findings of_csv(const std::string& text) {
  return fit_what_there_is(input_from_csv(parse_csv(text, "a.csv")), {});
}

TEST_CASE(
    "where the baseline was run at other axes, or not in the task, a note says that nothing is "
    "compared") {
  const Findings findings = of_csv(
      "task,architecture,model.layers,length,hidden,seeds,solved\n"
      "t,standard,1,16,8,3,0\nt,standard,1,16,16,3,3\nt,linear,2,16,8,3,0\nt,linear,2,16,16,3,3\nt,"
      "sparse,1,16,16,3,3\nu,linear,1,16,16,3,3\n");
  CHECK(findings.contrasts.size() == 1);
  const std::string start =
      "not compared with standard, which was not run with the same task and further axes: ";
  REQUIRE_FALSE(findings.notes.empty());
  CHECK(findings.notes.back() == start + "t linear (model.layers=2); u linear (model.layers=1)");
}

TEST_CASE(
    "architectures without a learning rate in common: words and advice say so, and are the same "
    "for table and report") {
  const std::string text =
      "task,architecture,length,hidden,seed,learning_rate,accuracy_validation,accuracy_test\n"
      "t,standard,16,8,1,0.01,0.3,0.3\nt,standard,16,16,1,0.01,0.3,0.3\nt,linear,16,8,1,0.1,0.3,0."
      "3\n";
  const Findings findings = of_csv(text);
  REQUIRE(findings.notes.size() == 1);
  CHECK(findings.notes[0] ==
        "t: no learning rate was run in all cells (linear {0.1}; standard {0.01}), so no seed can "
        "be used");
  const std::string advice =
      "the architectures or cells of this task share no learning rate; run all with the same ones";
  for (const Finding& one : findings.fits) CHECK(one.judgement.words == "no exponent: " + advice);
  REQUIRE(findings.contrasts.size() == 1);
  CHECK(findings.contrasts[0].contrast.reason == advice);
  REQUIRE(findings.unused.size() == 3);
  CHECK(findings.unused[0].reason == "no learning rate was run in all cells of the task");
  CHECK_THROWS_WITH(fit_everything(input_from_csv(parse_csv(text, "a.csv")), {}),
                    Catch::Contains("no learning rate was run in all cells of the task") &&
                        Catch::Contains("with the same learning rates") &&
                        !Catch::Contains("finish it"));
}

TEST_CASE("lengths that bound their threshold on one side only are named beside the exponent") {
  const Findings findings = of_csv(
      "task,architecture,length,hidden,seeds,solved\n"
      "t,standard,8,8,3,3\nt,standard,8,16,3,3\nt,standard,16,8,3,0\nt,standard,16,16,3,3\nt,"
      "standard,32,16,3,0\nt,standard,32,32,3,3\n"
      "t,standard,64,16,3,0\nt,standard,64,32,3,0\n");
  REQUIRE(findings.fits[0].fit.alpha);
  REQUIRE(findings.notes.size() == 1);
  CHECK(findings.notes[0] ==
        "t standard: not every length brackets its threshold: no width up to 32 solves length 64; "
        "run larger widths, more steps or other learning "
        "rates there; every width from 8 solves length 8; run smaller widths there, or longer "
        "lengths");
}

TEST_CASE("the table says once what holds for several") {
  const std::string text = all_text(
      of_csv("task,architecture,length,hidden,seeds,solved\nt,linear,16,8,3,0\nt,sparse,16,"
             "8,3,0\nt,standard,16,16,3,3\n"));
  CHECK(text.find("  t linear, t sparse: no exponent: no seed is solved") != std::string::npos);
  CHECK(text.find("  t standard: no exponent: every seed is solved") != std::string::npos);
}

TEST_CASE("tau decides what is solved") {
  Choices choices;
  choices.tau = 0.35;
  const Findings low = fit_everything(read_input(data / "figure1.csv"), choices);
  choices.tau = 0.98;
  const Findings high = fit_everything(read_input(data / "figure1.csv"), choices);
  CHECK(*finding(low, "arithmetic", "standard").fit.threshold <
        *finding(high, "arithmetic", "standard").fit.threshold);
}

TEST_CASE("an input without one usable seed is refused with the first reason") {
  Input input;
  input.path = "x.csv";
  law::Trial trial;
  trial.id = "t";
  trial.task = "lookup";
  trial.architecture = "linear";
  trial.length = 16;
  trial.hidden = 8;
  trial.status = law::Status::missing;
  input.trials = {trial};
  CHECK_THROWS_WITH(fit_everything(input, {}), Catch::Contains("not one seed can be used") &&
                                                   Catch::Contains("missing: not run yet"));
}

TEST_CASE("the table names skipped and missing trials by reason and number, not one by one") {
  Input input;
  for (int length : {16, 32, 64}) {
    for (int hidden : {4, 8, 16, 32}) {
      for (int seed = 1; seed <= 2; ++seed) {
        law::Trial trial;
        trial.id = fmt::format("t{}", input.trials.size());
        trial.task = "lookup";
        trial.architecture = "standard";
        trial.length = length;
        trial.hidden = hidden;
        trial.seed = seed;
        trial.accuracy_validation = trial.accuracy_test = hidden * 8 > length ? 1 : 0;
        if (hidden == 32) trial.status = law::Status::skipped;
        if (hidden == 16 && length == 64 && seed == 1) trial.status = law::Status::missing;
        input.trials.push_back(trial);
      }
    }
  }
  const Findings findings = fit_everything(input, {});
  const std::string text = all_text(findings);
  CHECK(text.find("Trials not used: 7") != std::string::npos);
  CHECK(text.find("  1  missing: not run yet") != std::string::npos);
  CHECK(text.find("  6  skipped: the design did not ask") != std::string::npos);
  CHECK(to_json(findings)["unused"].size() == 7);
}

TEST_CASE("under --json every trial that is not used stands with its reason") {
  const std::string text =
      "id,task,architecture,length,hidden,seed,learning_rate,accuracy_validation,accuracy_test,"
      "status\n"
      "used1,t,standard,16,8,1,0.01,0.2,0.2,finished\nused2,t,standard,16,8,1,0.02,0.3,0.3,"
      "finished\n"
      "gone,t,standard,16,8,2,0.01,,,failed\ncensored,t,standard,16,8,2,0.02,0.3,0.3,finished\n"
      "later,t,standard,16,8,3,0.01,,,missing\nused3,t,standard,16,8,3,0.02,0.95,0.95,finished\n"
      "odd,t,standard,16,8,1,0.04,0.3,0.3,finished\nempty,t,standard,16,8,4,0.01,,,finished\n"
      "lone,t,standard,16,8,4,0.02,0.3,0.3,finished\n"
      "used4,t,standard,32,8,1,0.01,0.2,0.2,finished\nused5,t,standard,32,8,1,0.02,,,diverged\n"
      "wide1,t,standard,32,64,1,0.01,,,skipped\nwide2,t,standard,32,64,1,0.02,,,skipped\n";
  const Json unused = to_json(of_csv(text))["unused"];
  std::vector<std::string> found;
  for (const Json& one : unused)
    found.push_back(
        fmt::format("{}: {}", one["id"].get<std::string>(), one["reason"].get<std::string>()));
  const std::vector<std::string> expected = {
      "censored: censored seed: not solved, and another of its learning rates has no result",
      "lone: censored seed: not solved, and another of its learning rates has no result",
      "gone: failed",
      "empty: missing: not run yet",
      "later: missing: not run yet",
      "odd: outside the common learning rates {0.01, 0.02}",
      "wide1: skipped: the design did not ask for it",
      "wide2: skipped: the design did not ask for it"};
  CHECK(found == expected);
}

TEST_CASE("data that cannot be fitted get a sentence that says what to run next, and no number") {
  const Findings findings = of_csv(
      "task,architecture,length,hidden,seeds,solved\nall,standard,16,8,3,3\nall,standard,32,8,3,"
      "3\nnone,standard,16,8,3,0\nnone,standard,32,8,3,0\n"
      "one,standard,16,8,3,0\none,standard,16,16,3,3\n");
  const std::string text = all_text(findings);
  CHECK(text.find("all standard: no exponent: every seed is solved: every width from 8 solves "
                  "lengths 16, 32; run smaller widths there") != std::string::npos);
  CHECK(text.find("none standard: no exponent: no seed is solved: no width up to 8 solves lengths "
                  "16, 32; run larger widths") != std::string::npos);
  CHECK(text.find("one standard: no exponent: an exponent needs two lengths: only length 16 was "
                  "run; run at least two more") != std::string::npos);
  const Json json = to_json(findings);
  for (const Json& fit : json["fits"]) {
    CHECK(fit["alpha"].is_null());
    CHECK(fit["alpha_low"].is_null());
    CHECK(fit["reason"].get<std::string>().find("run ") != std::string::npos);
  }
}

TEST_CASE("the input's kind is told by its content, and what is not there is said") {
  CHECK(read_input(data / "reference_counts.csv").counted.size() == 40);
  CHECK_THROWS_WITH(read_input(data / "no-such-file.csv"),
                    Catch::Contains("there is no such file or folder"));
  CHECK_THROWS_WITH(read_input(data), Catch::Contains("this is no run folder"));
}

}  // namespace
}  // namespace surd::analysis
