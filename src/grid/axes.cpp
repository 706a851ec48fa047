// The axes of a block: lists, scalars and geometric rules; tasks and architectures with their
// options.
#include "grid/axes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "spec/architecture.hpp"

namespace surd::grid {

namespace {

constexpr std::int64_t length_most = 1'000'000;
constexpr std::int64_t hidden_most = 65536;
constexpr std::size_t values_most = 100'000;  // of one axis

void refuse_duplicates(const Axis& axis) {
  std::map<std::string, std::string> seen;
  for (const AxisValue& value : axis.values) {
    const auto [found, fresh] = seen.emplace(value.value.dump(), value.where);
    if (fresh) continue;
    throw InputError({.what = "a value of " + axis.name + " comes twice",
                      .where = value.where,
                      .expected = "each value once",
                      .got = to_yaml(value.value) + " again, first at " + found->second});
  }
}

void require_ascending(const Axis& axis) {
  for (std::size_t i = 1; i < axis.values.size(); ++i) {
    if (axis.values[i - 1].value < axis.values[i].value) continue;
    throw InputError({.what = "the values of " + axis.name + " do not ascend",
                      .where = axis.values[i].where,
                      .expected = "each above the one before, " + to_yaml(axis.values[i - 1].value),
                      .got = to_yaml(axis.values[i].value)});
  }
}

void refuse_empty(const Node& node, std::size_t count, const std::string& name) {
  if (count > 0) return;
  throw InputError({.what = "axis " + name + " is empty",
                    .where = node.where,
                    .expected = "at least one value",
                    .got = node.is_null() ? "nothing" : "none"});
}

// A list's nodes, or the node itself: an axis of one value needs no brackets.
std::vector<const Node*> elements(const Node& node) {
  std::vector<const Node*> nodes;
  if (node.is_list()) {
    for (const Node& item : node.items) nodes.push_back(&item);
  } else if (!node.is_null()) {
    nodes.push_back(&node);
  }
  return nodes;
}

// {geometric: {from, to, factor, multiple_of}}: from * factor^k, rounded to the nearest multiple,
// up to and with `to`.
Axis geometric_axis(const Node& node, const std::string& name, std::int64_t most) {
  require_keys(node, {"geometric"}, name);
  const Node& rule = require_map(node.entries.front().value, name + ".geometric");
  require_keys(rule, {"from", "to", "factor", "multiple_of"}, name + ".geometric");
  const auto needed = [&](const char* key) -> const Node& {
    if (const Node* found = rule.find(key)) return *found;
    throw InputError({.what = fmt::format("{}.geometric has no '{}'", name, key),
                      .where = rule.where,
                      .expected = "from, to and factor"});
  };
  const std::int64_t from = read_integer(needed("from"), name + ".geometric.from", 1, most);
  const std::int64_t to = read_integer(needed("to"), name + ".geometric.to", from, most);
  const double factor = read_number(needed("factor"), name + ".geometric.factor", 1, true);
  const Node* given = rule.find("multiple_of");
  const std::int64_t multiple =
      given != nullptr ? read_integer(*given, name + ".geometric.multiple_of", 1, most) : 1;
  Axis axis{.name = name, .values = {}, .where = node.where, .geometric = true};
  // A hair above `to` still counts: 32 * 1.4142^8 is 511.8, and 1.41421357^8 would be 512.00001.
  const double end = static_cast<double>(to) * (1 + 1e-6);
  double exact = static_cast<double>(from);
  for (int k = 0; exact <= end; ++k, exact = static_cast<double>(from) * std::pow(factor, k)) {
    const std::int64_t value =
        std::max<std::int64_t>(1, std::llround(exact / static_cast<double>(multiple))) * multiple;
    if (value > to) break;
    if (axis.values.empty() || axis.values.back().value != value)
      axis.values.push_back({value, node.where});
    if (k > 1'000'000)
      throw InputError({.what = name + ".geometric makes too many steps",
                        .where = node.where,
                        .expected = "a larger factor",
                        .got = fmt::format("{}", factor)});
  }
  refuse_empty(node, axis.values.size(), name);
  return axis;
}

}  // namespace

Axis read_integer_axis(const Node& node, const std::string& name, std::int64_t most) {
  if (node.is_map()) return geometric_axis(node, name, most);
  Axis axis{.name = name, .values = {}, .where = node.where};
  for (const Node* item : elements(node))
    axis.values.push_back({read_integer(*item, name, 1, most), item->where});
  refuse_empty(node, axis.values.size(), name);
  if (axis.values.size() > values_most)
    throw InputError({.what = "axis " + name + " is too long",
                      .where = node.where,
                      .expected = fmt::format("at most {} values", values_most)});
  refuse_duplicates(axis);
  return axis;
}

Axis read_hidden_axis(const Node& node) { return read_integer_axis(node, "hidden", hidden_most); }

Axis read_setting_axis(const Setting& setting, const Node& node) {
  Axis axis{.name = setting.name(), .values = {}, .where = node.where};
  for (const Node* item : elements(node))
    axis.values.push_back({read(setting, *item), item->where});
  refuse_empty(node, axis.values.size(), axis.name);
  refuse_duplicates(axis);
  if (setting.rule.ascending) require_ascending(axis);
  return axis;
}

std::vector<TaskChoice> read_tasks(const Node& node) {
  const std::vector<std::string> names = tasks::task_names();
  std::vector<TaskChoice> choices;
  const auto add = [&](const Node& name_node, const Node* options) {
    TaskChoice choice;
    choice.settings.name = read_word(name_node, "task", names);
    choice.where = name_node.where;
    if (options != nullptr && !options->is_null()) {
      for (const Entry& entry :
           require_map(*options, "the options of task " + choice.settings.name).entries) {
        choice.settings.options[entry.key] = static_cast<int>(
            read_integer(entry.value, "option " + entry.key, -2'000'000'000, 2'000'000'000));
        choice.option_where[entry.key] = entry.where;
      }
    }
    for (const TaskChoice& other : choices) {
      if (other.settings.name != choice.settings.name) continue;
      throw InputError({.what = "a task comes twice",
                        .where = choice.where,
                        .expected = "each task once",
                        .got = choice.settings.name + " again, first at " + other.where,
                        .advice = "Other options of one task are another study."});
    }
    choices.push_back(std::move(choice));
  };
  for (const Node* item : elements(node)) {
    if (item->is_map()) {
      for (const Entry& entry : item->entries)
        add(
            Node{
                .kind = Node::Kind::scalar, .text = entry.key, .entries = {}, .where = entry.where},
            &entry.value);
    } else {
      add(*item, nullptr);
    }
  }
  refuse_empty(node, choices.size(), "task");
  return choices;
}

std::vector<ArchitectureChoice> read_architectures(const Node& node) {
  const std::vector<std::string> names = spec::architecture_names();
  std::vector<ArchitectureChoice> choices;
  const auto add = [&](const Node& name_node, const Node* options) {
    spec::Architecture given{read_word(name_node, "architecture", names), Json::object()};
    std::string where = name_node.where;
    if (options != nullptr && !options->is_null()) {
      given.options = to_json(require_map(*options, "the options of architecture " + given.name));
      where = options->where;
    }
    const spec::Architecture resolved = located(where, [&] { return spec::resolve(given); });
    ArchitectureChoice choice{resolved, spec::label(resolved), name_node.where};
    for (const ArchitectureChoice& other : choices) {
      if (other.label != choice.label) continue;
      throw InputError({.what = "an architecture comes twice",
                        .where = choice.where,
                        .expected = "each architecture once",
                        .got = choice.label + " again, first at " + other.where});
    }
    choices.push_back(std::move(choice));
  };
  for (const Node* item : elements(node)) {
    if (!item->is_map()) {
      add(*item, nullptr);
      continue;
    }
    for (const Entry& entry : item->entries) {
      const Node name{
          .kind = Node::Kind::scalar, .text = entry.key, .entries = {}, .where = entry.where};
      if (entry.value.is_list()) {  // sparse: [{c: 1}, {c: 2}]
        for (const Node& options : entry.value.items) add(name, &options);
      } else {
        add(name, &entry.value);
      }
    }
  }
  refuse_empty(node, choices.size(), "architecture");
  return choices;
}

std::vector<Axis> read_lengths(const Node& node, const std::string& name,
                               const std::vector<TaskChoice>& choices) {
  std::vector<std::string> names;
  for (const TaskChoice& choice : choices) names.push_back(choice.settings.name);
  if (!node.is_map() || node.find("geometric") != nullptr)
    return std::vector<Axis>(choices.size(), read_integer_axis(node, name, length_most));
  require_keys(node, names, name);
  std::vector<Axis> axes;
  for (const std::string& task : names) {
    const Node* found = node.find(task);
    if (found == nullptr)
      throw InputError({.what = name + " has no values for task " + task,
                        .where = node.where,
                        .expected = fmt::format("{}", fmt::join(names, ", "))});
    axes.push_back(read_integer_axis(*found, name, length_most));
  }
  return axes;
}

}  // namespace surd::grid
