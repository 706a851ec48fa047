#include "program/run_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace surd::program {

void add_run_options(CLI::App& app, RunOptions& options) {
  app.add_option("study", options.study, "study file (YAML), or a run folder to go on with");
  app.add_option("--out", options.out, "run folder (default: runs/NAME, NAME being the study's)");
  app.add_option("--set", options.overrides,
                 "override of the study file, key=value; may be given more than once")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option("--device", options.device, "cpu, cuda or auto")->capture_default_str();
  app.add_option("--group", options.group,
                 "how a team exchanges gradients: solo, mpi, nccl or auto")
      ->capture_default_str();
  app.add_option("--audit", options.audit,
                 "when the study is complete, train this share (0 to 1) of its unsolved seeds anew "
                 "with twice the steps; at least five");
  app.add_flag("--shrink", options.shrink,
               "let finished trials that this study lacks leave results.h5; they stay in the "
               "journal");
}

std::vector<std::string> to_arguments(const RunOptions& options) {
  const RunOptions defaults;
  std::vector<std::string> words = {options.study};
  const auto add = [&](const char* flag, const std::string& value) {
    words.emplace_back(flag);
    words.push_back(value);
  };
  if (options.out != defaults.out) add("--out", options.out);
  for (const std::string& override_text : options.overrides) add("--set", override_text);
  if (options.device != defaults.device) add("--device", options.device);
  if (options.group != defaults.group) add("--group", options.group);
  if (options.audit) add("--audit", fmt::format("{}", *options.audit));
  if (options.shrink) words.emplace_back("--shrink");
  return words;
}

}  // namespace surd::program
