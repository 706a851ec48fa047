#include "design/audit.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <set>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"
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

TEST_CASE("four of five draws lie near the threshold until no more do") {
  const Ran ran;
  const auto near_of = [](const AuditDraw& draw) { return draw.near; };
  CHECK(ran.draw(1).unsolved_near == 2 * 4 * 3);  // widths 4 to 7
  CHECK(near_of(ran.draw(0.0001)) == 4);
  CHECK(near_of(ran.draw(10.0 / 42)) == 8);
  CHECK(near_of(ran.draw(30.0 / 42)) == 24);
  CHECK(near_of(ran.draw(1)) == 24);
  int widths_near = 0;
  for (const TrialIndex trial : ran.draw(10.0 / 42).trials)
    widths_near += ran.study.cells[ran.study.trials[trial].cell].hidden >= 4 ? 1 : 0;
  CHECK(widths_near == 2 * 8);
}

TEST_CASE("a seed is drawn the sooner the nearer it lies to the threshold") {
  Ran ran;
  std::map<int, int> drawn;  // trials, by width
  for (int round = 0; round < 500; ++round) {
    for (std::size_t i = 0; i < ran.study.trials.size(); ++i)
      ran.study.trials[i].id = {std::to_string(round) + "." + std::to_string(i)};
    for (const TrialIndex trial : ran.draw(0.25).trials)
      ++drawn[ran.study.cells[ran.study.trials[trial].cell].hidden];
  }
  CHECK(drawn[7] > drawn[6]);
  CHECK(drawn[6] > drawn[5]);
  CHECK(drawn[5] > drawn[3] + 130);
  // Far ones have equal chances: 2 of 18 each time, of two trials.
  for (const int width : {1, 2, 3})
    CHECK(drawn[width] == Approx(500 * 2 * 2 / 3.0).margin(130));  // 5 standard deviations
}

TEST_CASE(
    "where no law can be fitted the widths next to a solved one are near and else the widest") {
  Ran ran;
  for (const TrialIndex trial : ran.study.trials.places()) {
    if (ran.study.cells[ran.study.trials[trial].cell].length == 32)
      ran.results[trial] = result_of(0.25);
  }
  const AuditDraw draw = ran.draw(1);
  CHECK(draw.unsolved == 3 * (7 + 10));
  CHECK(draw.unsolved_near == 3 * (4 + 6));  // 4 to 7 below 8; 5 to 10
}

TEST_CASE("what an earlier audit drew is drawn first: it may have been another program") {
  const Ran ran;
  // Far seeds only: trials of widths 1 and 2 at length 16.
  const Trials before{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const AuditDraw same = draw_audit(ran.study, ran.pointers(), 0.01, before);
  CHECK(same.trials == before);
  CHECK(same.near == 0);
  const AuditDraw more = draw_audit(ran.study, ran.pointers(), 0.25, before);
  CHECK(more.seeds == 11);
  CHECK(std::includes(more.trials.begin(), more.trials.end(), before.begin(), before.end()));
  CHECK(more.near == 5);  // the tenth place is a far one's
}

namespace {

// Studies whose thresholds follow L^1, and L^.8 with twice the steps: the shortest length needs
// what it needed before. Nothing is trained; a seed is solved from its own width on, or, as one in
// twenty, never.
struct Slow {
  grid::Study study = make_study({.lengths = {16, 32, 64, 128, 256},
                                  .widths = {8, 16, 32, 64, 128, 256, 512, 1024},
                                  .seeds = 3,
                                  .learning_rates = 1});
  Indexed<TrialIndex, spec::TrialResult> results;
  Indexed<TrialIndex, bool> solved_later;

  explicit Slow(int round) {
    RandomStream random(7, Split::order, static_cast<std::uint64_t>(round), 0);
    const double at_mean = 64 * std::pow(2, random.uniform());
    for (std::size_t i = 0; i < study.trials.size(); ++i) {
      grid::StudyTrial& trial = study.trials[i];
      trial.id = {std::to_string(round) + "." + std::to_string(i)};
      const double x = std::log(study.cells[trial.cell].length / 64.0);
      const double u = random.uniform();
      const double own = std::log(at_mean) + x + std::log(u / (1 - u)) / 6;
      const bool lapses = random.uniform() < 0.05;
      const double log_width = std::log(study.cells[trial.cell].hidden);
      const double later = own - 0.2 * (x + std::log(4));
      results.push_back(result_of(!lapses && log_width >= own ? 1 : 0.25));
      solved_later.push_back(!lapses && log_width >= later);
    }
  }
  AuditDraw draw(double share) const {
    Indexed<TrialIndex, const spec::TrialResult*> all;
    for (const spec::TrialResult& result : results) all.push_back(&result);
    return draw_audit(study, all, share);
  }
  int solved_of(std::span<const TrialIndex> trials) const {
    return static_cast<int>(std::count_if(trials.begin(), trials.end(),
                                          [&](TrialIndex trial) { return solved_later[trial]; }));
  }
};

// The chance that audits of so many seeds see a solved one, and how many they see.
struct Seen {
  double any = 0;
  double mean = 0;
};
Seen seen_by_draws(int rounds, int seeds, bool near) {
  Seen seen;
  for (int round = 0; round < rounds; ++round) {
    const Slow slow(round);
    std::vector<TrialIndex> trials = slow.draw(1).trials;
    if (near) {
      trials = slow.draw(std::min(1.0, seeds / static_cast<double>(trials.size()))).trials;
    } else {  // as the draw was once: all alike
      std::sort(trials.begin(), trials.end(), [&](TrialIndex a, TrialIndex b) {
        return hash64("audit " + slow.study.trials[a].id.value) <
               hash64("audit " + slow.study.trials[b].id.value);
      });
      trials.resize(static_cast<std::size_t>(seeds));
    }
    const int solved = slow.solved_of(trials);
    seen.any += (solved > 0 ? 1.0 : 0.0) / rounds;
    seen.mean += static_cast<double>(solved) / rounds;
  }
  return seen;
}

}  // namespace

TEST_CASE("a draw near the threshold sees what twice the steps solve far more often") {
  const Seen once = seen_by_draws(300, 5, false);
  const Seen now = seen_by_draws(300, 5, true);
  CAPTURE(once.any, once.mean, now.any, now.mean);
  CHECK(now.any > once.any + 0.2);
  CHECK(now.mean > 1.7 * once.mean);
}

// docs/statistics.md has what it prints.
TEST_CASE("chance to see a solved seed by draws", "[.simulation]") {
  for (const int seeds : {5, 10, 20}) {
    const Seen once = seen_by_draws(2000, seeds, false);
    const Seen now = seen_by_draws(2000, seeds, true);
    std::printf("%2d draws: alike %.2f (%.2f seeds), near %.2f (%.2f seeds)\n", seeds, once.any,
                once.mean, now.any, now.mean);
  }
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
