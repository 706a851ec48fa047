#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/option.hpp"
#include "bench/tasks.hpp"
#include "jobs/surd-bench/commands.hpp"
#include "tasks/task.hpp"

namespace surd::jobs {
namespace {

struct TasksArguments {
  std::vector<std::string> tasks = tasks::task_names();
  std::vector<int> lengths = {85, 221};
  int repetitions = 3;
  double seconds = 0.1;
  std::string json;
};

}  // namespace

void add_bench_tasks_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("tasks", "Tokens a second that each task's sampler makes");
  const auto arguments = std::make_shared<TasksArguments>();
  command->add_option("--task", arguments->tasks, "tasks (default: all)")->delimiter(',');
  command->add_option("--length", arguments->lengths, "the largest size that fits into each")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--repeat", arguments->repetitions, "repetitions")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_option("--seconds", arguments->seconds, "of a repetition")
      ->capture_default_str()
      ->check(positive_number);
  command->add_option("--json", arguments->json, "write what was measured to this file")
      ->check(output_file);
  command->callback([arguments] {
    const auto rates = bench::measure_samplers(arguments->tasks, arguments->lengths,
                                               arguments->repetitions, arguments->seconds);
    fmt::print("{}", bench::markdown(rates));
    Json cases = Json::array();
    for (const bench::SamplerRate& rate : rates) cases.push_back(to_json(rate));
    write_measurement(arguments->json, {{"measured", "tasks"}, {"cases", cases}});
  });
}

}  // namespace surd::jobs
