// surd: what is done on a login node or a laptop. Nothing here trains: `surd run` starts surd-run.
#include "jobs/surd/plan.hpp"
#include "jobs/surd/results.hpp"
#include "jobs/surd/run.hpp"
#include "jobs/surd/status.hpp"
#include "jobs/surd/task.hpp"
#include "program/program.hpp"

int main(int argc, char** argv) {
  CLI::App app(
      "Plans studies of small Transformers, starts their training (surd-run), shows how a run "
      "goes, keeps its results. surd-fit fits.",
      "surd");
  surd::program::prepare(app);
  app.require_subcommand(1);
  int exit_code = 0;
  surd::jobs::add_plan_command(app, exit_code);
  surd::jobs::add_run_command(app, exit_code);
  surd::jobs::add_status_command(app, exit_code);
  surd::jobs::add_results_command(app, exit_code);
  surd::jobs::add_task_command(app, exit_code);
  return surd::program::run(app, argc, argv, [&] { return exit_code; });
}
