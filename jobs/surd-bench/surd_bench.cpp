// surd-bench: how fast this machine trains, samples, schedules, stores and fits; as ratios where
// there is a peer.
#include "jobs/surd-bench/commands.hpp"
#include "program/program.hpp"

int main(int argc, char** argv) {
  CLI::App app(
      "Measures surd on this machine, on one core or on a GPU. Rates on a core are a second of its "
      "time, so busy neighbours count little.",
      "surd-bench");
  surd::program::prepare(app);
  app.require_subcommand(1);
  surd::jobs::add_bench_train_command(app);
  surd::jobs::add_bench_memory_command(app);
  surd::jobs::add_bench_device_command(app);
  surd::jobs::add_bench_tasks_command(app);
  surd::jobs::add_bench_study_commands(app);
  surd::jobs::add_bench_coverage_command(app);
  surd::jobs::add_bench_alarms_command(app);
  surd::jobs::add_bench_labels_command(app);
  surd::jobs::add_bench_budgets_command(app);
  surd::jobs::add_bench_rates_command(app);
  surd::jobs::add_bench_search_command(app);
  surd::jobs::add_bench_estimate_command(app);
  surd::jobs::add_bench_utilisation_command(app);
  return surd::program::run(app, argc, argv, [] { return 0; });
}
