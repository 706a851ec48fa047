#include "analysis/input/csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "analysis/input/axes.hpp"
#include "analysis/input/columns.hpp"
#include "base/error.hpp"

namespace surd::analysis {
namespace {

// Of a cell's models; each may lack.
constexpr std::array model_columns = {"flops_forward", "flops_generation", "parameters",
                                      "state_bytes"};

std::string did_you_mean(const std::string& nearest) {
  return nearest.empty() ? "" : "Did you mean '" + nearest + "'?";
}

// Where it is missing, the accuracies say.
law::Status status(const Columns& columns, const Table& table, const Row& row) {
  if (!columns.has("status") || columns.is_missing(row, "status")) return law::Status::finished;
  const Field& value = columns.field(row, "status");
  const std::string word = lower_case(value.text);
  const auto found = std::find(status_words.begin(), status_words.end(), word);
  if (found == status_words.end()) {
    throw InputError({.what = "unknown status",
                      .where = where(table, value),
                      .expected = fmt::format("{}", fmt::join(status_words, ", ")),
                      .got = "'" + value.text + "'",
                      .advice = did_you_mean(nearest_word(word, status_words))});
  }
  return static_cast<law::Status>(found - status_words.begin());
}

// The columns of further axes.
class Axes {
 public:
  Axes(const Table& table, const Columns& columns) : columns_(columns) {
    for (std::size_t i = 0; i < columns.names().size(); ++i) {
      const std::string& name = columns.names()[i];
      if (!is_axis(name)) continue;
      if (name.find(", ") != std::string::npos || name.find('=') != std::string::npos) {
        throw InputError({.what = "the name of an axis holds what separates axes from each other "
                                  "and from their values",
                          .where = where(table, table.header[i]),
                          .expected = "a key of a study file, without \", \" and \"=\"",
                          .got = "'" + name + "'"});
      }
      axes_.push_back({name, i, {}});
    }
  }

  // A value that is missing is left out: the row's study has no such axis.
  std::string label(const Row& row) {
    std::vector<std::pair<std::string, std::string>> values;
    for (Axis& axis : axes_) {
      const bool is_none = lower_case(row[axis.column].text) == "none";  // of model.position
      if (!is_none && (columns_.is_missing(row, axis.name) || columns_.is_nan(row, axis.name)))
        continue;
      values.emplace_back(axis.name, axis.names.one_of(value_of(row[axis.column].text)));
    }
    return axes_label(std::move(values));
  }

  template <typename See>
  void each_names(See see) const {
    for (const Axis& axis : axes_) see(axis.names);
  }

 private:
  struct Axis {
    std::string name;
    std::size_t column;
    Names names;
  };

  // A number in one spelling, which is that of results.h5: 2 of 2.0, 0.001 of 1e-3.
  std::string value_of(const std::string& text) const {
    const std::string pointed = columns_.has_decimal_commas() ? columns_.with_point(text) : text;
    double number = 0;
    const char* last = pointed.data() + pointed.size();
    const auto [end, code] = std::from_chars(pointed.data(), last, number);
    const bool is_number =
        code == std::errc() && end == last && std::isfinite(number) && std::abs(number) <= 0x1p53;
    return is_number ? fmt::format("{}", number) : text;
  }

  const Columns& columns_;
  std::vector<Axis> axes_;
};

void note_ignored(const Table& table, const Columns& columns, const std::vector<std::string>& used,
                  Input& input) {
  std::vector<std::string> ignored;
  for (const std::string& name : columns.names()) {
    if (is_axis(name) || std::find(used.begin(), used.end(), name) != used.end()) continue;
    const std::string nearest = nearest_word(name, used);
    ignored.push_back(name + (nearest.empty() ? "" : " (did you mean " + nearest + "?)"));
  }
  if (!ignored.empty())
    input.notes.push_back(
        fmt::format("{}: columns that are not used: {}", table.file, fmt::join(ignored, ", ")));
}

// What a table says of each trial.
enum class Kind {
  counted,         // seeds and solved, a row a cell
  two_accuracies,  // accuracy_validation and accuracy_test, a row a trial
  one_accuracy,    // accuracy
  only_solved      // solved, 0 or 1
};

Kind kind_of(const Columns& columns) {
  for (const char* name : {"task", "architecture", "length", "hidden"}) columns.require(name);
  if (!columns.has("seed") && columns.has("solved")) {
    columns.require("seeds");
    return Kind::counted;
  }
  columns.require("seed", "seeds and solved");
  const bool both = columns.has("accuracy_test") && columns.has("accuracy_validation");
  if (!both && columns.has("accuracy")) return Kind::one_accuracy;
  const bool either = columns.has("accuracy_test") || columns.has("accuracy_validation");
  if (!either && columns.has("solved")) return Kind::only_solved;
  columns.require("accuracy_test", "accuracy");
  columns.require("accuracy_validation", "accuracy");
  return Kind::two_accuracies;
}

std::vector<std::string> columns_used(Kind kind) {
  std::vector<std::string> used = {"task", "architecture", "length", "hidden",
                                   "paper_length"};  // the last is only a label
  std::vector<std::string> more = {"seed", "learning_rate", "id", "status"};
  switch (kind) {
    case Kind::counted: more = {"seeds", "solved"}; break;
    case Kind::two_accuracies:
      more.insert(more.end(), {"accuracy_test", "accuracy_validation"});
      break;
    case Kind::one_accuracy: more.emplace_back("accuracy"); break;
    case Kind::only_solved: more.emplace_back("solved"); break;
  }
  used.insert(used.end(), more.begin(), more.end());
  used.insert(used.end(), model_columns.begin(), model_columns.end());
  if (kind != Kind::counted) used.emplace_back("flops");
  return used;
}

void note_kind(const Table& table, const Columns& columns, Kind kind, Input& input) {
  if (kind == Kind::one_accuracy) {
    input.notes.push_back(
        fmt::format("{}: one accuracy column: the best learning rate is selected on what it is "
                    "tested with, which favours large sets of "
                    "rates; give accuracy_validation and accuracy_test",
                    table.file));
  }
  if (kind == Kind::only_solved) {
    input.notes.push_back(fmt::format(
        "{}: solved, 0 or 1, is taken as the accuracy, so tau says nothing{}", table.file,
        columns.has("learning_rate") ? ", and a seed is solved where any learning rate solves it"
                                     : ""));
  }
  if (columns.has_decimal_commas())
    input.notes.push_back(fmt::format("{}: numbers have decimal commas", table.file));
}

// Reads row after row.
class Reader {
 public:
  explicit Reader(const Table& table)
      : table_(table),
        columns_(table),
        kind_(kind_of(columns_)),
        axes_(table, columns_),
        has_rate_(columns_.has_content("learning_rate")) {}

  Input read() {
    if (table_.rows.empty())
      throw InputError(
          {.what = "there is a header but no row", .where = where(table_, table_.header.front())});
    input_.path = table_.file;
    input_.notes = table_.notes;
    note_kind(table_, columns_, kind_, input_);
    note_ignored(table_, columns_, columns_used(kind_), input_);
    for (const Row& row : table_.rows) add(row);
    note_rows();
    return std::move(input_);
  }

 private:
  void add(const Row& row) {
    law::Trial trial;
    trial.task = tasks_.one_of(columns_.word(row, "task"));
    trial.architecture = architectures_.one_of(columns_.word(row, "architecture"));
    trial.axes = axes_.label(row);
    trial.length = columns_.number(row, "length");
    trial.hidden = columns_.number(row, "hidden");
    count_width(row, trial.hidden);
    add_price(row, trial);
    if (kind_ == Kind::counted) {
      add_counted(row, trial);
      check_twice(row, trial);
      return;
    }
    trial.seed = columns_.whole(row, "seed", INT64_MIN, INT64_MAX, "a whole number");
    if (has_rate_) trial.learning_rate = columns_.number(row, "learning_rate");
    if (columns_.has("window")) {
      trial.window = static_cast<int>(
          columns_.whole(row, "window", -1, 1'000'000, "a number of learning rates, 0 or -1"));
    }
    trial.status = status(columns_, table_, row);
    if (trial.status == law::Status::finished) read_accuracies(row, trial);
    const bool has_id = columns_.has("id") && !columns_.field(row, "id").text.empty();
    trial.id = has_id ? columns_.field(row, "id").text
                      : fmt::format("{} {}{} L={} d={} seed={}{}", trial.task, trial.architecture,
                                    trial.axes.empty() ? "" : " " + trial.axes, trial.length,
                                    trial.hidden, trial.seed,
                                    has_rate_ ? fmt::format(" lr={}", trial.learning_rate) : "");
    check_twice(row, trial);
    input_.trials.push_back(std::move(trial));
    if (columns_.has("flops")) input_.flops.push_back(amount(row, "flops"));
  }

  // Each takes its time in every fit, and no study has so many.
  void count_width(const Row& row, double width) {
    constexpr std::size_t widths_most = 1000;
    if (!widths_.insert(width).second || widths_.size() <= widths_most) return;
    throw InputError({.what = "there are too many widths",
                      .where = where(table_, columns_.field(row, "hidden")),
                      .expected = fmt::format("at most {} values of 'hidden'", widths_most),
                      .advice = "Is 'hidden' the width? Leave widths out far from the threshold: "
                                "they tell little"});
  }

  double amount(const Row& row, const char* name) const {
    return columns_.has(name) && !columns_.is_missing(row, name) && !columns_.is_nan(row, name)
               ? columns_.number(row, name)
               : 0.0;
  }

  void add_price(const Row& row, const law::Trial& trial) {
    if (std::none_of(model_columns.begin(), model_columns.end(),
                     [&](const char* name) { return columns_.has(name); }))
      return;
    input_.prices.push_back({.task = trial.task,
                             .architecture = trial.architecture,
                             .axes = trial.axes,
                             .length = trial.length,
                             .hidden = trial.hidden,
                             .flops_forward = amount(row, "flops_forward"),
                             .flops_generation = amount(row, "flops_generation"),
                             .parameters = amount(row, "parameters"),
                             .state_bytes = amount(row, "state_bytes")});
  }

  void add_counted(const Row& row, const law::Trial& trial) {
    law::Cell cell{.length = trial.length, .hidden = trial.hidden, .seeds = 0, .solved = 0};
    const auto is_missing = [&](const char* name) {
      return columns_.is_missing(row, name) || columns_.is_nan(row, name);
    };
    if (is_missing("seeds") || is_missing("solved")) {
      ++missing_;
    } else {
      const auto seeds = columns_.whole(row, "seeds", 0, 1'000'000'000, "a count");
      cell.seeds = static_cast<int>(seeds);
      cell.solved = static_cast<int>(columns_.whole(
          row, "solved", 0, seeds, fmt::format("a count from 0 to seeds ({})", seeds)));
    }
    input_.counted.push_back(
        {.task = trial.task, .architecture = trial.architecture, .axes = trial.axes, .cell = cell});
  }

  // Of a finished trial.
  void read_accuracies(const Row& row, law::Trial& trial) {
    const bool only_solved = kind_ == Kind::only_solved;
    const std::string test = only_solved                   ? "solved"
                             : kind_ == Kind::one_accuracy ? "accuracy"
                                                           : "accuracy_test";
    const std::string validation = kind_ == Kind::two_accuracies ? "accuracy_validation" : test;
    if (columns_.is_nan(row, test) || columns_.is_nan(row, validation)) {
      trial.status = law::Status::diverged;
      ++diverged_;
    } else if (columns_.is_missing(row, test) || columns_.is_missing(row, validation)) {
      trial.status = law::Status::missing;
      input_.without_accuracy.push_back(input_.trials.size());
      ++missing_;
    } else if (only_solved) {
      trial.accuracy_test = columns_.truth(row, test) ? 1 : 0;
      trial.accuracy_validation = trial.accuracy_test;
    } else {
      trial.accuracy_test = columns_.accuracy(row, test);
      trial.accuracy_validation = columns_.accuracy(row, validation);
    }
  }

  void check_twice(const Row& row, const law::Trial& trial) {
    const bool is_counted = kind_ == Kind::counted;
    const auto [first, inserted] =
        seen_.insert({{trial.task, trial.architecture, trial.axes, trial.length, trial.hidden,
                       trial.seed, trial.learning_rate},
                      &row.front()});
    if (inserted) return;
    const std::vector<std::string> others = spellings();
    throw InputError(
        {.what =
             fmt::format("the same {} as in line {}",
                         is_counted ? "cell" : "cell, seed and learning rate", first->second->line),
         .where = where(table_, row.front()),
         .advice =
             !others.empty() ? fmt::format("Names that differ by blanks or case only are one: {}",
                                           fmt::join(others, ", "))
             : is_counted    ? ""
                             : "Tell trials of one seed apart by a learning_rate column; further "
                               "axes by columns named model.*, recipe.* or task.*"});
  }

  // "'Linear' as 'linear' (3)"
  std::vector<std::string> spellings() const {
    std::vector<std::string> words;
    const auto add_words = [&words](const Names& names) {
      for (const auto& [other, count] : names.others())
        words.push_back(fmt::format("'{}' as '{}' ({})", other, names.first_of(other), count));
    };
    add_words(tasks_);
    add_words(architectures_);
    axes_.each_names(add_words);
    return words;
  }

  void note_rows() {
    const std::string& file = table_.file;
    if (diverged_ > 0) {
      input_.notes.push_back(fmt::format(
          "{}: trials with accuracy nan, taken as diverged (accuracy 0): {}", file, diverged_));
    }
    if (missing_ > 0) {
      input_.notes.push_back(fmt::format("{}: {} with no {}, taken as missing: {}", file,
                                         kind_ == Kind::counted ? "cells" : "trials",
                                         kind_ == Kind::counted ? "count" : "accuracy", missing_));
    }
    if (const std::vector<std::string> others = spellings(); !others.empty()) {
      input_.notes.push_back(
          fmt::format("{}: names that differ by blanks or case only are taken as one: {}", file,
                      fmt::join(others, ", ")));
    }
  }

  const Table& table_;
  Columns columns_;
  Kind kind_;
  Axes axes_;
  bool has_rate_;
  std::set<double> widths_;
  Names tasks_;
  Names architectures_;
  Input input_{};
  int diverged_ = 0;  // by an accuracy that is nan
  int missing_ = 0;   // by one that is not there
  std::map<std::tuple<std::string, std::string, std::string, double, double, std::int64_t, double>,
           const Field*>
      seen_;
};

}  // namespace

Input input_from_csv(const Table& table) { return Reader(table).read(); }

}  // namespace surd::analysis
