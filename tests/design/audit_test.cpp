#include "design/audit.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "base/error.hpp"
#include "grid/plan.hpp"
#include "schedule/recorder.hpp"
#include "schedule/simulate.hpp"
#include "schedule/studies.hpp"

using namespace surd;
using namespace surd::design;
using namespace surd::schedule;
using namespace surd::schedule::test;
using Catch::Matchers::Contains;

namespace {

// 2 lengths x 10 widths x 3 seeds x 2 rates; nothing below width 8 is solved, at 8 and above the
// second rate solves.
struct Ran {
  grid::Study study = make_study({.lengths = {16, 32},
                                  .widths = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
                                  .seeds = 3,
                                  .learning_rates = 2});
  Indexed<TrialIndex, spec::TrialResult> results;

  Ran() {
    for (const grid::StudyTrial& entry : study.trials) {
      results.push_back(
          result_of(study.cells[entry.cell].hidden >= 8 && entry.learning_rate > 0.015 ? 1 : 0.25));
    }
  }
  Indexed<TrialIndex, const spec::TrialResult*> pointers() const {
    Indexed<TrialIndex, const spec::TrialResult*> all;
    for (const spec::TrialResult& result : results) all.push_back(&result);
    return all;
  }
  AuditDraw draw(double share) const { return draw_audit(study, pointers(), share); }
};

std::set<std::string> ids_of(const grid::Study& study, const std::vector<TrialIndex>& trials) {
  std::set<std::string> ids;
  for (const TrialIndex trial : trials) ids.insert(study.trials[trial].id.value);
  return ids;
}

}  // namespace

TEST_CASE(
    "an audit draws whole unsolved seeds, at least five, and a larger share the same ones and "
    "more") {
  const Ran ran;
  const AuditDraw all = ran.draw(1);
  CHECK(all.unsolved == 2 * 7 * 3);
  CHECK(all.seeds == all.unsolved);
  CHECK(all.trials.size() == 2 * all.seeds);
  for (const TrialIndex trial : all.trials)
    CHECK(ran.study.cells[ran.study.trials[trial].cell].hidden < 8);

  std::vector<TrialIndex> smaller;
  for (const double share : {0.0001, 0.05, 5.0 / 42, 6.0 / 42, 0.5, 0.9, 1.0}) {
    CAPTURE(share);
    const AuditDraw draw = ran.draw(share);
    CHECK(draw.seeds == std::max<std::size_t>(5, static_cast<std::size_t>(
                                                     std::lround(std::ceil(share * 42 - 1e-6)))));
    CHECK(draw.trials.size() == 2 * draw.seeds);
    CHECK(std::is_sorted(draw.trials.begin(), draw.trials.end()));
    CHECK(std::includes(draw.trials.begin(), draw.trials.end(), smaller.begin(), smaller.end()));
    smaller = draw.trials;
  }
  CHECK(ran.draw(0.2).trials == ran.draw(0.2).trials);
}

TEST_CASE("a draw does not depend on the order of the study") {
  const Ran ran;
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  Ran other = ran;
  std::vector<std::size_t> order(ran.study.trials.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937(seed));
  for (std::size_t i = 0; i < order.size(); ++i) {
    other.study.trials[i] = ran.study.trials[order[i]];
    other.results[i] = ran.results[order[i]];
  }
  CHECK(ids_of(other.study, other.draw(0.3).trials) == ids_of(ran.study, ran.draw(0.3).trials));
}

TEST_CASE("every seed has the same chance to be drawn") {
  Ran ran;
  Indexed<TrialIndex, int> drawn(ran.study.trials.size(), 0);
  constexpr int rounds = 2000;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < ran.study.trials.size(); ++i)
      ran.study.trials[i].id = {std::to_string(round) + "." + std::to_string(i)};
    for (const TrialIndex trial : ran.draw(0.25).trials) ++drawn[trial];
  }
  for (const TrialIndex trial : ran.draw(1).trials)
    CHECK(drawn[trial] == Approx(rounds * 11.0 / 42).margin(150));  // 7 standard deviations
}

TEST_CASE(
    "diverged and quarantined trials are not audited, nor are seeds that another rate solved or "
    "that lack a result") {
  Ran ran;
  const auto first = ran.draw(1);
  ran.results[0].outcome = spec::Outcome::diverged;  // seed of trials 0 and 1: only 1 is left
  ran.results[2].outcome = ran.results[3].outcome = spec::Outcome::diverged;
  ran.results[4] = result_of(0.9);  // solved: exactly tau
  const auto all = ran.pointers();
  auto results = all;
  results[6] = nullptr;  // its seed is censored
  const AuditDraw draw = draw_audit(ran.study, results, 1);
  CHECK(draw.unsolved == first.unsolved - 3);
  CHECK(std::vector(draw.trials.begin(), draw.trials.begin() + 2) == Trials{1, 8});
}

TEST_CASE(
    "the rate with the best validation accuracy stands for its seed, whatever the others' test "
    "accuracy") {
  Ran ran;
  ran.results[0] = result_of(0.95);
  ran.results[0].accuracy_test = 0.85;
  ran.results[1] = result_of(0.93);
  ran.results[1].accuracy_test = 0.93;
  CHECK(ran.draw(1).unsolved == 42);
  ran.results[1].accuracy_validation = 0.96;
  CHECK(ran.draw(1).unsolved == 41);
}

TEST_CASE(
    "a share of nothing or of more than all is bad input, and nothing unsolved draws nothing") {
  Ran ran;
  for (const double share : {0.0, -0.1, 1.01, std::nan("")})
    CHECK_THROWS_AS(ran.draw(share), InputError);
  CHECK_THROWS_WITH(ran.draw(2),
                    Contains("--audit") && Contains("above 0 and up to 1") && Contains("2"));
  for (spec::TrialResult& result : ran.results) result = result_of(1);
  CHECK(ran.draw(1).trials.empty());
  CHECK(draw_audit(ran.study,
                   Indexed<TrialIndex, const spec::TrialResult*>(ran.study.trials.size(), nullptr),
                   1)
            .seeds == 0);
  CHECK_THROWS_WITH(draw_audit(ran.study, {}, 1), Contains("one result a trial"));
}

TEST_CASE("audit trials have twice the steps, else the same settings, and an id of their own") {
  const Ran ran;
  const AuditDraw draw = ran.draw(0.2);
  const grid::Study audit = audit_study(ran.study, draw.trials);
  REQUIRE(audit.trials.size() == draw.trials.size());
  std::set<std::string> ids;
  for (std::size_t i = 0; i < audit.trials.size(); ++i) {
    const grid::StudyTrial& original = ran.study.trials[draw.trials[i]];
    spec::Trial expected = grid::whole_trial(ran.study, original);
    CHECK(audit.trials[i].id != spec::trial_id(expected));
    expected.recipe.steps = 2000;
    CHECK(grid::whole_trial(audit, audit.trials[i]) == expected);
    CHECK(audit.trials[i].id == spec::trial_id(expected));
    ids.insert(audit.trials[i].id.value);
  }
  CHECK(ids.size() == audit.trials.size());
  grid::Study huge = ran.study;
  huge.cells[huge.trials[0].cell].recipe.steps = 2'000'000'000;
  CHECK_THROWS_AS(audit_study(huge, Trials{0}), InputError);
}

TEST_CASE("on simulated workers an audit runs each of its trials once, interrupted or not") {
  const Ran ran;
  const AuditDraw draw = ran.draw(0.5);
  const grid::Study audit = audit_study(ran.study, draw.trials);
  Scene scene;
  for (int rank = 1; rank <= 4; ++rank)
    scene.workers.push_back({.rank = Rank{rank}, .host = "node1", .device = "cpu"});
  scene.step_s = [](TrialIndex, std::size_t lanes, const Worker&) {
    return 1e-3 * static_cast<double>(lanes);
  };
  scene.result = [](TrialIndex trial) { return result_of(trial.value % 3 == 0 ? 1 : 0.25, 2000); };
  const Simulation whole = simulate(audit, scene);
  CHECK(whole.ran.size() == audit.trials.size());
  CHECK(whole.outcome == Exit::complete);

  scene.stop_at_s = whole.makespan_s / 2;
  const Simulation half = simulate(audit, scene);
  CHECK(half.outcome == Exit::stopped);
  CHECK(half.ran.size() < audit.trials.size());
  scene.stop_at_s.reset();
  scene.past = half.past;
  const Simulation rest = simulate(audit, scene);
  CHECK(rest.outcome == Exit::complete);
  CHECK(half.ran.size() + rest.ran.size() == audit.trials.size());
}

TEST_CASE("workers that are kept wait for another scheduler, until a stop is asked") {
  Plan plan{.widths = {4}, .seeds = 1, .learning_rates = 1};
  Options options;
  options.keep_workers = true;
  Bench bench(make_study(plan), {}, options);
  bench.join(1);
  bench.join(2);
  CHECK(bench.outbox.take() == Lines{"assign 1: 0"});
  bench.finish(1, 0.25);
  CHECK(bench.scheduler.over());
  CHECK(bench.scheduler.outcome() == Exit::complete);
  CHECK(bench.outbox.take() == Lines{});
  bench.scheduler.stop_asked(1);
  CHECK(bench.outbox.take() == Lines{"dismiss 1", "dismiss 2"});
}
