#include "analysis/findings/audit.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "analysis/findings/findings.hpp"
#include "analysis/report/audit_output.hpp"
#include "all_text.hpp"
#include "analysis/report/page.hpp"
#include "base/error.hpp"

namespace surd::analysis {
namespace {

using Catch::Matchers::Contains;

// lookup with five lengths, widths in steps of sqrt 2, three seeds and two rates: standard needs
// width 8, linear a quarter of the length, at the second rate. One seed in six is an exception on
// either side, so that the law has something to fit.
Input ran() {
  Input input{.path = "runs/x", .trials = {}, .counted = {}, .notes = {}};
  input.tau = 0.9;
  for (const std::string architecture : {"standard", "linear"}) {
    for (const double length : {16.0, 32.0, 64.0, 128.0, 256.0}) {
      for (const double hidden :
           {2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0, 128.0}) {
        for (int seed = 1; seed <= 3; ++seed) {
          const double needed = (architecture == "linear" ? length / 4 : 8) * (seed == 3 ? 1.3 : 1);
          for (const double rate : {0.01, 0.02}) {
            const double accuracy = rate > 0.015 && hidden >= needed ? 1 : 0.25;
            input.trials.push_back({.id = std::to_string(input.trials.size()),
                                    .task = "lookup",
                                    .architecture = architecture,
                                    .axes = {},
                                    .length = length,
                                    .hidden = hidden,
                                    .seed = seed,
                                    .learning_rate = rate,
                                    .accuracy_validation = accuracy,
                                    .accuracy_test = accuracy});
          }
        }
      }
    }
  }
  return input;
}

// The places of a seed's trials.
std::vector<std::size_t> seed_of(const Input& input, const std::string& architecture, double length,
                                 double hidden, int seed) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < input.trials.size(); ++i) {
    const law::Trial& trial = input.trials[i];
    if (trial.architecture == architecture && trial.length == length && trial.hidden == hidden &&
        trial.seed == seed)
      places.push_back(i);
  }
  return places;
}

void train_anew(Input& input, const std::vector<std::size_t>& places, double accuracy) {
  for (const std::size_t place : places)
    input.audited.push_back({input.trials[place].id, law::Status::finished, accuracy, accuracy});
}

const AuditedSeries& of(const Audit& audit, const std::string& architecture) {
  for (const AuditedSeries& one : audit.series) {
    if (one.series.architecture == architecture) return one;
  }
  throw Error("no such series");
}

}  // namespace

TEST_CASE("without an audit nothing is said of one") {
  const Input input = ran();
  const Findings findings = fit_everything(input, {});
  CHECK_FALSE(findings.audit);
  CHECK_FALSE(to_json(findings)["sensitivity"].contains("audit"));
  CHECK(all_text(findings).find("audit") == std::string::npos);
  CHECK(page(input, findings, figures(input, findings), {}).find("<h2>Budget audit") ==
        std::string::npos);
}

TEST_CASE("an audit that solves nothing shifts nothing and warns of nothing") {
  Input input = ran();
  for (int seed = 1; seed <= 3; ++seed)
    train_anew(input, seed_of(input, "linear", 64, 4, seed), 0.5);
  const Findings findings = fit_everything(input, {});
  REQUIRE(findings.audit);
  const AuditedSeries& linear = of(*findings.audit, "linear");
  CHECK(linear.counts.seeds == 3);
  CHECK(linear.counts.solved == 0);
  CHECK(linear.counts.trials == 6);
  CHECK(linear.shift == 0);
  CHECK(of(*findings.audit, "standard").counts.seeds == 0);
  CHECK_FALSE(of(*findings.audit, "standard").counts.share());
  // Width 4 is a quarter of what the length needs: it says nothing about the threshold.
  CHECK(linear.counts.unsolved_near > 4);
  CHECK(linear.counts.seeds_near == 0);
  const auto sentences = sentences_of(*findings.audit);
  REQUIRE(sentences.size() == 1);
  CHECK_THAT(sentences[0], Contains("too few unsolved seeds near the threshold anew to tell") &&
                               Contains("lookup linear (0 of "));
  CHECK(findings.fits.at(0).doubts.empty());
  int unsolved = 0;
  for (const Finding& finding : findings.fits) {
    for (const law::Cell& cell : finding.series.cells) unsolved += cell.seeds - cell.solved;
  }
  CHECK(findings.audit->all.unsolved == unsolved);
}

TEST_CASE(
    "an audit that solves many seeds says that the budget limits, and how far the exponent "
    "shifts") {
  Input input = ran();
  for (int seed = 1; seed <= 3; ++seed) {
    train_anew(input, seed_of(input, "linear", 256, 32, seed), 1);
    train_anew(input, seed_of(input, "linear", 256, 48, seed), 1);
    train_anew(input, seed_of(input, "standard", 64, 2, seed), 0.25);
  }
  const Findings findings = fit_everything(input, {});
  const AuditedSeries& linear = of(*findings.audit, "linear");
  CHECK(linear.counts.seeds == 6);
  CHECK(linear.counts.solved == 6);
  CHECK(linear.counts.trials_solved == 12);
  REQUIRE(linear.shift);
  CHECK(*linear.shift < -0.05);  // the longest length now needs less
  CHECK_THAT(linear.warning, Contains("the budget, not the width, limits: with twice the steps 6 "
                                      "of 6 unsolved seeds near the threshold are solved"));
  CHECK(linear.counts.seeds_near == 6);
  CHECK(linear.counts.solved_near == 6);
  // Nothing is known of the other lengths, but that the longest needs less.
  REQUIRE(linear.shift_all);
  CHECK(linear.shift_all->mean < -0.1);
  CHECK(linear.shift_all->low < linear.shift_all->mean);
  for (const Finding& finding : findings.fits) {
    if (finding.series.architecture != "linear") continue;
    CHECK_THAT(
        finding.judgement.words,
        Contains("; but the budget audit solves 6 of 6 unsolved seeds with twice the steps"));
    CHECK(finding.judgement.verdict != law::Verdict::sqrt);
  }
  CHECK(of(*findings.audit, "standard").warning.empty());
  CHECK(findings.audit->warning.empty());  // the series' own says it
  CHECK(findings.audit->all.seeds == 9);

  // As if the trials had had these results from the start.
  Input instead = input;
  for (const Audited& one : input.audited) {
    law::Trial& trial = instead.trials[std::stoul(one.id)];
    trial.accuracy_validation = trial.accuracy_test = one.accuracy_test;
  }
  instead.audited.clear();
  for (const Finding& finding : fit_everything(instead, {}).fits) {
    if (finding.series.architecture == "linear") CHECK(finding.fit.alpha == linear.fit.alpha);
  }

  const Json json = to_json(findings)["sensitivity"]["audit"];
  CHECK(json["seeds_audited"] == 9);
  CHECK(json["seeds_solved"] == 6);
  CHECK(json["series"][0]["architecture"] == "linear");
  CHECK(json["series"][0]["shift"] == *linear.shift);
  CHECK(json["series"][0]["share"] == 1);
  CHECK(json["series"][0]["share_low"].get<double>() == Approx(std::pow(0.025, 1.0 / 6)));
  CHECK(json["series"][0]["shift_all"] == linear.shift_all->mean);
  CHECK(json["series"][0]["shift_all_low"] == linear.shift_all->low);
  CHECK(json["seeds_audited_near"] == 6);
  CHECK(json["seeds_solved_near"] == 6);
  CHECK(json["warnings"].size() == 2);  // and that it says little of the baseline
  CHECK_THAT(all_text(findings), Contains("Budget audit") && Contains("trained anew") &&
                                     Contains("lookup linear: the budget, not the width"));
  CHECK_THAT(to_text(findings, Detail::main),
             Contains("\n  budget audit: lookup linear: the budget, not the width") &&
                 !Contains("trained anew with twice the steps:\n"));
  const std::string html = page(input, findings, figures(input, findings), {});
  CHECK_THAT(html,
             Contains("<h2>Budget audit</h2>") &&
                 Contains("<p class=\"warning\">Budget audit: the budget, not the width, limits"));
}

TEST_CASE(
    "a seed counts as its best learning rate by validation, and only where all its finished trials "
    "are trained anew") {
  Input input = ran();
  const auto one = seed_of(input, "linear", 64, 8, 1);
  // The solved rate has the lower validation accuracy: it is not the seed's.
  input.audited.push_back({input.trials[one[0]].id, law::Status::finished, 0.95, 0.85});
  input.audited.push_back({input.trials[one[1]].id, law::Status::finished, 0.93, 0.93});
  // Of the next seed one rate has no result yet, of the third one diverged before and the other
  // does so now.
  const auto two = seed_of(input, "linear", 64, 8, 2);
  input.audited.push_back({input.trials[two[0]].id, law::Status::finished, 1, 1});
  input.audited.push_back({input.trials[two[1]].id, law::Status::missing, NAN, NAN});
  const auto three = seed_of(input, "linear", 64, 8, 3);
  input.trials[three[0]].status = law::Status::diverged;
  input.audited.push_back({input.trials[three[1]].id, law::Status::diverged, 0, 0});
  const Findings findings = fit_everything(input, {});
  const AuditCounts& counts = of(*findings.audit, "linear").counts;
  CHECK(counts.seeds == 2);
  CHECK(counts.solved == 0);
  CHECK(counts.trials == 4);
  CHECK(counts.trials_solved == 2);
  CHECK(of(*findings.audit, "linear").shift == 0);
  CHECK(findings.audit->left == 1);
  CHECK_THAT(sentences_of(*findings.audit).back(), Contains("not finished: 1 of its trials"));
}

TEST_CASE("an audit judges seeds as the fit does, by the learning rates that all cells share") {
  Input input = ran();
  // A rate that only this cell was run with solves one seed, and is missing for another.
  const auto solved_beside = seed_of(input, "linear", 64, 8, 1);
  const auto lacks_it = seed_of(input, "linear", 64, 8, 2);
  law::Trial further = input.trials[solved_beside[0]];
  further.id = "further";
  further.learning_rate = 0.04;
  further.accuracy_validation = further.accuracy_test = 1;
  input.trials.push_back(further);
  further.id = "missing";
  further.seed = 2;
  further.status = law::Status::missing;
  input.trials.push_back(further);
  train_anew(input, solved_beside, 1);
  train_anew(input, lacks_it, 0.25);
  const Findings findings = fit_everything(input, {});
  int unsolved = 0;
  for (const Finding& finding : findings.fits) {
    for (const law::Cell& cell : finding.series.cells) unsolved += cell.seeds - cell.solved;
  }
  CHECK(findings.audit->all.unsolved == unsolved);
  CHECK(findings.audit->all.seeds == 2);
  CHECK(findings.audit->all.solved == 1);
}

TEST_CASE("where no series shows it alone, all together may") {
  Input input = ran();
  for (const char* architecture : {"standard", "linear"}) {
    for (const double hidden : {2, 3}) {
      for (int seed = 1; seed <= 3; ++seed)
        train_anew(input, seed_of(input, architecture, 256, hidden, seed), seed == 1 ? 1 : 0.25);
    }
  }
  const Findings findings = fit_everything(input, {});
  for (const AuditedSeries& one : findings.audit->series) {
    CHECK(one.counts.share()->low == Approx(0.04327).epsilon(1e-3));  // 2 of 6
    CHECK(one.warning.empty());
  }
  CHECK_THAT(
      sentences_of(*findings.audit).at(0),
      Contains("all together: the budget, not the width, limits: with twice the steps 4 of 12"));
}

TEST_CASE("another tau than the study's is noted") {
  Input input = ran();
  train_anew(input, seed_of(input, "linear", 64, 4, 1), 0.5);
  Choices choices;
  choices.tau = 0.2;
  const Findings findings = fit_everything(input, choices);
  CHECK(findings.audit->all.seeds == 0);  // no seed is unsolved
  CHECK_THAT(findings.notes.back(),
             Contains("unsolved at the study's test accuracy 0.9, and is judged at 0.2"));
}

}  // namespace surd::analysis
