#include "grid/source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <string>

#include "grid/axes.hpp"
#include "grid/base_recipe.hpp"
#include "spec/architecture.hpp"

namespace surd::grid {

namespace {

const std::vector<std::string>& block_keys() {
  static const std::vector<std::string> keys = {"task", "length", "size", "hidden", "architecture"};
  return keys;
}

std::vector<std::string> axis_keys() {
  std::vector<std::string> keys = block_keys();
  for (const Setting& setting : settings_table()) {
    if (setting.is_axis()) keys.push_back(setting.name());
  }
  return keys;
}

const Node& require_key(const Node& map, const std::string& key, const std::string& what) {
  if (const Node* found = map.find(key)) return *found;
  throw InputError({.what = what + " has no '" + key + "'",
                    .where = map.where,
                    .expected = "a value for " + key,
                    .got = "none"});
}

// Of a cell, where the study does not say: those that each runs, and those that a search may run.
constexpr std::int64_t grid_seeds = 3;
constexpr std::int64_t search_seeds = 8;

// The seeds 1 to `count`.
std::vector<std::uint64_t> first_seeds(std::int64_t count) {
  std::vector<std::uint64_t> seeds(static_cast<std::size_t>(count));
  std::iota(seeds.begin(), seeds.end(), 1);
  return seeds;
}

// So many seeds from 1 on, or a list of them.
std::vector<std::uint64_t> read_seeds(const Node& node, const std::string& what) {
  if (!node.is_list()) return first_seeds(read_integer(node, what, 1, trials_most));
  std::vector<std::uint64_t> seeds;
  for (const Node& seed : node.items) {
    const auto value =
        static_cast<std::uint64_t>(read_integer(seed, "a seed", 0, std::int64_t{1} << 62));
    if (std::find(seeds.begin(), seeds.end(), value) != seeds.end()) {
      throw InputError({.what = "a seed comes twice",
                        .where = seed.where,
                        .expected = "each seed once",
                        .got = seed.text});
    }
    seeds.push_back(value);
  }
  if (seeds.empty())
    throw InputError({.what = what + " is empty",
                      .where = node.where,
                      .expected = "a number of seeds, or a list of them",
                      .got = "none"});
  return seeds;
}

// Budgets are multiples of the steps that a cell has: with several it would not be known of which.
void refuse_steps_beside_budgets(const Block& block) {
  const auto axis_of = [&](const char* name) {
    return std::find_if(block.further.begin(), block.further.end(),
                        [&](const Axis& axis) { return axis.name == name; });
  };
  const auto steps = axis_of("recipe.steps");
  if (steps == block.further.end() || axis_of("recipe.budgets") == block.further.end()) return;
  throw InputError({.what = "recipe.steps and recipe.budgets are both axes",
                    .where = steps->where,
                    .expected = "one of the two",
                    .got = "both",
                    .advice = "Budgets are multiples of recipe.steps; where these follow the "
                              "length, derive them."});
}

// The axes of grid, or of an include, where what is left out is taken from `outer`.
Block read_block(const Node& node, const std::string& what, const Block* outer) {
  require_map(node, what);
  std::vector<std::string> keys = axis_keys();
  if (outer != nullptr) keys.push_back("seeds");
  require_keys(node, keys, what,
               "task, length, size, hidden, architecture, a key of model or recipe such as "
               "model.layers, or an option of a task such as task.locality");
  Block block;
  block.where = node.where;
  block.text = to_yaml(node);

  const Node* task = outer == nullptr ? &require_key(node, "task", what) : node.find("task");
  block.tasks = task != nullptr ? read_tasks(*task) : outer->tasks;
  if (outer != nullptr) {
    // A task named without options is the grid's task of that name.
    for (TaskChoice& choice : block.tasks) {
      const auto same = std::find_if(
          outer->tasks.begin(), outer->tasks.end(),
          [&](const TaskChoice& other) { return other.settings.name == choice.settings.name; });
      if (same != outer->tasks.end() && choice.settings.options.empty())
        choice.settings.options = same->settings.options;
    }
  }

  const Node* length = node.find("length");
  const Node* size = node.find("size");
  if (length != nullptr && size != nullptr) {
    throw InputError({.what = what + " has both length and size",
                      .where = size->where,
                      .expected = "one of them",
                      .got = "both"});
  }
  if (length == nullptr && size == nullptr) {
    if (outer == nullptr)
      throw InputError({.what = what + " has no 'length'",
                        .where = node.where,
                        .expected = "length or size",
                        .got = "neither"});
    if (task != nullptr)
      throw InputError({.what = what + " names a task but no length",
                        .where = task->where,
                        .expected = "length or size beside task",
                        .got = "neither"});
    block.lengths = outer->lengths;
    block.by_size = outer->by_size;
  } else {
    block.by_size = size != nullptr;
    block.lengths = read_lengths(block.by_size ? *size : *length, block.by_size ? "size" : "length",
                                 block.tasks);
  }

  const Node* hidden = outer == nullptr ? &require_key(node, "hidden", what) : node.find("hidden");
  block.hidden = hidden != nullptr ? read_hidden_axis(*hidden) : outer->hidden;
  const Node* architecture =
      outer == nullptr ? &require_key(node, "architecture", what) : node.find("architecture");
  block.architectures =
      architecture != nullptr ? read_architectures(*architecture) : outer->architectures;
  if (const Node* seeds = node.find("seeds")) block.seeds = read_seeds(*seeds, what + ": seeds");
  for (const Entry& entry : node.entries) {
    if (const Setting* setting = find_setting(entry.key))
      block.further.push_back(read_setting_axis(*setting, entry.value));
  }
  if (outer != nullptr) {
    for (const Axis& axis : outer->further) {
      if (node.find(axis.name) == nullptr) block.further.push_back(axis);
    }
  }
  refuse_steps_beside_budgets(block);
  return block;
}

void read_zip(const Node* node, Source& source) {
  if (node == nullptr || node->is_null()) return;
  const auto fail = [](const Node& at) {
    return InputError({.what = "zip has the wrong type",
                       .where = at.where,
                       .expected = "lists of axis names, such as [[length, recipe.steps]]",
                       .got = describe(at)});
  };
  if (!node->is_list()) throw fail(*node);
  std::vector<std::string> axes = {"task", source.grid.by_size ? "size" : "length", "hidden",
                                   "architecture"};
  for (const Axis& axis : source.grid.further) axes.push_back(axis.name);
  std::set<std::string> used;
  for (const Node& group : node->items) {
    if (!group.is_list()) throw fail(group);
    std::vector<std::string> names;
    for (const Node& name : group.items) {
      names.push_back(read_word(name, "an axis in zip", axes));
      if (!used.insert(names.back()).second)
        throw InputError({.what = "axis " + names.back() + " is zipped twice",
                          .where = name.where,
                          .expected = "each axis in one group",
                          .got = names.back()});
    }
    if (names.size() < 2)
      throw InputError({.what = "zip needs two axes or more",
                        .where = group.where,
                        .expected = "at least 2 names",
                        .got = fmt::format("{}", names.size())});
    source.zip.push_back(std::move(names));
    source.zip_where.push_back(group.where);
  }
}

// A value in an exclude rule: words are checked, so that a typing error does not silently match
// nothing.
Json read_match_value(const std::string& key, const Node& node) {
  if (key == "task") return read_word(node, "task", tasks::task_names());
  if (key == "architecture") {
    const auto names = spec::architecture_names();
    if (node.is_scalar() && node.text.find('(') != std::string::npos) return node.text;  // a label
    return read_word(node, "architecture", names);
  }
  if (const Setting* setting = find_setting(key)) return read(*setting, node);
  return read_integer(node, key, 1, 2'000'000'000);
}

void read_excludes(const Node* node, Source& source) {
  if (node == nullptr || node->is_null()) return;
  if (!node->is_list())
    throw InputError(
        {.what = "exclude has the wrong type",
         .where = node->where,
         .expected = "a list of matches, such as [{architecture: linear, when: \"hidden > 48\"}]",
         .got = describe(*node)});
  std::vector<std::string> keys = axis_keys();
  keys.push_back("when");
  for (const Node& rule : node->items) {
    require_map(rule, "a match of exclude");
    require_keys(rule, keys, "a match of exclude",
                 "when, task, length, size, hidden, architecture, a key of model or recipe such as "
                 "model.layers, or an option of a task such as "
                 "task.locality");
    if (rule.entries.empty())
      throw InputError({.what = "a match of exclude is empty",
                        .where = rule.where,
                        .expected = "at least one key",
                        .got = "none"});
    Exclude exclude{.matches = {}, .when = {}, .where = rule.where, .text = to_yaml(rule)};
    for (const Entry& entry : rule.entries) {
      if (entry.key == "when") {
        if (!entry.value.is_scalar())
          throw InputError({.what = "when has the wrong type",
                            .where = entry.value.where,
                            .expected = "an expression, such as \"hidden > 48\"",
                            .got = describe(entry.value)});
        exclude.when.emplace(entry.value.text, entry.value.where, variable_names());
        continue;
      }
      Match match{entry.key, {}};
      if (entry.value.is_list()) {
        for (const Node& value : entry.value.items)
          match.values.push_back(read_match_value(entry.key, value));
      } else {
        match.values.push_back(read_match_value(entry.key, entry.value));
      }
      exclude.matches.push_back(std::move(match));
    }
    source.excludes.push_back(std::move(exclude));
  }
}

void read_includes(const Node* node, Source& source) {
  if (node == nullptr || node->is_null()) return;
  if (!node->is_list())
    throw InputError({.what = "include has the wrong type",
                      .where = node->where,
                      .expected = "a list of cells, such as [{hidden: 96, architecture: linear}]",
                      .got = describe(*node)});
  for (const Node& cells : node->items) {
    Block block = read_block(cells, "an entry of include", &source.grid);
    for (const TaskChoice& choice : block.tasks) {
      for (const TaskChoice& outer : source.grid.tasks) {
        if (outer.settings.name == choice.settings.name &&
            outer.settings.options != choice.settings.options) {
          throw InputError(
              {.what = "include gives task " + choice.settings.name + " other options than grid",
               .where = choice.where,
               .expected = "the same options",
               .got = "others",
               .advice = "Other options of one task are another study."});
        }
      }
    }
    for (const auto& group : source.zip) {
      for (const std::string& name : group) {
        if (cells.find(name) == nullptr) {
          throw InputError(
              {.what = "an entry of include leaves out '" + name + "', which grid zips",
               .where = cells.where,
               .expected = "a value for each zipped axis",
               .got = "none"});
        }
      }
    }
    source.includes.push_back(std::move(block));
  }
}

void read_derives(const Node* node, Source& source) {
  if (node == nullptr || node->is_null()) return;
  require_map(*node, "derive");
  std::vector<std::string> keys;
  for (const Setting& setting : settings_table()) {
    if (setting.is_axis() && setting.is_numeric()) keys.push_back(setting.name());
  }
  require_keys(*node, keys, "derive",
               "a key of model or recipe that is a number, such as recipe.steps");
  for (const Entry& entry : node->entries) {
    if (!entry.value.is_scalar())
      throw InputError({.what = "a formula of derive has the wrong type",
                        .where = entry.value.where,
                        .expected = "an expression, such as \"100 * length\"",
                        .got = describe(entry.value)});
    const auto is_axis = [&](const Block& block) {
      return std::any_of(block.further.begin(), block.further.end(),
                         [&](const Axis& axis) { return axis.name == entry.key; });
    };
    if (entry.key == "recipe.budgets") {
      throw InputError({.what = "recipe.budgets is derived",
                        .where = entry.where,
                        .expected = "an axis of grid, or a number in recipe",
                        .got = "a formula",
                        .advice = "Derive recipe.steps; budgets are multiples of them."});
    }
    if (is_axis(source.grid) ||
        std::any_of(source.includes.begin(), source.includes.end(), is_axis)) {
      throw InputError({.what = "'" + entry.key + "' is derived and an axis too",
                        .where = entry.where,
                        .expected = "one of the two",
                        .got = "both"});
    }
    source.derives.push_back({find_setting(entry.key),
                              Expression(entry.value.text, entry.value.where, variable_names()),
                              entry.value.where});
  }
}

std::vector<double> read_rates(const Node& node, const std::string& what) {
  std::vector<double> rates;
  const std::vector<Node> one = {node};
  for (const Node& rate : node.is_list() ? node.items : one) {
    const double value = read_number(rate, "a learning rate", 0, true);
    if (std::find(rates.begin(), rates.end(), value) != rates.end()) {
      throw InputError({.what = "a learning rate comes twice",
                        .where = rate.where,
                        .expected = "each rate once",
                        .got = rate.text});
    }
    rates.push_back(value);
  }
  if (rates.empty())
    throw InputError({.what = what + " is empty",
                      .where = node.where,
                      .expected = "at least one rate",
                      .got = "none"});
  return rates;
}

// from * factor^k up to and with `to`, to four digits, so that they are the same on every machine
// and can be read.
std::vector<double> geometric_rates(const Node& node) {
  const std::string what = "trials.learning_rates.geometric";
  require_map(node, what);
  require_keys(node, {"from", "to", "factor"}, what);
  const auto number = [&](const char* key, double low) {
    return read_number(require_key(node, key, what), fmt::format("{}.{}", what, key), low, true);
  };
  const double from = number("from", 0);
  const double factor = number("factor", 1);
  const double end = number("to", 0) * (1 + 1e-6);
  std::vector<double> rates;
  for (double exact = from; exact <= end; exact *= factor) {
    const double rate = std::stod(fmt::format("{:.4g}", exact));
    if (!rates.empty() && rate == rates.back()) continue;
    rates.push_back(rate);
    if (rates.size() > static_cast<std::size_t>(trials_most)) break;
  }
  return rates;
}

// {window: N, geometric: {from, to, factor}}, or rates: [...] in place of geometric.
void read_window(const Node& node, Source& source) {
  const std::string what = "trials.learning_rates";
  require_keys(node, {"window", "geometric", "rates"}, what);
  const Node* geometric = node.find("geometric");
  const Node* rates = node.find("rates");
  if ((geometric == nullptr) == (rates == nullptr)) {
    throw InputError({.what = what + " does not say which rates there are",
                      .where = node.where,
                      .expected = "geometric or rates beside window",
                      .got = rates == nullptr ? "neither" : "both"});
  }
  source.learning_rates =
      geometric != nullptr ? geometric_rates(*geometric) : read_rates(*rates, what + ".rates");
  std::sort(source.learning_rates.begin(), source.learning_rates.end());
  const Node& window = require_key(node, "window", what);
  const auto count = static_cast<std::int64_t>(source.learning_rates.size());
  if (count < 2) {
    throw InputError({.what = what + " has nothing to choose from",
                      .where = node.where,
                      .expected = "two rates or more",
                      .got = fmt::format("{}", count)});
  }
  source.window = static_cast<int>(read_integer(window, what + ".window", 1, count - 1));
  if (source.settings.run.design != Design::boundary) {
    throw InputError({.what = "a window of learning rates is chosen by a search",
                      .where = window.where,
                      .expected = "run.design boundary",
                      .got = to_string(source.settings.run.design),
                      .advice = "Name the rates as a list, which all cells then run."});
  }
}

void read_trials(const Node* node, Source& source) {
  const bool searches = source.settings.run.design == Design::boundary;
  source.seeds = first_seeds(searches ? search_seeds : grid_seeds);
  source.learning_rates = source.settings.learning_rates;
  const auto own_seeds = source.settings.run.boundary.seeds;
  if (searches && own_seeds) source.seeds = first_seeds(*own_seeds);
  if (node == nullptr || node->is_null()) return;
  require_map(*node, "trials");
  require_keys(*node, {"seeds", "learning_rates"}, "trials");
  if (const Node* seeds = node->find("seeds")) {
    const auto given = read_seeds(*seeds, "trials.seeds");
    if (!searches || !own_seeds) source.seeds = given;
  }
  if (const Node* rates = node->find("learning_rates")) {
    if (rates->is_map()) {
      read_window(*rates, source);
    } else {
      source.learning_rates = read_rates(*rates, "trials.learning_rates");
    }
  }
}

std::string read_name(const Node& node) {
  const auto ordinary = [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-' || c == '.';
  };
  const bool good = node.is_scalar() && !node.text.empty() && node.text.size() <= 100 &&
                    std::isalnum(static_cast<unsigned char>(node.text.front())) &&
                    std::all_of(node.text.begin(), node.text.end(), ordinary);
  if (good) return node.text;
  throw InputError({.what = "a study's name is a folder's name too",
                    .where = node.where,
                    .expected = "letters, digits, '-', '_' and '.', a letter or digit first",
                    .got = describe(node)});
}

}  // namespace

const std::vector<std::string>& variable_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = {"length", "size", "hidden", "seeds"};
    for (const Setting& setting : settings_table()) {
      if (setting.is_axis() && setting.is_numeric()) all.push_back(setting.name());
    }
    return all;
  }();
  return names;
}

Source read_source(const std::string& text, const std::string& file_name,
                   const std::vector<std::string>& overrides) {
  Source source;
  source.root = parse_document(text, file_name);
  Node& root = source.root;
  if (root.is_null())
    throw InputError({.what = "the study file is empty",
                      .where = file_name,
                      .expected = "a map with study and grid",
                      .got = "nothing"});
  require_map(root, "a study");
  for (const std::string& override_text : overrides) {
    // length and size are two ways to say one thing: the override replaces the other.
    if (Node* grid = root.find("grid")) {
      const std::string other = override_text.starts_with("grid.length") ? "size"
                                : override_text.starts_with("grid.size") ? "length"
                                                                         : "";
      std::erase_if(grid->entries, [&](const Entry& entry) { return entry.key == other; });
    }
    expand_recipe_word(root);
    apply_override(root, override_text);
  }
  expand_recipe_word(root);
  // A key such as .common, of a block that aliases name, holds the block and says nothing itself.
  std::erase_if(root.entries, [](const Entry& entry) {
    return entry.key.starts_with('.') && entry.value.anchored;
  });
  require_keys(root,
               {"study", "question", "grid", "zip", "exclude", "include", "derive", "trials",
                "model", "recipe", "run", "fit"},
               "the study");
  source.name = read_name(require_key(root, "study", "the study"));
  if (const Node* question = root.find("question"); question != nullptr && !question->is_null()) {
    if (!question->is_scalar())
      throw InputError({.what = "question has the wrong type",
                        .where = question->where,
                        .expected = "a sentence",
                        .got = describe(*question)});
    source.question = question->text;
  }
  read_base_recipe(root, source.settings);
  for (const char* section : {"model", "recipe", "run", "fit"})
    read_section(section, root.find(section), source.settings);
  read_trials(root.find("trials"), source);
  source.grid = read_block(require_key(root, "grid", "the study"), "grid", nullptr);
  read_zip(root.find("zip"), source);
  read_excludes(root.find("exclude"), source);
  read_includes(root.find("include"), source);
  read_derives(root.find("derive"), source);
  return source;
}

}  // namespace surd::grid
