#include "design/search.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <set>
#include <tuple>

#include "base/error.hpp"
#include "grid/plan.hpp"
#include "law/searched.hpp"
#include "schedule/studies.hpp"

namespace surd::design {
namespace {

using schedule::test::result_of;

constexpr const char* text = R"(
study: search
grid:
  task: [lookup]
  length: [16, 24, 32, 48, 64, 96, 128]
  hidden: [4, 6, 8, 12, 16, 24, 32, 48]
  architecture: [standard, linear]
trials: {seeds: 4, learning_rates: [1e-2, 2e-2]}
recipe: {steps: 100}
run: {design: boundary, boundary: {half_width: 0.4, at_once: 8}}
)";

grid::Study study_with(const std::vector<std::string>& overrides = {}) {
  return grid::parse_study(text, "search.yaml", overrides);
}

// Solved from a width on that is the same at all lengths for standard and grows like sqrt(L) for
// linear; the seeds of a cell differ a little.
spec::TrialResult result(const grid::Study& study, TrialIndex index) {
  const grid::StudyTrial& trial = study.trials[index];
  const grid::Cell& cell = study.cells[trial.cell];
  const double needed = cell.label == "linear" ? 2.1 * std::sqrt(cell.length) : 9.0;
  const double luck = 1 + 0.15 * (static_cast<double>(trial.seed % 4) - 1.5);
  return result_of(cell.hidden >= needed * luck ? 1.0 : 0.1, 100);
}

// Plays a search to its end; trials end in the order in which they were asked for, or in that of a
// stack.
std::vector<Round> play(const grid::Study& study, Search& search, bool last_first = false) {
  std::vector<Round> rounds;
  std::deque<TrialIndex> running;
  while (!search.over()) {
    Search::Step step = search.go_on();
    running.insert(running.end(), step.run.begin(), step.run.end());
    for (Round& round : step.rounds) rounds.push_back(std::move(round));
    if (running.empty()) continue;
    const TrialIndex trial = last_first ? running.back() : running.front();
    last_first ? running.pop_back() : running.pop_front();
    const spec::TrialResult found = result(study, trial);
    search.settle(trial, &found);
  }
  return rounds;
}

std::vector<std::vector<TrialIndex>> trials_of(const std::vector<Round>& rounds) {
  std::vector<std::vector<TrialIndex>> trials;
  for (const Round& round : rounds) trials.push_back(round.trials);
  return trials;
}

TEST_CASE("a search comes to its end, the same in every order of results") {
  const grid::Study study = study_with();
  Search search(study);
  CHECK(search.is_due());
  CHECK_FALSE(search.over());
  const std::vector<Round> rounds = play(study, search);
  CHECK_FALSE(search.is_due());
  REQUIRE(rounds.size() > 4);
  std::set<TrialIndex> asked;
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    CHECK(rounds[i].group == "lookup");
    CHECK(rounds[i].number == static_cast<int>(i) + 1);
    CHECK(rounds[i].trials.size() <= 16);  // 8 seeds
    CHECK(std::is_sorted(rounds[i].trials.begin(), rounds[i].trials.end()));
    for (const TrialIndex trial : rounds[i].trials) CHECK(asked.insert(trial).second);
  }
  CHECK(rounds.back().trials.empty());
  CHECK(rounds[rounds.size() - 2].trials.empty());
  CHECK(asked.size() < study.trials.size() / 2);
  const Progress progress = search.progress().front();
  CHECK(progress.over);
  CHECK(progress.rounds == static_cast<int>(rounds.size()));
  CHECK(progress.seeds == asked.size() / 2);
  CHECK(progress.reason == "the half-width is reached");
  REQUIRE(progress.sought.size() == 3);
  CHECK(progress.sought[0].name == "alpha linear");
  CHECK(progress.sought[1].name == "alpha standard");
  CHECK(progress.sought[2].name == "delta alpha linear");
  CHECK(*progress.sought[2].number.value == Approx(0.5).margin(0.3));

  Search other(study);
  CHECK(trials_of(play(study, other, true)) == trials_of(rounds));
}

TEST_CASE("a search on a study is the one that law simulates") {
  const grid::Study study = study_with();
  Search search(study);
  play(study, search);

  std::vector<law::Curve> curves(2);  // the baseline last
  std::map<std::tuple<std::size_t, double, double>, CellIndex> cells;
  for (const CellIndex index : study.cells.places()) {
    const grid::Cell& cell = study.cells[index];
    const std::size_t curve = cell.label == study.fit.baseline ? 1 : 0;
    curves[curve].candidates.push_back({.length = static_cast<double>(cell.length),
                                        .hidden = static_cast<double>(cell.hidden),
                                        .cost = 2 * grid::trial_cost(cell).flops(),
                                        .most = 4});
    cells[{curve, cell.length, cell.hidden}] = index;
  }
  std::map<CellIndex, std::uint64_t> drawn;  // seeds of each cell so far
  const auto draw = [&](std::size_t curve, const law::Candidate& candidate) {
    const CellIndex cell = cells.at({curve, candidate.length, candidate.hidden});
    const std::uint64_t seed = ++drawn[cell];
    for (const TrialIndex trial : schedule::test::trials_of(study, cell)) {
      if (study.trials[trial].seed == seed)
        return result(study, trial).accuracy_test > study.fit.tau;
    }
    FAIL("a seed that the study does not have");
    return false;
  };
  const law::Searched found = law::search_through(
      std::move(curves), {.at_once = 8, .half_width = study.run.boundary.half_width}, draw);
  const Progress progress = search.progress().front();
  CHECK(progress.seeds == static_cast<std::size_t>(found.seeds));
  CHECK(progress.flops == Approx(found.cost));
  CHECK(progress.reached == found.look.reached);
  CHECK(*progress.sought.back().number.value == *found.look.deltas.front().value);
}

TEST_CASE("two rounds run at a time, and the third waits for the first") {
  const grid::Study study = study_with();
  Search search(study);
  const std::vector<Round> first = search.go_on().rounds;
  REQUIRE(first.size() == 2);
  REQUIRE_FALSE(first[0].trials.empty());
  for (std::size_t i = 0; i < first[0].trials.size(); ++i) {
    CHECK_FALSE(search.is_due());
    CHECK(search.go_on().rounds.empty());
    const spec::TrialResult found = result(study, first[0].trials[i]);
    search.settle(first[0].trials[i], &found);
  }
  CHECK(search.is_due());
  CHECK(search.go_on().rounds.size() == 1);
}

TEST_CASE("a search that was interrupted goes on as if it had not been") {
  const grid::Study study = study_with();
  Search whole(study);
  const std::vector<Round> rounds = play(study, whole);
  for (const std::size_t known : {std::size_t{2}, std::size_t{3}, rounds.size() - 1}) {
    Search search(study);
    std::vector<Round> again(rounds.begin(), rounds.begin() + static_cast<std::ptrdiff_t>(known));
    // Of the last two rounds every other trial was done.
    for (std::size_t i = 0; i < known; ++i) {
      for (std::size_t j = 0; j < rounds[i].trials.size(); ++j) {
        const TrialIndex trial = rounds[i].trials[j];
        const spec::TrialResult found = result(study, trial);
        if (i + 2 < known || j % 2 == 0) search.settle(trial, &found);
      }
    }
    for (const Round& round : again) search.remember(round);
    CHECK_FALSE(search.over());
    for (Round& round : play(study, search)) again.push_back(std::move(round));
    CHECK(trials_of(again) == trials_of(rounds));
  }
}

TEST_CASE("goal alpha searches each curve by itself, goal delta those of a task together") {
  const auto names = [](const grid::Study& study) {
    std::vector<std::string> all;
    for (const Progress& progress : Search(study).progress()) all.push_back(progress.group);
    return all;
  };
  using Names = std::vector<std::string>;
  CHECK(names(study_with()) == Names{"lookup"});
  CHECK(names(study_with({"run.boundary.goal=alpha"})) ==
        Names{"lookup standard", "lookup linear"});
  CHECK(names(study_with({"grid.model.layers=[1, 2]"})) ==
        Names{"lookup model.layers=1", "lookup model.layers=2"});
  // Where the baseline is left out there is nothing to compare with.
  CHECK(names(study_with(
            {"grid.model.layers=[1, 2]", "exclude=[{architecture: standard, model.layers: 2}]"})) ==
        Names{"lookup model.layers=1", "lookup model.layers=2 linear"});
}

TEST_CASE("a budget is shared in proportion to the grids, and kept") {
  const grid::Study study = study_with({"run.boundary.budget=3e12", "run.boundary.goal=alpha"});
  Search search(study);
  play(study, search);
  double budget = 0;
  for (const Progress& progress : search.progress()) {
    REQUIRE(progress.budget_flops);
    CHECK(progress.flops <= *progress.budget_flops);
    CHECK(progress.flops > 0);
    budget += *progress.budget_flops;
  }
  CHECK(budget == Approx(3e12));
}

TEST_CASE("what was there before counts, and is not asked for") {
  const grid::Study study = study_with();
  Search search(study);
  std::set<TrialIndex> known;
  for (const TrialIndex trial : study.trials.places()) {
    const grid::Cell& cell = study.cells[study.trials[trial].cell];
    if (study.trials[trial].seed > 2 || cell.hidden < 8) continue;
    const spec::TrialResult found = result(study, trial);
    search.settle(trial, &found);
    known.insert(trial);
  }
  const std::vector<Round> rounds = play(study, search);
  for (const Round& round : rounds) {
    for (const TrialIndex trial : round.trials) CHECK_FALSE(known.contains(trial));
  }
  Search fresh(study);
  CHECK(search.progress().front().seeds < [&] {
    play(study, fresh);
    return fresh.progress().front().seeds;
  }());
}

TEST_CASE("a quarantined trial ends its round and is no evidence") {
  const grid::Study study = study_with();
  Search search(study);
  const std::vector<Round> first = search.go_on().rounds;
  for (const TrialIndex trial : first[0].trials) search.settle(trial, nullptr);
  CHECK(search.is_due());
  for (const Round& round : search.go_on().rounds) {
    for (const TrialIndex trial : round.trials)
      CHECK(std::find(first[0].trials.begin(), first[0].trials.end(), trial) ==
            first[0].trials.end());
  }
  CHECK_THROWS_AS(search.settle(first[0].trials.front(), nullptr), Error);
}

TEST_CASE("windows of learning rates are chosen by pilots, which never count") {
  const grid::Study study =
      study_with({"trials.learning_rates={window: 2, rates: [3e-3, 1e-3, 3e-2, 1e-2, 0.1]}"});
  REQUIRE(study.window == 2);
  // The loss is least at 1e-2, and next to it at 3e-2.
  const auto losses = [&](TrialIndex index) {
    spec::TrialResult found = result(study, index);
    const double rate = study.trials[index].learning_rate;
    found.loss_validation = std::abs(std::log(rate / 1.5e-2));
    if (rate > 0.05) found.outcome = spec::Outcome::diverged;
    return found;
  };
  Search search(study);
  std::map<CellIndex, std::vector<double>> windows;
  std::set<TrialIndex> ran;
  std::vector<Round> rounds;
  while (!search.over()) {
    Search::Step step = search.go_on();
    for (const Window& window : step.windows) {
      CHECK(windows.emplace(window.cell, window.rates).second);
      CHECK(window.rates == std::vector<double>{1e-2, 3e-2});
      CHECK(window.pilots.size() == 5);
    }
    for (const TrialIndex trial : step.run) {
      CHECK(ran.insert(trial).second);
      const grid::StudyTrial& entry = study.trials[trial];
      if (!entry.pilot) {
        REQUIRE(windows.contains(entry.cell));
        CHECK((entry.learning_rate == 1e-2 || entry.learning_rate == 3e-2));
      }
      const spec::TrialResult found = losses(trial);
      search.settle(trial, &found);
    }
    for (Round& round : step.rounds) rounds.push_back(std::move(round));
  }
  CHECK(search.progress().front().reached);

  // Gone on with after its first three rounds, and pilots that were there before.
  Search again(study);
  for (const TrialIndex trial : ran) {
    const bool early = std::any_of(rounds.begin(), rounds.begin() + 3, [&](const Round& round) {
      return std::find(round.trials.begin(), round.trials.end(), trial) != round.trials.end();
    });
    if (!early && !study.trials[trial].pilot) continue;
    const spec::TrialResult found = losses(trial);
    again.settle(trial, &found);
  }
  for (std::size_t i = 0; i < 3; ++i) again.remember(rounds[i]);
  const Search::Step step = again.go_on();
  CHECK(step.windows.size() == windows.size());
  for (const TrialIndex trial : step.run) CHECK_FALSE(study.trials[trial].pilot);
}

TEST_CASE("rounds of other groups and of another design are none of its own") {
  const grid::Study study = study_with();
  Search search(study);
  search.remember({.group = "chase", .number = 1, .trials = {TrialIndex{3}}});
  CHECK(search.progress().front().rounds == 0);
  CHECK_THROWS_AS(Search(study_with({"run.design=grid"})), Error);
}

}  // namespace
}  // namespace surd::design
