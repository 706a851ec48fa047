// surd-bench's subcommands. Each runs while `app` parses.
#pragma once

#include <string>

#include "base/json.hpp"

namespace CLI {
class App;
}

namespace surd::jobs {

void add_bench_train_command(CLI::App& app);
void add_bench_memory_command(CLI::App& app);
void add_bench_device_command(CLI::App& app);
void add_bench_tasks_command(CLI::App& app);
void add_bench_study_commands(CLI::App& app);  // dispatch, store, fit
void add_bench_coverage_command(CLI::App& app);
void add_bench_alarms_command(CLI::App& app);
void add_bench_labels_command(CLI::App& app);
void add_bench_budgets_command(CLI::App& app);
void add_bench_rates_command(CLI::App& app);
void add_bench_search_command(CLI::App& app);
void add_bench_estimate_command(CLI::App& app);
void add_bench_utilisation_command(CLI::App& app);

// Adds machine and time, and writes the file; nothing where there is no path.
void write_measurement(const std::string& path, Json measured);

}  // namespace surd::jobs
