// What the registry must know of a task before one is made. src/tasks/NAME.cpp defines the task and
// its NAME_entry(); registry.cpp lists the names.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tasks/task.hpp"

namespace surd::tasks {

// An integer option. Its bounds and its default may depend on the size.
struct OptionRule {
  std::string name;
  int (*low)(int size);
  int (*high)(int size);
  int (*fallback)(int size);
};

struct Entry {
  std::string name;
  int min_size;
  int max_size;             // so that lengths and token ids stay small integers
  int (*length)(int size);  // as Task::length
  std::vector<OptionRule> options;
  std::unique_ptr<Task> (*make)(TaskSettings resolved);
};

// Every task, in the order in which users see them.
const std::vector<Entry>& entries();

}  // namespace surd::tasks
