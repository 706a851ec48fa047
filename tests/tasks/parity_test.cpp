// Instances that the predecessor's own generators made. SURD_PARITY_DIR names a folder with more of
// them.
#include <catch2/catch.hpp>
#include <algorithm>
#include <iostream>

#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

struct Case {
  std::string place;
  TaskSettings settings;
  std::string text;
  std::vector<Token> tokens;
  std::vector<Token> labels;
};

std::vector<std::filesystem::path> instance_files() {
  std::vector<std::filesystem::path> folders{parity_folder};
  if (const char* more = std::getenv("SURD_PARITY_DIR")) folders.emplace_back(more);
  std::vector<std::filesystem::path> files;
  for (const auto& folder : folders) {
    INFO("parity folder " << folder);
    REQUIRE(std::filesystem::is_directory(folder));
    bool any = false;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      const bool instances =
          name.find("instances") != std::string::npos && name.ends_with(".jsonl");
      any =
          any || instances || (name.find("model") != std::string::npos && name.ends_with(".json"));
      if (instances) files.push_back(entry.path());
    }
    REQUIRE(any);  // a folder without cases would be a silent pass
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Case> cases() {
  const auto names = task_names();
  std::vector<Case> all;
  int skipped = 0;
  for (const auto& file : instance_files()) {
    const std::size_t before = all.size();
    std::ifstream lines(file);
    std::string text;
    for (int number = 1; std::getline(lines, text); ++number) {
      if (text.empty()) continue;
      const Json line = Json::parse(text);
      const auto task = line.at("task").get<std::string>();
      if (std::find(names.begin(), names.end(), task) == names.end()) {
        ++skipped;
        continue;
      }
      Case item{.place = file.filename().string() + ":" + std::to_string(number),
                .settings = {.name = task, .size = line.at("size").get<int>()},
                .text = line.at("text").get<std::string>(),
                .tokens = line.at("tokens").get<std::vector<Token>>(),
                .labels = line.at("labels").get<std::vector<Token>>()};
      for (const std::string& option : option_names(task)) {
        if (line.contains(option)) item.settings.options[option] = line.at(option).get<int>();
      }
      all.push_back(std::move(item));
    }
    INFO(file);
    REQUIRE(all.size() > before);
  }
  // A folder of one's own may know more tasks than this program.
  if (skipped > 0)
    std::cout << skipped << " parity instances of unknown tasks skipped, " << all.size()
              << " used\n";
  return all;
}

std::string prompt_of(const Task& task, const Case& item) {
  return task.text(std::span(item.tokens).first(task.prompt_tokens(item.tokens)));
}

TEST_CASE("parity: encode gives the tokens and labels of every instance") {
  for (const Case& item : cases()) {
    INFO(item.place);
    const auto task = make_task(item.settings);
    const Instance instance = task->encode(item.text);
    CHECK(instance.tokens == item.tokens);
    CHECK(instance.labels == item.labels);
    CHECK(task->text(item.tokens) == item.text);
    CHECK(static_cast<int>(item.labels.size()) <= task->positions());
    CHECK(*std::max_element(item.tokens.begin(), item.tokens.end()) < task->vocabulary());
  }
}

TEST_CASE("parity: check accepts every instance") {
  for (const Case& item : cases()) {
    INFO(item.place << ": " << item.text);
    const Verdict verdict = make_task(item.settings)->check(item.text);
    INFO("position " << verdict.position << ", expected " << verdict.expected << ", got "
                     << verdict.got);
    CHECK(verdict.valid);
  }
}

TEST_CASE("parity: solve gives the text of every instance, for arithmetic its answer") {
  for (const Case& item : cases()) {
    INFO(item.place);
    const auto task = make_task(item.settings);
    const std::string solution = task->solve(prompt_of(*task, item));
    if (item.settings.name == "arithmetic") {
      CHECK(split(solution).back() == split(item.text).back());
      CHECK(solution.starts_with(prompt_of(*task, item)));
      CHECK(task->check(solution).valid);
    } else {
      CHECK(solution == item.text);
    }
  }
}

}  // namespace
}  // namespace surd::tasks
