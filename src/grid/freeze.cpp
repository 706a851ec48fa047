#include "grid/freeze.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace surd::grid {

namespace {

std::string values(const Axis& axis) {
  Json list = Json::array();
  for (const AxisValue& value : axis.values) list.push_back(value.value);
  return to_yaml(list);
}

std::string task_map(const std::vector<TaskChoice>& choices) {
  std::vector<std::string> parts;
  for (const TaskChoice& choice : choices)
    parts.push_back(choice.settings.name + ": " + to_yaml(Json(choice.settings.options)));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

std::string architecture_list(const std::vector<ArchitectureChoice>& choices) {
  std::vector<std::string> parts;
  for (const ArchitectureChoice& choice : choices)
    parts.push_back(
        fmt::format("{{{}: {}}}", choice.architecture.name, to_yaml(choice.architecture.options)));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

// A geometric length keeps its rule, since values that come to one size are dropped only there.
std::string length_text(const Source& source, const std::string& name) {
  const Node* node = source.root.find("grid")->find(name);
  if (node->is_map()) return to_yaml(*node);
  return values(source.grid.lengths.front());
}

std::string as_given(const Source& source, const char* key, const char* empty) {
  const Node* node = source.root.find(key);
  return node == nullptr || node->is_null() ? empty : to_yaml(*node);
}

// Formulas are kept in their order: later ones see the values of earlier ones.
std::string derive_text(const Source& source) {
  std::vector<std::string> parts;
  for (const Derive& derive : source.derives)
    parts.push_back(
        fmt::format("{}: {}", derive.setting->name(), to_yaml(derive.expression.text())));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

std::string section(const std::string& name, const Settings& settings) {
  std::vector<std::string> parts;
  for (const Setting& setting : settings_table()) {
    if (setting.section == name)
      parts.push_back(fmt::format("{}: {}", setting.key, to_yaml(setting.get(settings))));
  }
  for (const std::string& key : subsections(name))
    parts.push_back(fmt::format("{}: {}", key, section(fmt::format("{}.{}", name, key), settings)));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

}  // namespace

std::string freeze(const Source& source) {
  const std::string length = source.grid.by_size ? "size" : "length";
  std::string text = fmt::format("study: {}\nquestion: {}\ngrid:\n", to_yaml(source.name),
                                 to_yaml(source.question));
  text += fmt::format("  task: {}\n", task_map(source.grid.tasks));
  text += fmt::format("  {}: {}\n", length, length_text(source, length));
  text += fmt::format("  hidden: {}\n", values(source.grid.hidden));
  text += fmt::format("  architecture: {}\n", architecture_list(source.grid.architectures));
  for (const Axis& axis : source.grid.further)
    text += fmt::format("  {}: {}\n", axis.name, values(axis));
  text += fmt::format("zip: {}\n", as_given(source, "zip", "[]"));
  text += fmt::format("exclude: {}\n", as_given(source, "exclude", "[]"));
  text += fmt::format("include: {}\n", as_given(source, "include", "[]"));
  text += fmt::format("derive: {}\n", derive_text(source));
  const std::string rates = to_yaml(Json(source.learning_rates));
  text += fmt::format(
      "trials: {{seeds: {}, learning_rates: {}}}\n", to_yaml(Json(source.seeds)),
      source.window == 0 ? rates : fmt::format("{{window: {}, rates: {}}}", source.window, rates));
  for (const char* name : {"model", "recipe", "run", "fit"})
    text += fmt::format("{}: {}\n", name, section(name, source.settings));
  return text;
}

}  // namespace surd::grid
