#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/search.hpp"
#include "jobs/surd-bench/commands.hpp"
#include "jobs/surd-bench/simulation.hpp"

namespace surd::jobs {
namespace {

struct SearchArguments : Simulation {
  SearchArguments() {
    studies = 500;
    seed = 20240222;
  }

  std::vector<bench::Goal> goals = {bench::Goal::alpha, bench::Goal::delta};
  std::vector<double> alphas = {0, 0.5, 1};
  std::vector<int> at_once = {2, 16, 128};
  int lengths = 5;
  double replicates_share = 0.15;
  double per_flop_share = 0.06;
};

void measure(const SearchArguments& arguments) {
  fmt::print(
      "Base scenario with {} lengths, {} studies each; delta: beside a baseline of alpha 0. Cost "
      "of a seed: length "
      "x width^2; shares are of the full grid's with "
      "three seeds a cell, for delta of both grids'.\n\n",
      arguments.lengths, arguments.studies);
  fmt::print("{}", bench::search_header());
  Json rows = Json::array();
  for (const bench::Goal goal : arguments.goals) {
    for (const double alpha : arguments.alphas) {
      const law::Experiment experiment = bench::base_experiment(
          goal, alpha, arguments.lengths, arguments.studies, arguments.seed, arguments.threads);
      const law::Accuracy grid = law::power_of(experiment).primary();
      for (const auto strategy : {law::Strategy::replicates, law::Strategy::per_flop}) {
        for (const int at_once : arguments.at_once) {
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
      "Cost and half-width of studies that run what surd-fit next proposes, against the full grid");
  command
      ->add_option(
          "--goal", arguments->goals,
          "alpha of one architecture, delta: its difference from a baseline's (default: both)")
      ->delimiter(',')
      ->transform(CLI::CheckedTransformer(std::map<std::string, bench::Goal>{
          {"alpha", bench::Goal::alpha}, {"delta", bench::Goal::delta}}));
  command->add_option("--alpha", arguments->alphas, "true exponents")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::Range(-2.0, 3.0));
  command->add_option("--at-once", arguments->at_once, "seeds that can run at once")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
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
      ->capture_default_str()
      ->check(CLI::Range(3, 100));
  add_simulation(*command, *arguments, "of each row");
  command->callback([arguments] { measure(*arguments); });
}

}  // namespace surd::jobs
