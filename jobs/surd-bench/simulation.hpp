// What all measurements on simulated studies ask for.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace surd::jobs {

struct Simulation {
  Simulation();  // as many threads as the machine has cores

  int studies = 1000;
  std::uint64_t seed = 20240221;
  int threads = 1;
  std::string json;
};
// --studies, --seed, --threads and --json. `of` says of what so many studies are.
void add_simulation(CLI::App& command, Simulation& simulation, const std::string& of);

// InputError where a word is not among the names, which the message lists with `between` between.
void check_scenarios(const std::vector<std::string>& wanted, const std::vector<std::string>& names,
                     const std::string& between);

// Those of `cases` whose name is wanted; all where none is. InputError as check_scenarios.
template <typename Case>
std::vector<Case> chosen(std::vector<Case> cases, const std::vector<std::string>& wanted,
                         const std::string& between = ", ") {
  std::vector<std::string> names;
  for (const Case& one : cases) names.push_back(one.name);
  check_scenarios(wanted, names, between);
  if (wanted.empty()) return cases;
  std::erase_if(cases, [&](const Case& one) {
    return std::find(wanted.begin(), wanted.end(), one.name) == wanted.end();
  });
  return cases;
}

}  // namespace surd::jobs
