#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/peers.hpp"
#include "bench/search.hpp"
#include "bench/stopping.hpp"
#include "jobs/surd-bench/commands.hpp"
#include "jobs/surd-bench/simulation.hpp"

namespace surd::jobs {
namespace {

struct SearchArguments : Simulation {
  SearchArguments() {
    studies = 1000;
    seed = 20240222;
  }

  std::vector<bench::Goal> goals = {bench::Goal::alpha, bench::Goal::delta};
  // Empty: as in the table, or as is usual by budget.
  std::vector<double> alphas;
  std::vector<int> at_once;
  std::vector<int> lengths;
  std::vector<double> half_widths;
  std::vector<double> scatters;
  std::vector<int> most;
  bool by_budget = false;
  bool peers = false;
  double replicates_share = 0.15;
  double per_flop_share = 0.06;

  bool asks_for_cases() const {
    return !(alphas.empty() && at_once.empty() && lengths.empty() && half_widths.empty() &&
             scatters.empty() && most.empty());
  }
};

template <typename T>
std::vector<T> or_else(const std::vector<T>& given, const std::vector<T>& usual) {
  return given.empty() ? usual : given;
}

// Every combination of what is given; of the rest what is usual.
std::vector<bench::StoppingCase> combinations(const SearchArguments& arguments) {
  const bench::StoppingCase usual;
  std::vector<bench::StoppingCase> cases = {usual};
  const auto cross = [&](const auto& values, auto member) {
    std::vector<bench::StoppingCase> crossed;
    for (const bench::StoppingCase& one : cases) {
      for (const auto& value : values) crossed.emplace_back(one).*member = value;
    }
    cases = std::move(crossed);
  };
  using Case = bench::StoppingCase;
  cross(arguments.goals, &Case::goal);
  cross(or_else(arguments.alphas, {usual.alpha}), &Case::alpha);
  cross(or_else(arguments.lengths, {usual.lengths}), &Case::lengths);
  cross(or_else(arguments.scatters, {usual.own}), &Case::own);
  cross(or_else(arguments.half_widths, {usual.half_width}), &Case::half_width);
  cross(or_else(arguments.at_once, {usual.at_once}), &Case::at_once);
  cross(or_else(arguments.most, {usual.most}), &Case::most);
  return cases;
}

void measure_with_stopping(const SearchArguments& arguments) {
  fmt::print(
      "Searches that stop at a half-width, {} studies each; base scenario with lengths from 16 to "
      "256; delta: beside a baseline of alpha 0. Cost of a seed: length x width^2; shares are of "
      "the full grid's with three seeds a cell.\n\n{}",
      arguments.studies, bench::stopping_header());
  Json rows = Json::array();
  std::vector<bench::StoppingCase> cases =
      arguments.asks_for_cases() ? combinations(arguments) : bench::stopping_cases();
  std::erase_if(cases, [&](const bench::StoppingCase& one) {
    return std::find(arguments.goals.begin(), arguments.goals.end(), one.goal) ==
           arguments.goals.end();
  });
  for (const bench::StoppingCase& one : cases) {
    const bench::StoppingRow row =
        bench::measure_stopping(one, arguments.studies, arguments.seed, arguments.threads);
    fmt::print("{}", bench::stopping_line(row));
    std::fflush(stdout);
    rows.push_back(bench::to_json(row));
  }
  write_measurement(arguments.json,
                    {{"measured", "search"}, {"seed", arguments.seed}, {"rows", std::move(rows)}});
}

// One curve whose cells may have 32 seeds, to a half-width of .2: what each peer spends.
void measure_peers(const SearchArguments& arguments) {
  fmt::print(
      "What searches by other rules spend until the same look is content, {} studies each; all "
      "else "
      "as without --peers.\n\n{}",
      arguments.studies, bench::stopping_header("by"));
  Json rows = Json::array();
  for (const bench::SearchPeer& peer : bench::search_peers()) {
    for (const double alpha : or_else(arguments.alphas, {0, 0.5, 1})) {
      const bench::StoppingRow row =
          bench::measure_stopping({.alpha = alpha, .most = 32}, arguments.studies, arguments.seed,
                                  arguments.threads, peer.proposing);
      fmt::print("{}", bench::stopping_line(row, peer.name));
      std::fflush(stdout);
      rows.push_back(bench::to_json(row));
      rows.back()["by"] = peer.name;
    }
  }
  write_measurement(arguments.json,
                    {{"measured", "peers"}, {"seed", arguments.seed}, {"rows", std::move(rows)}});
}

void measure_by_budget(const SearchArguments& arguments) {
  const int lengths = arguments.lengths.empty() ? 5 : arguments.lengths.front();
  fmt::print(
      "Base scenario with {} lengths, {} studies each; delta: beside a baseline of alpha 0. Cost "
      "of a seed: length "
      "x width^2; shares are of the full grid's with "
      "three seeds a cell, for delta of both grids'.\n\n",
      lengths, arguments.studies);
  fmt::print("{}", bench::search_header());
  Json rows = Json::array();
  for (const bench::Goal goal : arguments.goals) {
    for (const double alpha : or_else(arguments.alphas, {0, 0.5, 1})) {
      const law::Experiment experiment = bench::base_experiment(
          goal, alpha, lengths, arguments.studies, arguments.seed, arguments.threads);
      const law::Accuracy grid = law::power_of(experiment).primary();
      for (const auto strategy : {law::Strategy::replicates, law::Strategy::per_flop}) {
        for (const int at_once : or_else(arguments.at_once, {2, 16, 128})) {
          const double share = strategy == law::Strategy::replicates ? arguments.replicates_share
                                                                     : arguments.per_flop_share;
          const bench::SearchRow row = bench::measure_search(
              {.goal = goal, .strategy = strategy, .at_once = at_once, .budget_share = share},
              experiment, grid);
          fmt::print("{}", bench::search_line(row));
          std::fflush(stdout);
          rows.push_back(bench::to_json(row));
        }
      }
    }
  }
  write_measurement(arguments.json,
                    {{"measured", "search"}, {"seed", arguments.seed}, {"rows", std::move(rows)}});
}

}  // namespace

void add_bench_search_command(CLI::App& app) {
  const auto arguments = std::make_shared<SearchArguments>();
  CLI::App* command = app.add_subcommand(
      "search",
      "Whether the intervals of searches that stop at a half-width hold, and what they cost");
  command
      ->add_option(
          "--goal", arguments->goals,
          "alpha of one architecture, delta: its difference from a baseline's (default: both)")
      ->delimiter(',')
      ->transform(CLI::CheckedTransformer(std::map<std::string, bench::Goal>{
          {"alpha", bench::Goal::alpha}, {"delta", bench::Goal::delta}}));
  command->add_option("--alpha", arguments->alphas, "true exponents")
      ->delimiter(',')
      ->check(CLI::Range(-2.0, 3.0));
  command->add_option("--at-once", arguments->at_once, "seeds that can run at once")
      ->delimiter(',')
      ->check(CLI::Range(1, 100'000));
  command->add_option("--half-width", arguments->half_widths, "to stop at")
      ->delimiter(',')
      ->check(CLI::Range(1e-3, 10.0));
  command
      ->add_option("--scatter", arguments->scatters,
                   "of the log thresholds about the law, each curve's own")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 10.0));
  command->add_option("--most", arguments->most, "seeds of a cell at most")
      ->delimiter(',')
      ->check(CLI::Range(1, 100'000));
  command->add_flag("--peers", arguments->peers,
                    "what QUEST+, V-optimal design and the full grid spend, by the same stop");
  command->add_flag("--by-budget", arguments->by_budget,
                    "half-widths at a budget instead: what surd-fit next proposes, and replicates, "
                    "against the full grid");
  command
      ->add_option("--replicates", arguments->replicates_share,
                   "budget of bisection and then replicates, of the full grid's cost")
      ->capture_default_str()
      ->check(CLI::Range(1e-6, 1e3));
  command
      ->add_option("--per-flop", arguments->per_flop_share,
                   "budget of bisection and then the best seed per FLOP, of the full grid's cost")
      ->capture_default_str()
      ->check(CLI::Range(1e-6, 1e3));
  command
      ->add_option("--lengths", arguments->lengths,
                   "from 16 to 256; from six on the two curves of a difference are paired")
      ->delimiter(',')
      ->check(CLI::Range(3, 100));
  add_simulation(*command, *arguments, "of each row");
  command->callback([arguments] {
    if (arguments->by_budget) {
      measure_by_budget(*arguments);
    } else if (arguments->peers) {
      measure_peers(*arguments);
    } else {
      measure_with_stopping(*arguments);
    }
  });
}

}  // namespace surd::jobs
