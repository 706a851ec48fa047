// The keys of model, recipe, run and fit, and the options of tasks, in one table: name, rule, where
// the value lives. Reading, axes, derive, defaults and the frozen text all use it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "grid/document.hpp"
#include "grid/study.hpp"

namespace surd::grid {

// What a study says of a trial and its run, before a cell's length turns tokens into sequences.
struct Settings {
  spec::ModelSettings model;
  spec::Recipe recipe;        // batch_sequences: 0 where batch_tokens rules
  int batch_tokens = 1536;    // 0 where batch_sequences rules
  bool warmup_given = false;  // as a number of steps; else
  double warmup_share = 0;    // this share of the steps, or min(100, steps) where 0
  double budget = 1;          // recipe.budgets: times the steps
  RunSettings run;
  FitSettings fit;
  std::map<std::string, int>
      task_options;  // of axes such as task.locality; over those that stand with the task
  std::vector<double> learning_rates = {1e-2, 2e-2};  // where trials names none
};

struct Rule {
  enum class Kind { integer, number, boolean, word, batch, warmup, duration, architecture, flops };
  Kind kind = Kind::number;
  double low = 0;
  double high = 0;  // infinity: no bound
  bool low_open = false;
  bool high_open = false;
  bool nullable = false;
  std::vector<std::string> words{};
  bool ascending = false;  // of an axis: its values

  std::string expected()
      const;  // "an integer of at least 1", "a number in (0, 1]", "one of gelu, relu"
};

struct Setting {
  std::string section;  // "model", "recipe", "run", "run.boundary", "fit", "task"
  std::string key;      // without the section
  Rule rule;
  std::function<Json(const Settings&)> get;
  std::function<void(Settings&, const Json&)> set;  // a value that read() or check() gave

  std::string name() const { return section + "." + key; }
  bool is_axis() const { return section == "model" || section == "recipe" || section == "task"; }
  // Whether formulas may use it. A task's option may not: most tasks lack it.
  bool is_numeric() const {
    if (section == "task") return false;
    return rule.kind == Rule::Kind::integer || rule.kind == Rule::Kind::number ||
           rule.kind == Rule::Kind::batch || rule.kind == Rule::Kind::warmup;
  }
};

const std::vector<Setting>& settings_table();
// The setting of that full name ("recipe.steps"), or null.
const Setting* find_setting(const std::string& name);
// The keys of a section, for messages; those that are sections of their own come last.
std::vector<std::string> section_keys(const std::string& section);
// What comes after "run." of its sections: "boundary".
std::vector<std::string> subsections(const std::string& section);

// The node's value by the rule. InputError with the node's place, what was expected and got, and
// the nearest word.
Json read(const Setting& setting, const Node& node);
// The same for a computed number.
Json check(const Setting& setting, double value, const std::string& where);
// A whole section (a map, or nothing) over what stands in `settings`. Unknown keys are refused;
// recipe.base is read elsewhere (base_recipe.hpp).
void read_section(const std::string& section, const Node* node, Settings& settings);

// Sequences a step at a length: what {tokens: K} comes to.
int batch_sequences(const Settings& settings, int length);
// Steps of the warm-up: what {share: S}, or nothing, comes to.
int warmup_steps(const Settings& settings);

// Unknown keys of a map are refused, with the nearest allowed one. `what` names the map; `expected`
// says in short what a long list allows.
void require_keys(const Node& map, const std::vector<std::string>& allowed, const std::string& what,
                  const std::string& expected = "");
// The node itself where it is a map, else an InputError.
const Node& require_map(const Node& node, const std::string& what);
std::int64_t read_integer(const Node& node, const std::string& what, std::int64_t low,
                          std::int64_t high);
double read_number(const Node& node, const std::string& what, double low, bool low_open);
std::string read_word(const Node& node, const std::string& what,
                      const std::vector<std::string>& words);

}  // namespace surd::grid
