// What the tests of the task room share.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/random.hpp"
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

inline bool is_digits(const std::string& word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
}

// Settings of several sizes of each task: what tests over "every task" run over.
inline std::vector<TaskSettings> all_settings() {
  return {{"lookup", 1, {}},
          {"lookup", 12, {}},
          {"lookup", 8, {{"symbols", 3}}},
          {"mqar", 1, {}},
          {"mqar", 12, {}},
          {"mqar", 6, {{"keys", 6}, {"values", 40}}},
          {"copy", 1, {}},
          {"copy", 20, {{"symbols", 4}}},
          {"chase", 2, {}},
          {"chase", 15, {}},
          {"recurrence", 1, {}},
          {"recurrence", 14, {}},
          {"recurrence", 14, {{"modulus", 11}, {"locality", 3}}},
          {"arithmetic", 1, {}},
          {"arithmetic", 5, {}},
          {"arithmetic", 16, {}},
          {"equation", 1, {}},
          {"equation", 2, {}},
          {"equation", 5, {}},
          {"edit_distance", 1, {}},
          {"edit_distance", 6, {}},
          {"edit_distance", 20, {}},
          {"lis", 3, {}},
          {"lis", 40, {}},
          {"lis", 12, {{"number_range", 25}}}};
}

}  // namespace surd::tasks
