#include "jobs/surd/task.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"
#include "tasks/task.hpp"

namespace surd::jobs {
namespace {

using surd::InputError;
using surd::tasks::Instance;
using surd::tasks::Task;
using surd::tasks::TaskSettings;
using Line = nlohmann::ordered_json;  // keys stay in the order of the input

struct TaskArguments {
  std::string task;
  std::optional<int> size;
  std::map<std::string, int> options;  // of any task, as given
  std::uint32_t count = 1;
  std::uint64_t seed = 0;
};

TaskSettings settings_of(const TaskArguments& arguments) {
  return {.name = arguments.task, .size = arguments.size.value_or(0), .options = arguments.options};
}

void print(const Line& line) {
  std::cout << line.dump(-1, ' ', false, Line::error_handler_t::replace) << '\n';
}

void sample(const TaskArguments& arguments) {
  if (!arguments.size)
    throw InputError({.what = "missing flag", .where = "surd task sample", .expected = "--size N"});
  const auto task = surd::tasks::make_task(settings_of(arguments));
  const TaskSettings& settings = task->settings();
  Instance instance;
  for (std::uint32_t i = 0; i < arguments.count; ++i) {
    surd::RandomStream stream(arguments.seed, surd::Split::test, 0, i);
    task->sample(stream, settings.size, instance);
    Line line{{"task", settings.name}, {"size", settings.size}};
    for (const auto& [name, value] : settings.options) line[name] = value;
    line["text"] = task->text(instance.tokens);
    line["tokens"] = instance.tokens;
    line["labels"] = instance.labels;
    print(line);
  }
}

// The task of a line: its own keys "size" and those of the task's options, else the flags. Kept
// from line to line while they stay the same.
class LineTask {
 public:
  explicit LineTask(const TaskArguments& arguments)
      : arguments_(arguments), options_(surd::tasks::option_names(arguments.task)) {}

  const Task& of(const Line& line) {
    if (const auto name = line.find("task"); name != line.end() && *name != arguments_.task) {
      throw InputError({.what = "the line is of another task",
                        .expected = "'" + arguments_.task + "'",
                        .got = name->dump()});
    }
    TaskSettings settings = settings_of(arguments_);
    if (const auto size = integer(line, "size")) settings.size = *size;
    for (const std::string& option : options_) {
      if (const auto value = integer(line, option)) settings.options[option] = *value;
    }
    if (settings.size == 0) {
      throw InputError({.what = "no size",
                        .where = "task " + arguments_.task,
                        .expected = "--size N, or a key \"size\" in the line"});
    }
    if (!task_ || settings != wanted_) {
      task_ = surd::tasks::make_task(settings);
      wanted_ = settings;
    }
    return *task_;
  }

 private:
  static std::optional<int> integer(const Line& line, const std::string& key) {
    const auto found = line.find(key);
    if (found == line.end()) return std::nullopt;
    constexpr std::int64_t most = 2'000'000'000;
    if (!found->is_number_integer() || found->get<double>() > most ||
        found->get<double>() < -most) {
      throw InputError({.what = "key \"" + key + "\" has the wrong type",
                        .expected = "an integer",
                        .got = found->dump()});
    }
    return found->get<int>();
  }

  const TaskArguments& arguments_;
  std::vector<std::string> options_;
  TaskSettings wanted_;
  std::unique_ptr<Task> task_;
};

void encode(const Task& task, const std::string& text, Line& line) {
  const Instance instance = task.encode(text);
  line["text"] = text;
  line["tokens"] = instance.tokens;
  line["labels"] = instance.labels;
}

// Whether the text is valid.
bool check(const Task& task, const std::string& text, Line& line) {
  const auto verdict = task.check(text);
  line["valid"] = verdict.valid;
  line["position"] = verdict.valid ? Line(nullptr) : Line(verdict.position);
  line["expected"] = verdict.valid ? Line(nullptr) : Line(verdict.expected);
  line["got"] = verdict.valid ? Line(nullptr) : Line(verdict.got);
  return verdict.valid;
}

Line parse(const std::string& text) {
  Line line;
  try {
    line = Line::parse(text);
  } catch (const Line::parse_error& error) {
    throw InputError({.what = "the line is not JSON",
                      .expected = "an object with a key \"text\"",
                      .got = error.what()});
  }
  if (!line.is_object() || !line.contains("text") || !line["text"].is_string()) {
    throw InputError({.what = "the line has no text",
                      .expected = "an object with a key \"text\" that holds a string",
                      .got = line.dump().substr(0, 80)});
  }
  return line;
}

// Calls action(task, text, line) for each line of stdin that is not blank, and prints the line as
// the action leaves it.
template <typename Action>
void for_each_line(const TaskArguments& arguments, Action action) {
  LineTask tasks(arguments);
  std::string text;
  for (std::int64_t number = 1; std::getline(std::cin, text); ++number) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      Line line = parse(text);
      action(tasks.of(line), line["text"].get<std::string>(), line);
      print(line);
    } catch (const InputError& error) {
      std::cout.flush();
      surd::Report report = error.report();
      report.where =
          "stdin:" + std::to_string(number) + (report.where.empty() ? "" : ": " + report.where);
      throw InputError(report);
    }
  }
}

CLI::App* add_action(CLI::App& task, const std::string& name, const std::string& help,
                     const std::shared_ptr<TaskArguments>& arguments) {
  CLI::App* action = task.add_subcommand(name, help);
  std::string names;
  std::map<std::string, std::string> options;  // each with the tasks that have it
  for (const std::string& owner : surd::tasks::task_names()) {
    names += (names.empty() ? "" : ", ") + owner;
    for (const std::string& option : surd::tasks::option_names(owner))
      options[option] += (options[option].empty() ? "" : ", ") + owner;
  }
  action->add_option("TASK", arguments->task, "One of " + names)->required();
  action->add_option("--size", arguments->size, "Problem size n");
  for (const auto& [option, owners] : options) {
    std::string flag = "--" + option;
    std::replace(flag.begin(), flag.end(), '_', '-');
    action->add_option_function<int>(
        flag, [arguments, name = option](int value) { arguments->options[name] = value; },
        "Option of " + owners);
  }
  return action;
}

}  // namespace

void add_task_command(CLI::App& app, int& exit_code) {
  CLI::App* task = app.add_subcommand(
      "task", "Sample, encode, solve or check instances of a task, as JSON lines");
  task->require_subcommand(1);
  const auto arguments = std::make_shared<TaskArguments>();

  CLI::App* action =
      add_action(*task, "sample", "Print instances of exactly the given size", arguments);
  action->add_option("--count", arguments->count, "How many")->capture_default_str();
  action->add_option("--seed", arguments->seed, "The same seed gives the same instances")
      ->capture_default_str();
  action->callback([arguments] { sample(*arguments); });

  action =
      add_action(*task, "encode", "Read lines with a text, add its tokens and labels", arguments);
  action->callback([arguments] { for_each_line(*arguments, encode); });

  action = add_action(
      *task, "solve",
      "Read lines with a prompt as text, replace it by the full text and add tokens and labels",
      arguments);
  action->callback([arguments] {
    for_each_line(*arguments, [](const Task& solver, const std::string& prompt, Line& line) {
      encode(solver, solver.solve(prompt), line);
    });
  });

  action = add_action(
      *task, "check",
      "Read lines with a text, add whether it is valid and else where it goes wrong", arguments);
  action->callback([arguments, &exit_code] {
    for_each_line(*arguments,
                  [&exit_code](const Task& checker, const std::string& text, Line& line) {
                    if (!check(checker, text, line))
                      exit_code = static_cast<int>(surd::Exit::error);
                  });
  });
}

}  // namespace surd::jobs
