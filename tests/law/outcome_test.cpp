#include "law/outcome.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "base/error.hpp"
#include "base/random.hpp"

namespace surd::law {
namespace {

Trial trial(std::int64_t seed, double rate, double validation, double test,
            Status status = Status::finished) {
  Trial trial;
  trial.id = "s" + std::to_string(seed) + "r" + std::to_string(static_cast<int>(rate * 1000));
  trial.task = "lookup";
  trial.architecture = "standard";
  trial.length = 16;
  trial.hidden = 8;
  trial.seed = seed;
  trial.learning_rate = rate;
  trial.accuracy_validation = validation;
  trial.accuracy_test = test;
  trial.status = status;
  return trial;
}

Trial at(Trial trial, const std::string& architecture, double hidden) {
  trial.architecture = architecture;
  trial.hidden = hidden;
  trial.id = architecture + std::to_string(static_cast<int>(hidden)) + trial.id;
  return trial;
}

std::string reason_of(const Evidence& evidence, const std::string& id) {
  for (const Unused& unused : evidence.unused) {
    if (unused.id == id) return unused.reason;
  }
  return "used";
}

TEST_CASE(
    "a seed's outcome is the test accuracy of its best validated trial, not its best test "
    "accuracy") {
  const auto evidence = collect({trial(1, .01, .95, .85), trial(1, .02, .94, .99),
                                 trial(2, .01, .91, .90), trial(2, .02, .2, .2)},
                                0.9);
  REQUIRE(evidence.series.size() == 1);
  REQUIRE(evidence.series[0].cells.size() == 1);
  CHECK(evidence.series[0].cells[0].seeds == 2);
  CHECK(evidence.series[0].cells[0].solved == 1);
  CHECK(evidence.unused.empty());
}

TEST_CASE("a diverged trial counts as accuracy 0, whatever is recorded with it") {
  const auto evidence = collect({trial(1, .01, .99, .99, Status::diverged),
                                 trial(1, .02, 0, 0, Status::diverged),  // unsolved
                                 trial(2, .01, .99, .99, Status::diverged),
                                 trial(2, .02, .95, .95)},  // solved by the other rate
                                0.9);
  CHECK(evidence.series[0].cells[0].seeds == 2);
  CHECK(evidence.series[0].cells[0].solved == 1);
  CHECK(evidence.unused.empty());
}

TEST_CASE("a seed with a failed or missing trial is censored unless it is solved") {
  const auto evidence =
      collect({trial(1, .01, .3, .3), trial(1, .02, 0, 0, Status::failed), trial(2, .01, .95, .95),
               trial(2, .02, 0, 0, Status::missing), trial(3, .01, .3, .3), trial(3, .02, .2, .2)},
              0.9);
  CHECK(evidence.series[0].cells[0].seeds == 2);
  CHECK(evidence.series[0].cells[0].solved == 1);
  CHECK(reason_of(evidence, "s1r10").find("censored seed") == 0);
  CHECK(reason_of(evidence, "s1r20") == "failed");
  CHECK(reason_of(evidence, "s2r20") == "missing: not run yet");
  CHECK(reason_of(evidence, "s2r10") == "used");
}

TEST_CASE(
    "each seed's outcome is handed out once, with the trial that stands for it and why it is "
    "censored") {
  std::vector<Trial> trials = {
      trial(1, .02, .95, .96),
      trial(1, .01, .93, .99),  // solved by its best validated rate
      trial(2, .01, .5, .95),
      trial(2, .02, .6, .85),  // unsolved: the rate that tests better is not the chosen one
      trial(3, .01, .3, .3),
      trial(3, .02, 0, 0, Status::failed),  // lacks a rate
      trial(4, .01, 0, 0, Status::missing),
      trial(4, .02, 0, 0, Status::failed),  // lacks both
      trial(5, .04, .97, .97),
      trial(5, .01, 0, 0, Status::missing),  // only a rate that others lack
      trial(6, .01, .9, .9, Status::diverged),
      trial(6, .02, .1, .1, Status::diverged)};
  const Evidence evidence = collect(trials, 0.9);
  const Series& series = evidence.series.at(0);
  CHECK(series.learning_rates == std::vector<double>{.01, .02, .04});
  std::vector<Trial> others;  // a cell that has two rates only narrows the set
  for (const double rate : {.01, .02}) others.push_back(at(trial(1, rate, .2, .2), "standard", 16));
  others.insert(others.end(), trials.begin(), trials.end());
  const Evidence both = collect(others, 0.9);
  REQUIRE(both.series.at(0).learning_rates == std::vector<double>{.01, .02});
  const auto& seeds = both.series[0].seeds;
  REQUIRE(seeds.size() == 7);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(seeds[i].seed == static_cast<int>(i) + 1);
    CHECK(seeds[i].hidden == 8);
  }
  CHECK(seeds[6].hidden == 16);
  CHECK(seeds[0].outcome == Outcome::solved);
  CHECK(seeds[0].trial == 2);
  CHECK(seeds[0].trials == std::vector<std::size_t>{3, 2});  // by learning rate
  CHECK(seeds[0].why_censored.empty());
  CHECK(seeds[1].outcome == Outcome::unsolved);
  CHECK(seeds[1].trial == 5);
  CHECK(seeds[2].outcome == Outcome::censored);
  CHECK(seeds[2].trial == 6);
  CHECK(seeds[2].why_censored == "not solved, and another of its learning rates has no result");
  CHECK(seeds[3].outcome == Outcome::censored);
  CHECK_FALSE(seeds[3].trial);
  CHECK(seeds[3].why_censored == "none of the common learning rates has a result");
  CHECK(seeds[4].outcome == Outcome::censored);
  CHECK(seeds[4].trial == 10);  // the only one that there is to show
  CHECK(seeds[5].outcome == Outcome::unsolved);
  CHECK(seeds[5].trial == 12);
  CHECK(accuracy(others[12]) == 0);
  // Places stay those of all trials where one rate is asked alone.
  const OrderedTrials ordered(others);
  const Evidence alone = ordered.at_rate(.02).collect(0.9);
  CHECK(alone.series[0].seeds.front().trial == 2);
  // Cells are the sums of their seeds.
  for (const Cell& cell : both.series[0].cells) {
    const auto count = [&](auto counts) {
      return std::count_if(seeds.begin(), seeds.end(), [&](const Seed& seed) {
        return seed.hidden == cell.hidden && counts(seed.outcome);
      });
    };
    CHECK(cell.seeds == count([](Outcome outcome) { return outcome != Outcome::censored; }));
    CHECK(cell.solved == count([](Outcome outcome) { return outcome == Outcome::solved; }));
  }
}

TEST_CASE(
    "where no rate is shared every seed is censored for that, and its best trial is still told") {
  const Evidence evidence = collect(
      {at(trial(1, .01, .5, .5), "standard", 8), at(trial(1, .02, .5, .5), "linear", 8)}, 0.9);
  for (const Series& series : evidence.series) {
    REQUIRE(series.share_no_rate);
    CHECK(series.seeds.at(0).why_censored == "no learning rate was run in all cells of the task");
    CHECK(series.seeds[0].trial.has_value());
  }
}

TEST_CASE("learning rates that a solved seed skipped are no loss; those of an unsolved one are") {
  const auto evidence = collect({trial(1, .01, .95, .95), trial(2, .01, .3, .3),
                                 trial(3, .01, .3, .3), trial(3, .02, .4, .4)},
                                0.9);
  CHECK(evidence.series[0].cells[0].seeds == 2);
  CHECK(evidence.series[0].cells[0].solved == 1);
  CHECK(reason_of(evidence, "s2r10").find("censored seed") == 0);
}

TEST_CASE("cells are restricted to the learning rates that all share, and a note says so") {
  std::vector<Trial> trials;
  for (const double rate : {.01, .02}) trials.push_back(at(trial(1, rate, .5, .5), "standard", 8));
  for (const double rate : {.01, .02, .04})
    trials.push_back(at(trial(1, rate, rate > .03 ? .99 : .5, rate > .03 ? .99 : .5), "linear", 8));
  trials.push_back(at(trial(2, .04, .2, .2), "linear", 8));
  const auto evidence = collect(trials, 0.9);
  REQUIRE(evidence.series.size() == 2);
  CHECK(evidence.series[0].architecture == "linear");
  CHECK(evidence.series[0].cells[0].solved == 0);
  CHECK(evidence.series[0].learning_rates == std::vector<double>{.01, .02});
  CHECK(reason_of(evidence, "linear8s1r40") == "outside the common learning rates {0.01, 0.02}");
  REQUIRE(evidence.notes.size() == 1);
  CHECK(evidence.notes[0] ==
        "lookup: cells were trained with different learning rates; only the common ones {0.01, "
        "0.02} of {0.01, 0.02, 0.04} are used");
}

TEST_CASE(
    "a cell whose every seed is solved with fewer rates does not narrow the set for the others") {
  const auto evidence =
      collect({at(trial(1, .01, .95, .95), "linear", 32), at(trial(1, .01, .5, .5), "linear", 8),
               at(trial(1, .02, .96, .96), "linear", 8)},
              0.9);
  CHECK(evidence.series[0].cells[0].solved == 1);
  CHECK(evidence.series[0].cells[1].solved == 1);
  CHECK(evidence.notes.empty());
}

TEST_CASE("skipped trials are named as such, and are not missing") {
  const auto evidence =
      collect({trial(1, .01, .95, .95), at(trial(1, .01, 0, 0, Status::skipped), "standard", 16),
               at(trial(2, .01, 0, 0, Status::skipped), "standard", 16),
               at(trial(1, .01, 0, 0, Status::missing), "standard", 32)},
              0.9);
  CHECK(evidence.series[0].cells.size() == 1);
  REQUIRE(evidence.unused.size() == 3);
  CHECK(evidence.unused[0].reason == "missing: not run yet");
  for (const std::size_t i : {1, 2})
    CHECK(evidence.unused[i].reason == "skipped: the design did not ask for it");
  CHECK(evidence.unused[1].id != evidence.unused[2].id);
}

TEST_CASE("an end of the learning rates that is best for most solved seeds is noted") {
  const auto evidence_of = [](const std::vector<double>& best) {  // of seed 1, 2, ...
    std::vector<Trial> trials;
    for (std::size_t seed = 0; seed < best.size(); ++seed) {
      for (const double rate : {.01, .02, .04}) {
        const double accuracy = rate == best[seed] ? .99 : .95;
        trials.push_back(trial(static_cast<int>(seed + 1), rate, accuracy, accuracy));
      }
    }
    return collect(trials, 0.9);
  };
  const auto high = evidence_of({.04, .04, .01});
  CHECK(high.series[0].solved_at_lowest_rate == 1);
  CHECK(high.series[0].solved_at_highest_rate == 2);
  REQUIRE(high.notes.size() == 1);
  CHECK(high.notes[0].find("2 of 3 solved seeds have their best learning rate at the highest of "
                           "{0.01, 0.02, 0.04}; add larger ones") != std::string::npos);
  CHECK(evidence_of({.01, .01, .02})
            .notes.at(0)
            .find("at the lowest of {0.01, 0.02, 0.04}; add smaller ones") != std::string::npos);
  CHECK(evidence_of({.01, .02, .04}).notes.empty());  // two thirds at an end are what luck gives
}

TEST_CASE("the order of the trials has no influence, ties between equal validations included") {
  std::vector<Trial> trials = {trial(1, .02, .95, .2),
                               trial(1, .01, .95, .99),
                               trial(2, .01, .1, .1),
                               trial(2, .02, .2, .2),
                               trial(3, .01, 0, 0, Status::failed),
                               trial(3, .02, .2, .2)};
  const auto by_id = [](const Trial& a, const Trial& b) { return a.id < b.id; };
  std::sort(trials.begin(), trials.end(), by_id);
  do {
    const auto evidence = collect(trials, 0.9);
    REQUIRE(evidence.series[0].cells[0].seeds == 2);
    REQUIRE(evidence.series[0].cells[0].solved == 1);
    REQUIRE(evidence.unused.size() == 2);
    REQUIRE(evidence.unused[1].id == "s3r10");
  } while (std::next_permutation(trials.begin(), trials.end(), by_id));
}

TEST_CASE("trials in order answer several questions, each as if it were asked alone") {
  std::vector<Trial> trials = {trial(2, .02, .95, .95), trial(1, .02, .8, .8),
                               trial(1, .01, .2, .2),   trial(2, .01, .3, .3),
                               trial(3, .01, .96, .96), trial(3, .02, 0, 0, Status::missing)};
  const OrderedTrials ordered(trials);
  for (const double tau : {.5, .9}) {
    CHECK(ordered.collect(tau).series[0].solved == collect(trials, tau).series[0].solved);
    CHECK(ordered.collect(tau).series[0].cells[0].seeds == 3);
  }
  CHECK(ordered.collect(.5).series[0].solved == 3);
  const Evidence alone = ordered.at_rate(.02).collect(.9);
  CHECK(alone.series[0].learning_rates == std::vector<double>{.02});
  CHECK(alone.series[0].cells[0].seeds == 2);
  CHECK(alone.series[0].solved == 1);
  CHECK(reason_of(alone, "s3r20") == "missing: not run yet");
  CHECK(ordered.at_rate(.03).collect(.9).series.empty());
}

// Whatever happened to the trials: of each seed either all results at the common rates are used, or
// every trial is named.
TEST_CASE("no trial is lost between the cells and those that are not used") {
  const auto seed = GENERATE(range(0, 30));
  CAPTURE(seed);
  RandomStream random(static_cast<std::uint64_t>(seed), Split::train, 0, 0);
  std::vector<Trial> trials;
  for (const double hidden : {8.0, 16.0, 32.0}) {
    for (int s = 1; s <= 3; ++s) {
      for (const double rate : {.01, .02, .04}) {
        if (random.uniform() < 0.1) continue;  // not in the input at all
        const double accuracy = random.uniform();
        const double luck = random.uniform();
        const Status status = luck < 0.6   ? Status::finished
                              : luck < 0.7 ? Status::diverged
                              : luck < 0.8 ? Status::failed
                              : luck < 0.9 ? Status::skipped
                                           : Status::missing;
        trials.push_back(at(trial(s, rate, accuracy, accuracy, status), "linear", hidden));
      }
    }
  }
  const Evidence evidence = collect(trials, 0.5);
  std::set<std::string> named;
  for (const Unused& one : evidence.unused) named.insert(one.id);
  const std::size_t unused = evidence.unused.size();
  int seeds = 0;
  for (const Cell& cell : evidence.series.at(0).cells) seeds += cell.seeds;
  std::set<std::pair<double, std::int64_t>> used_seeds;
  std::size_t used = 0;
  for (const Trial& one : trials) {
    if (one.status == Status::skipped || named.contains(one.id)) continue;
    ++used;
    used_seeds.insert({one.hidden, one.seed});
  }
  CHECK(used + unused == trials.size());
  CHECK(static_cast<int>(used_seeds.size()) == seeds);
}

TEST_CASE("learning rates equal to 1e-12 of their size are one, and the shortest spelling stands") {
  const double same = 0.010000000000000002;
  const auto evidence =
      collect({trial(1, .01, .3, .3), trial(1, .02, .4, .4), trial(2, same, .2, .2),
               trial(2, .02, .95, .95), at(trial(1, .01 * (1 - 5e-13), .2, .2), "standard", 16),
               at(trial(1, .02, .2, .2), "standard", 16)},
              0.9);
  CHECK(evidence.series.at(0).learning_rates == std::vector<double>{.01, .02});
  CHECK(evidence.unused.empty());
  CHECK(evidence.notes.empty());
  CHECK(evidence.series[0].cells.at(0).seeds == 2);
  CHECK(same_rate(.01, same));
  CHECK_FALSE(same_rate(.01, .01 * (1 + 2e-12)));
  CHECK(same_rate(0, 0));
  CHECK(has_rate({.005, same}, .01));
  CHECK_THROWS_AS(collect({trial(1, .01, .3, .3), trial(1, same, .4, .4)}, 0.9), InputError);
  const std::vector<Trial> trials = {trial(1, .01, .3, .3), trial(2, same, .2, .2)};
  CHECK(OrderedTrials(trials).at_rate(same).collect(.9).series.at(0).cells.at(0).seeds == 2);
}

TEST_CASE("seeds with learning rates of their own are told from seeds that lost some trials") {
  std::vector<Trial> searched, lost;
  for (const double hidden : {8.0, 16.0, 32.0}) {
    for (int s = 1; s <= 3; ++s) {
      const double accuracy = hidden > 8 * s ? .95 : .3;
      searched.push_back(at(trial(s, .01 * s, accuracy, accuracy), "linear", hidden));
      for (const double rate : {.01, .02}) {
        if (hidden == 8 && s == (rate == .01 ? 1 : 2)) continue;
        lost.push_back(at(trial(s, rate, accuracy, accuracy), "standard", hidden));
      }
    }
  }
  const Evidence own = collect(searched, 0.9);
  REQUIRE(own.series.size() == 1);
  CHECK(own.series[0].rates_by_seed);
  CHECK(own.series[0].share_no_rate);
  CHECK(own.series[0].cells.empty());
  CHECK(own.series[0].learning_rates.empty());
  CHECK(own.unused.size() == 9);
  CHECK(own.unused[0].reason == "the seeds of its cells have learning rates of their own");
  REQUIRE(own.notes.size() == 1);
  CHECK(own.notes[0].find("lookup linear: seeds have learning rates of their own (length 16 hidden "
                          "8: seed 1 {0.01}; seed 2 {0.02}; seed 3 {0.03}), so no seed can be "
                          "used") == 0);
  const Evidence few = collect(lost, 0.9);
  CHECK_FALSE(few.series[0].rates_by_seed);
  CHECK(few.series[0].learning_rates == std::vector<double>{.01, .02});
  // One such architecture does not take the rates from another.
  searched.insert(searched.end(), lost.begin(), lost.end());
  const Evidence both = collect(searched, 0.9);
  CHECK(both.series.at(0).cells.empty());
  CHECK(both.series.at(1).learning_rates == std::vector<double>{.01, .02});
  CHECK(both.series[1].cells.size() == 3);
}

TEST_CASE("of a seed with all common rates it is told which of them solve it") {
  const auto evidence = collect(
      {trial(1, .01, .3, .3), trial(1, .02, .95, .95), trial(2, .01, .95, .95),
       trial(2, .02, .95, .95), trial(3, .01, .95, .95), trial(3, .02, 0, 0, Status::failed)},
      0.9);
  const auto& seeds = evidence.series.at(0).seeds;
  CHECK(seeds.at(0).solved_by == 2U);
  CHECK(seeds.at(1).solved_by == 3U);
  CHECK_FALSE(seeds.at(2).solved_by);
}

TEST_CASE("windows of rates are compared place by place, pilots and other rates count nowhere") {
  const auto in = [](Trial trial, int window) {
    trial.window = window;
    return trial;
  };
  const auto skipped = [&](double rate) {
    Trial trial = surd::law::trial(1, rate, 0, 0, Status::skipped);
    trial.id = "skipped";
    return trial;
  };
  std::vector<Trial> trials = {in(trial(0, .01, .99, .99), -1),
                               in(trial(1, .01, .3, .3), 2),
                               in(trial(1, .02, .95, .95), 2),
                               in(trial(2, .01, .3, .3), 2),
                               in(trial(2, .02, .2, .2), 2),
                               trial(2, .04, .99, .99),
                               skipped(.04)};
  trials[0].id = "pilot";
  trials[5].id = "grid's";
  // Another cell with another window.
  for (const double rate : {.002, .004})
    trials.push_back(in(at(trial(1, rate, .99, .99), "standard", 32), 2));
  const Evidence evidence = collect(trials, 0.9);
  REQUIRE(evidence.series.size() == 1);
  const Series& series = evidence.series[0];
  CHECK(series.windows);
  CHECK(series.learning_rates == std::vector<double>{1, 2});
  REQUIRE(series.cells.size() == 2);
  CHECK(series.cells[0].seeds == 2);
  CHECK(series.cells[0].solved == 1);
  CHECK(series.cells[1].seeds == 1);
  CHECK(series.solved_at_highest_rate == 1);
  CHECK(reason_of(evidence, "pilot") == "of a pilot: it chose the rates of its cell");
  CHECK(reason_of(evidence, "grid's") == "outside the window of learning rates of its cell");
  CHECK(reason_of(evidence, "skipped") == "skipped: the design did not ask for it");
  CHECK(evidence.notes.empty());

  // Windows of another size are other chances.
  for (const double rate : {.002, .004, .008})
    trials.push_back(in(at(trial(1, rate, .1, .1), "standard", 16), 3));
  const Evidence uneven = collect(trials, 0.9);
  CHECK(uneven.series[0].learning_rates == std::vector<double>{1, 2});
  REQUIRE(uneven.notes.size() == 1);
  CHECK(uneven.notes[0].find("cells were trained with different learning rates") !=
        std::string::npos);
  // Windows beside plain rates cannot be compared.
  const Evidence mixed = collect({trials[3], trials[4], at(trial(1, .01, .1, .1), "linear", 8),
                                  at(trial(1, .02, .1, .1), "linear", 8)},
                                 0.9);
  CHECK(mixed.series[0].share_no_rate);
}

TEST_CASE("further axes part the series") {
  auto deep = trial(1, .01, .95, .95);
  deep.axes = "model.layers=2";
  const auto evidence = collect({trial(1, .01, .3, .3), deep}, 0.9);
  REQUIRE(evidence.series.size() == 2);
  CHECK(name(evidence.series[1]) == "lookup standard (model.layers=2)");
}

TEST_CASE("the same trial twice, impossible sizes and an impossible tau are refused") {
  CHECK_THROWS_AS(collect({trial(1, .01, .3, .3), trial(1, .01, .4, .4)}, 0.9), InputError);
  CHECK_THROWS_AS(collect({trial(1, .01, .3, .3)}, 1.5), InputError);
  auto flat = trial(1, .01, .3, .3);
  flat.hidden = 0;
  CHECK_THROWS_AS(collect({flat}, 0.9), InputError);
  const CountedCell counted{.task = "t",
                            .architecture = "a",
                            .axes = "",
                            .cell = {.length = 16, .hidden = 8, .seeds = 3, .solved = 4}};
  CHECK_THROWS_AS(collect(std::vector<CountedCell>{counted}), InputError);
}

}  // namespace
}  // namespace surd::law
