#include "design/expected.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "base/random.hpp"
#include "design/search.hpp"
#include "grid/plan.hpp"
#include "law/simulate.hpp"

namespace surd::design {
namespace {

constexpr double usual_kappa = 6;
constexpr double usual_lapse = 0.05;

double middle(const std::set<double>& values) {
  return std::sqrt(*values.begin() * *values.rbegin());
}

struct Played {
  double flops = 0;
  int rounds = 0;
  bool reached = true;
};

Played play(const grid::Study& study, const std::function<spec::TrialResult(TrialIndex)>& result) {
  Search search(study);
  while (!search.over()) {
    for (const TrialIndex trial : search.go_on().run) {
      const spec::TrialResult found = result(trial);
      search.settle(trial, &found);
    }
  }
  Played played;
  for (const Progress& group : search.progress()) {
    played.flops += group.flops;
    played.rounds = std::max(played.rounds, group.rounds);
    played.reached = played.reached && group.reached;
  }
  return played;
}

template <typename Value>
Value median_of(std::vector<Value> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

Guess guess_of(const grid::Study& study) {
  std::set<double> lengths, widths;
  for (const grid::Cell& cell : study.cells) {
    lengths.insert(cell.length);
    widths.insert(cell.hidden);
  }
  return {.alpha = study.run.boundary.guess_alpha,
          .width = study.run.boundary.guess_width.value_or(middle(widths)),
          .length = middle(lengths)};
}

std::function<spec::TrialResult(TrialIndex)> drawn_results(const grid::Study& study,
                                                           std::uint64_t number) {
  std::set<double> lengths, widths;
  for (const grid::Cell& cell : study.cells) {
    lengths.insert(cell.length);
    widths.insert(cell.hidden);
  }
  const Guess guess = guess_of(study);
  const auto truth_of = [&](double alpha) {
    law::Scenario scenario{.lengths = {lengths.begin(), lengths.end()},
                           .widths = {widths.begin(), widths.end()},
                           .alpha = alpha,
                           .kappa = usual_kappa,
                           .lapse_shortest = usual_lapse,
                           .lapse_longest = usual_lapse};
    double mean = 0;  // of ln L, where the scenario has its threshold
    for (const double length : lengths) mean += std::log(length);
    mean /= static_cast<double>(lengths.size());
    scenario.threshold = guess.width * std::exp(alpha * (mean - std::log(guess.length)));
    RandomStream unused(0, Split::test, 0, 0);
    return law::Truth(scenario, unused);
  };
  const bool compares = study.run.boundary.goal == grid::Goal::delta;
  const auto others = std::make_shared<const law::Truth>(truth_of(guess.alpha));
  const auto baseline = std::make_shared<const law::Truth>(truth_of(compares ? 0 : guess.alpha));
  return [&study, number, others, baseline](TrialIndex index) {
    const grid::StudyTrial& trial = study.trials[index];
    const grid::Cell& cell = study.cells[trial.cell];
    const law::Truth& truth = cell.label == study.fit.baseline ? *baseline : *others;
    RandomStream random(number, Split::test, trial.cell.value,
                        static_cast<std::uint32_t>(trial.seed));
    const bool solved = truth.draw(cell.length, cell.hidden, random);
    spec::TrialResult result;
    result.steps = cell.recipe.steps;
    result.accuracy_validation = result.accuracy_validation_best = result.accuracy_test =
        solved ? 1.0 : 0.0;
    return result;
  };
}

Expected expected_search(const grid::Study& study, int searches) {
  Expected expected{.guess = guess_of(study), .searches = searches};
  std::vector<double> flops;
  std::vector<int> rounds;
  for (int i = 0; i < searches; ++i) {
    const Played played = play(study, drawn_results(study, static_cast<std::uint64_t>(i)));
    flops.push_back(played.flops);
    rounds.push_back(played.rounds);
    expected.reached += played.reached ? 1 : 0;
  }
  expected.flops = median_of(flops);
  expected.rounds = median_of(rounds);
  expected.flops_least = *std::min_element(flops.begin(), flops.end());
  expected.flops_most = *std::max_element(flops.begin(), flops.end());
  expected.flops_grid = grid::make_plan(study).flops;
  expected.groups = Search(study).progress().size();
  expected.trials_at_once = 2 * expected.groups * study.learning_rates.size() *
                            static_cast<std::size_t>(study.run.boundary.at_once);
  return expected;
}

}  // namespace surd::design
