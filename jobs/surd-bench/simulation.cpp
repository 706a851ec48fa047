#include "jobs/surd-bench/simulation.hpp"

#include <fmt/format.h>

#include <thread>

#include "base/error.hpp"
#include "base/option.hpp"

namespace surd::jobs {

Simulation::Simulation()
    : threads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))) {}

void add_simulation(CLI::App& command, Simulation& simulation, const std::string& of) {
  command.add_option("--studies", simulation.studies, of)
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  command.add_option("--seed", simulation.seed, "of the simulated studies")->capture_default_str();
  command.add_option("--threads", simulation.threads, "of no influence on the numbers")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command.add_option("--json", simulation.json, "write what was measured to this file")
      ->check(output_file);
}

void check_scenarios(const std::vector<std::string>& wanted, const std::vector<std::string>& names,
                     const std::string& between) {
  for (const std::string& word : wanted) {
    if (std::find(names.begin(), names.end(), word) != names.end()) continue;
    const std::string nearest = nearest_word(word, names);
    throw InputError(
        {.what = "unknown scenario",
         .expected = fmt::format("{}", fmt::join(names, between)),
         .got = fmt::format("'{}'", word),
         .advice = nearest.empty() ? std::string() : fmt::format("Did you mean '{}'?", nearest)});
  }
}

}  // namespace surd::jobs
