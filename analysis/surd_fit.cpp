// surd-fit: from results to exponents, offline.
#include "analysis/subcommands.hpp"
#include "program/program.hpp"

int main(int argc, char** argv) {
  CLI::App app("Scaling exponents of threshold widths, with honest intervals", "surd-fit");
  surd::program::prepare(app);
  app.require_subcommand(1);
  int exit_code = 0;
  surd::analysis::add_fit(app, exit_code);
  surd::analysis::add_report(app, exit_code);
  surd::analysis::add_steps(app);
  surd::analysis::add_next(app);
  surd::analysis::add_power(app);
  surd::analysis::add_simulate(app);
  surd::analysis::add_compare(app, exit_code);
  return surd::program::run(app, argc, argv, [&] { return exit_code; });
}
