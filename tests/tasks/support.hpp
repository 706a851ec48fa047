// What the tests of the task room share.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/random.hpp"
#include "tasks/entry.hpp"
#include "tasks/task.hpp"

namespace surd::tasks {

inline const std::filesystem::path parity_folder =
    std::filesystem::path(SURD_SOURCE_DIR) / "tests/data/parity";

inline Instance draw(const Task& task, std::uint64_t seed, std::uint32_t index, int size) {
  RandomStream stream(seed, Split::train, 0, index);
  Instance instance;
  task.sample(stream, size, instance);
  return instance;
}
inline Instance draw(const Task& task, std::uint64_t seed, std::uint32_t index = 0) {
  return draw(task, seed, index, task.settings().size);
}

inline std::vector<std::string> split(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

inline std::string join(const std::vector<std::string>& words, std::size_t begin = 0,
                        std::size_t end = static_cast<std::size_t>(-1)) {
  std::string text;
  for (std::size_t i = begin; i < std::min(end, words.size()); ++i)
    text += (i > begin ? " " : "") + words[i];
  return text;
}

// A text that is no instance: the place of the first wrong word, and what could stand there.
struct FaultyText {
  std::string text;
  int position;
  std::string expected;
};
inline void check_faults(const Task& task, const std::vector<FaultyText>& faults) {
  for (const auto& [text, position, expected] : faults) {
    INFO(text);
    const Verdict verdict = task.check(text);
    CHECK(verdict.position == position);
    CHECK(verdict.expected == expected);
  }
}

inline bool is_digits(const std::string& word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
}

// An option's value, given the rule and the size.
using Choice = int (*)(const OptionRule&, int);
inline int default_of(const OptionRule& rule, int size) { return rule.fallback(size); }
inline int lowest_of(const OptionRule& rule, int size) { return rule.low(size); }
inline int low_of(const OptionRule& rule, int size) {  // not at the bound
  return std::min(rule.low(size) + 2, rule.high(size));
}

// Settings of the size that is so many above the task's smallest, or of its largest.
inline TaskSettings settings_of(const Entry& entry, int above_smallest, Choice option) {
  TaskSettings settings{.name = entry.name,
                        .size = std::min(entry.min_size + above_smallest, entry.max_size)};
  for (const OptionRule& rule : entry.options)
    settings.options[rule.name] = option(rule, settings.size);
  return settings;
}

// Settings of several sizes of each task: what tests over "every task" run over.
inline std::vector<TaskSettings> all_settings() {
  std::vector<TaskSettings> all;
  for (const Entry& entry : entries()) {
    for (const int above : {0, 5, 16}) all.push_back(settings_of(entry, above, default_of));
    if (entry.options.empty()) continue;
    for (const Choice option : {lowest_of, low_of}) all.push_back(settings_of(entry, 11, option));
  }
  return all;
}

}  // namespace surd::tasks
