#include "grid/document.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "tasks/task.hpp"

namespace surd::grid {

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

namespace {

// "task.locality" is an axis; "task.lookup.symbols" leads into the map of tasks.
bool names_task_option(const std::string& path) {
  if (!path.starts_with("task.")) return false;
  const std::string key = path.substr(5, path.find('.', 5) - 5);
  const std::vector<std::string> tasks = tasks::task_names();
  return std::any_of(tasks.begin(), tasks.end(), [&](const std::string& task) {
    const std::vector<std::string> options = tasks::option_names(task);
    return std::find(options.begin(), options.end(), key) != options.end();
  });
}

}  // namespace

void apply_override(Node& root, const std::string& override_text) {
  const std::string where = "--set " + override_text;
  const std::size_t equals = override_text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw InputError({.what = "not an override",
                      .where = where,
                      .expected = "key=value, such as recipe.steps=50",
                      .got = override_text});
  }
  std::string path = override_text.substr(0, equals);
  Node value = parse_value(override_text.substr(equals + 1), where);
  if (value.where.empty()) value.where = where;

  Node* node = &root;
  bool dotted_keys = false;  // below grid and derive, "model.layers" is one key
  while (true) {
    if (node->is_null()) node->kind = Node::Kind::map;
    if (!node->is_map())
      throw InputError({.what = "the path of the override runs through " + describe(*node),
                        .where = where,
                        .expected = "a map at " + node->where});
    std::size_t end = path.find('.');
    if (dotted_keys &&
        (path.starts_with("model.") || path.starts_with("recipe.") || names_task_option(path)))
      end = path.find('.', end + 1);
    const std::string key = path.substr(0, end);
    if (key.empty())
      throw InputError({.what = "a part of the override's path is empty",
                        .where = where,
                        .expected = "key=value, such as recipe.steps=50"});
    if (node == &root) dotted_keys = key == "grid" || key == "derive";
    if (node->find(key) == nullptr)
      node->entries.push_back({key, where, Node{.entries = {}, .where = where}});
    node = node->find(key);
    if (end == std::string::npos) break;
    path = path.substr(end + 1);
  }
  *node = std::move(value);
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::list: return "a list";
    case Node::Kind::map: return "a map";
    case Node::Kind::scalar: break;
  }
  return node.quoted ? "\"" + node.text + "\"" : node.text;
}

bool parse_number(const Node& node, double& value) {
  if (!node.is_scalar() || node.quoted) return false;
  const char* first = node.text.data();
  const char* last = first + node.text.size();
  if (first != last && *first == '+') ++first;
  const auto result = std::from_chars(first, last, value);
  return result.ec == std::errc() && result.ptr == last && std::isfinite(value);
}

bool parse_integer(const Node& node, std::int64_t& value) {
  double number = 0;
  if (!parse_number(node, number)) return false;
  const char* first = node.text.data() + (node.text.front() == '+' ? 1 : 0);
  const char* last = node.text.data() + node.text.size();
  const auto result = std::from_chars(first, last, value);
  if (result.ec == std::errc() && result.ptr == last) return true;
  if (number != std::floor(number) || std::abs(number) > 0x1p53) return false;
  value = static_cast<std::int64_t>(number);
  return true;
}

bool parse_boolean(const Node& node, bool& value) {
  if (!node.is_scalar() || node.quoted) return false;
  value = node.text == "true" || node.text == "True" || node.text == "TRUE";
  return value || node.text == "false" || node.text == "False" || node.text == "FALSE";
}

Json to_json(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null: return nullptr;
    case Node::Kind::list: {
      Json list = Json::array();
      for (const Node& item : node.items) list.push_back(to_json(item));
      return list;
    }
    case Node::Kind::map: {
      Json map = Json::object();
      for (const Entry& entry : node.entries) map[entry.key] = to_json(entry.value);
      return map;
    }
    case Node::Kind::scalar: break;
  }
  std::int64_t integer = 0;
  double number = 0;
  if (parse_integer(node, integer)) return integer;
  if (parse_number(node, number)) return number;
  bool truth = false;
  if (parse_boolean(node, truth)) return truth;
  return node.text;
}

namespace {

// Words that need no quotes: they begin with a letter and YAML means nothing else by them.
bool is_plain(const std::string& word) {
  static const std::vector<std::string> meanings = {"true",  "false", "null",  "Null",
                                                    "NULL",  "True",  "False", "TRUE",
                                                    "FALSE", "inf",   "nan",   "infinity"};
  if (word.empty() || !std::isalpha(static_cast<unsigned char>(word.front()))) return false;
  if (std::find(meanings.begin(), meanings.end(), word) != meanings.end()) return false;
  return std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '.' || c == '-';
  });
}

}  // namespace

std::string to_yaml(const Json& value) {
  if (value.is_string() && is_plain(value.get<std::string>())) return value.get<std::string>();
  if (value.is_array()) {
    std::string text;
    for (const Json& item : value) text += (text.empty() ? "" : ", ") + to_yaml(item);
    return "[" + text + "]";
  }
  if (value.is_object()) {
    std::string text;
    for (const auto& [key, item] : value.items())
      text += (text.empty() ? "" : ", ") + to_yaml(Json(key)) + ": " + to_yaml(item);
    return "{" + text + "}";
  }
  return value.dump();  // JSON's numbers and quoted strings are YAML
}

std::string to_yaml(const Node& node) {
  std::string text;
  if (node.is_list()) {
    for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + to_yaml(item);
    return "[" + text + "]";
  }
  if (node.is_map()) {
    for (const Entry& entry : node.entries)
      text += (text.empty() ? "" : ", ") + to_yaml(Json(entry.key)) + ": " + to_yaml(entry.value);
    return "{" + text + "}";
  }
  return to_yaml(to_json(node));
}

}  // namespace surd::grid
