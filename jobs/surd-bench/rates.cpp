#include "bench/rates.hpp"

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

struct RatesArguments : Simulation {
  std::vector<std::string> scenarios;
};

void measure(const RatesArguments& arguments) {
  Json lines = Json::array();
  const auto cases = chosen(bench::rates_cases(), arguments.scenarios, " / ");
  fmt::print("{}", bench::rates_header());
  for (const bench::RatesCase& one : cases) {
    const std::vector<bench::RatesRow> rows =
        bench::measure_rates(one, arguments.studies, arguments.seed, arguments.threads);
    const std::vector<bench::RatesRule> rules = bench::rates_rules(one);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      fmt::print("{}", bench::rates_line(one, rules[i], rows[i]));
      lines.push_back(bench::to_json(one, rules[i], rows[i]));
    }
    std::fflush(stdout);
  }
  write_measurement(arguments.json,
                    {{"measured", "rates"}, {"seed", arguments.seed}, {"rows", std::move(lines)}});
}

}  // namespace

void add_bench_rates_command(CLI::App& app) {
  const auto arguments = std::make_shared<RatesArguments>();
  CLI::App* command = app.add_subcommand(
      "rates",
      "Bias and coverage where the best learning rate moves: fixed rates, and windows of rates");
  add_simulation(*command, *arguments, "of each case");
  command->add_option("--scenario", arguments->scenarios, "only these cases, as they are called");
  command->callback([arguments] { measure(*arguments); });
}

}  // namespace surd::jobs
