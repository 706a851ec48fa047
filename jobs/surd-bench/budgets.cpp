#include "bench/budgets.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "jobs/surd-bench/commands.hpp"
#include "jobs/surd-bench/simulation.hpp"

namespace surd::jobs {
namespace {

struct BudgetsArguments : Simulation {
  std::vector<std::string> scenarios;
};

void measure(const BudgetsArguments& arguments) {
  Json rows = Json::array();
  const auto cases = chosen(bench::budget_cases(), arguments.scenarios, "; ");
  fmt::print("{}", bench::budgets_header());
  for (const bench::BudgetCase& one : cases) {
    const bench::BudgetRow row =
        bench::measure_budgets(one, arguments.studies, arguments.seed, arguments.threads);
    fmt::print("{}", bench::budgets_line(one, row));
    std::fflush(stdout);
    rows.push_back(bench::to_json(one, row));
  }
  write_measurement(arguments.json, {{"measured", "budgets"},
                                     {"seed", arguments.seed},
                                     {"studies", arguments.studies},
                                     {"rows", std::move(rows)}});
}

}  // namespace

void add_bench_budgets_command(CLI::App& app) {
  const auto arguments = std::make_shared<BudgetsArguments>();
  CLI::App* command = app.add_subcommand(
      "budgets", "Coverage of the exponent that remains with more steps, on simulated studies");
  add_simulation(*command, *arguments, "of each case");
  command->add_option("--scenario", arguments->scenarios, "only these cases, as they are called");
  command->callback([arguments] { measure(*arguments); });
}

}  // namespace surd::jobs
