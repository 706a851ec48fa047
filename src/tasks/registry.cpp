#include <algorithm>

#include "base/error.hpp"
#include "tasks/entry.hpp"
#include "tasks/task.hpp"

namespace surd::tasks {

// Every task, in the order in which users see them. A new one is a line here: its file's name.
#define SURD_TASKS(TASK) \
  TASK(lookup)           \
  TASK(mqar)             \
  TASK(copy)             \
  TASK(chase)            \
  TASK(recurrence)       \
  TASK(arithmetic)       \
  TASK(equation)         \
  TASK(edit_distance)    \
  TASK(lis)

#define SURD_DECLARE(name) Entry name##_entry();
SURD_TASKS(SURD_DECLARE)

const std::vector<Entry>& entries() {
#define SURD_ENTRY(name) name##_entry(),
  static const std::vector<Entry> all{SURD_TASKS(SURD_ENTRY)};
  return all;
}

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& words) {
  const std::string nearest = nearest_word(word, words);
  return nearest.empty() ? "" : "Did you mean '" + nearest + "'?";
}

std::string range_text(int low, int high) {
  return std::to_string(low) + ".." + std::to_string(high);
}

const Entry& find_entry(const std::string& name) {
  const auto found =
      std::ranges::find_if(entries(), [&](const Entry& entry) { return entry.name == name; });
  if (found != entries().end()) return *found;
  throw InputError({.what = "unknown task",
                    .expected = "one of " + joined(task_names()),
                    .got = "'" + name + "'",
                    .advice = did_you_mean(name, task_names())});
}

}  // namespace

std::vector<std::string> task_names() {
  std::vector<std::string> names;
  for (const Entry& entry : entries()) names.push_back(entry.name);
  return names;
}

std::vector<std::string> option_names(const std::string& task) {
  std::vector<std::string> names;
  for (const OptionRule& rule : find_entry(task).options) names.push_back(rule.name);
  return names;
}

TaskSettings resolve(const TaskSettings& settings) {
  const Entry& entry = find_entry(settings.name);
  if (settings.size < entry.min_size || settings.size > entry.max_size) {
    throw InputError({.what = "the size is out of range",
                      .where = "task " + entry.name,
                      .expected = range_text(entry.min_size, entry.max_size),
                      .got = std::to_string(settings.size)});
  }
  TaskSettings resolved{.name = entry.name, .size = settings.size};
  for (const OptionRule& rule : entry.options) {
    const auto given = settings.options.find(rule.name);
    const int value =
        given == settings.options.end() ? rule.fallback(settings.size) : given->second;
    const int low = rule.low(settings.size);
    const int high = rule.high(settings.size);
    if (value < low || value > high) {
      throw InputError({.what = "option " + rule.name + " is out of range for size " +
                                std::to_string(settings.size),
                        .where = "task " + entry.name,
                        .expected = range_text(low, high),
                        .got = std::to_string(value)});
    }
    resolved.options[rule.name] = value;
  }
  const std::vector<std::string> known = option_names(entry.name);
  for (const auto& [name, value] : settings.options) {
    if (resolved.options.contains(name)) continue;
    throw InputError({.what = "unknown option",
                      .where = "task " + entry.name,
                      .expected = known.empty() ? "no options" : "one of " + joined(known),
                      .got = "'" + name + "'",
                      .advice = did_you_mean(name, known)});
  }
  return resolved;
}

std::unique_ptr<Task> make_task(const TaskSettings& settings) {
  return find_entry(settings.name).make(resolve(settings));
}

int largest_size(const TaskSettings& settings, int length) {
  const Entry& entry = find_entry(settings.name);
  // length(size) is monotone: the first size that no longer fits, less one. A length that only a
  // size beyond max_size would fill is an error: two such lengths would silently be the same
  // problem.
  int fits = entry.min_size - 1;
  int too_long = entry.max_size + 1;
  if (length < entry.length(entry.min_size) || length >= entry.length(too_long)) {
    throw InputError({.what = "no problem size has this length",
                      .where = "task " + entry.name,
                      .expected = "a length of " + range_text(entry.length(entry.min_size),
                                                              entry.length(too_long) - 1),
                      .got = std::to_string(length)});
  }
  while (too_long - fits > 1) {
    const int middle = fits + (too_long - fits) / 2;
    (entry.length(middle) <= length ? fits : too_long) = middle;
  }
  return fits;
}

}  // namespace surd::tasks
