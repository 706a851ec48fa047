// What a study file says, read and checked key by key but not yet multiplied out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "grid/expression.hpp"
#include "grid/settings.hpp"

namespace surd::grid {

struct AxisValue {
  Json value;
  std::string where;
};

struct Axis {
  std::string name;  // "length", "size", "hidden", "model.layers"
  std::vector<AxisValue> values;
  std::string where;
  bool geometric = false;  // made by a rule: values that come to the same size are dropped, where a
                           // list's are refused
};

struct TaskChoice {
  tasks::TaskSettings settings;  // options as given, size 0
  std::string where;
  std::map<std::string, std::string> option_where;
};

struct ArchitectureChoice {
  spec::Architecture architecture;  // resolved
  std::string label;
  std::string where;
};

// Axes that are multiplied out: those of `grid`, or of one `include`.
struct Block {
  std::vector<TaskChoice> tasks;
  std::vector<Axis> lengths;  // one for each task
  bool by_size = false;       // lengths holds problem sizes
  Axis hidden;
  std::vector<ArchitectureChoice> architectures;
  std::vector<Axis> further;  // keys of model and recipe and options of tasks, in the file's order
  std::string where;
  std::string text;  // one line, for `surd plan`
  std::vector<std::uint64_t>
      seeds;  // of an include's cells, also of those that grid has already; empty: those of trials
};

struct Match {
  std::string key;  // "task", "length", "size", "hidden", "architecture", "model.layers"
  std::vector<Json> values;
};

struct Exclude {
  std::vector<Match> matches;  // all must hold
  std::optional<Expression> when;
  std::string where;
  std::string text;
};

struct Derive {
  const Setting* setting;
  Expression expression;
  std::string where;
};

struct Source {
  std::string name;
  std::string question;
  Block grid;
  std::vector<std::vector<std::string>> zip;
  std::vector<std::string> zip_where;
  std::vector<Exclude> excludes;
  std::vector<Block> includes;
  std::vector<Derive> derives;
  std::vector<std::uint64_t> seeds;
  std::vector<double> learning_rates;
  int window = 0;  // as of a Study
  Settings settings;
  Node root;  // for the frozen text
};

Source read_source(const std::string& text, const std::string& file_name,
                   const std::vector<std::string>& overrides);

// Names that expressions may use, in the order of variable_values().
const std::vector<std::string>& variable_names();

}  // namespace surd::grid
