#include "analysis/input/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

#include "analysis/input/axes.hpp"
#include "base/error.hpp"
#include "base/utf8.hpp"

namespace surd::analysis {
namespace {

const std::vector<std::string> known_columns = {
    "task",          "architecture",  "length",           "hidden",   "seed",
    "learning_rate", "flops_forward", "flops_generation", "accuracy", "accuracy_validation",
    "accuracy_test", "seeds",         "solved",           "id",       "status"};

std::string where(const std::string& file, int line, int column) {
  return fmt::format("{}:{}:{}", file, line, column);
}
std::string where(const Table& table, const Field& field) {
  return where(table.file, field.line, field.column);
}

std::string did_you_mean(const std::string& nearest) {
  return nearest.empty() ? "" : "Did you mean '" + nearest + "'?";
}

// One pass over the bytes with a position for messages.
class Parser {
 public:
  Parser(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  bool at_end() const { return at_ >= text_.size(); }

  std::vector<Field> record() {
    std::vector<Field> fields;
    fields.push_back(field());
    while (!at_end() && text_[at_] == ',') {
      next();
      fields.push_back(field());
    }
    if (!at_end() && text_[at_] == '\r') next();
    if (!at_end()) next();  // the line feed
    return fields;
  }

 private:
  void next() {
    if (text_[at_++] == '\n') {
      ++line_;
      column_ = 1;
    } else {
      ++column_;
    }
  }
  bool at_field_end() const {
    if (at_end()) return true;
    const char c = text_[at_];
    return c == ',' || c == '\n' ||
           (c == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'));
  }

  Field field() {
    Field field{.text = "", .line = line_, .column = column_};
    if (at_end() || text_[at_] != '"') {
      while (!at_field_end()) {
        field.text += text_[at_];
        next();
      }
      const auto first = field.text.find_first_not_of(" \t");
      if (first == std::string::npos) {
        field.text.clear();
      } else {
        field.text = field.text.substr(first, field.text.find_last_not_of(" \t") - first + 1);
        field.column += static_cast<int>(first);
      }
      return field;
    }
    next();
    while (true) {
      if (at_end()) {
        throw InputError({.what = "a quote is opened and never closed",
                          .where = where(file_, field.line, field.column),
                          .advice = "Close it with \""});
      }
      if (text_[at_] == '"') {
        next();
        if (at_end() || text_[at_] != '"') break;  // else a doubled quote: one of the text
      }
      field.text += text_[at_];
      next();
    }
    if (!at_field_end()) {
      throw InputError({.what = "text follows a closing quote",
                        .where = where(file_, line_, column_),
                        .expected = "a comma or the end of the line",
                        .got = fmt::format("'{}'", text_[at_]),
                        .advice = "Write a quote inside quotes as \"\""});
    }
    return field;
  }

  std::string_view text_;
  std::string file_;
  std::size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
};

// The columns of a table by name, with checked reading of their values.
class Columns {
 public:
  explicit Columns(const Table& table) : table_(table) {
    for (std::size_t i = 0; i < table.header.size(); ++i) index_[table.header[i].text] = i;
  }

  bool has(const std::string& name) const { return index_.contains(name); }

  void require(const std::string& name, const std::string& alternative = "") const {
    if (has(name)) return;
    std::vector<std::string> unknown;
    for (const Field& field : table_.header) {
      if (std::find(known_columns.begin(), known_columns.end(), field.text) == known_columns.end())
        unknown.push_back(field.text);
    }
    const std::string nearest = nearest_word(name, unknown);
    const Field& at = nearest.empty() ? table_.header.front() : table_.header[index_.at(nearest)];
    throw InputError({.what = "there is no column '" + name + "'" +
                              (alternative.empty() ? "" : " (or " + alternative + ")"),
                      .where = where(table_, at),
                      .got = nearest.empty() ? "" : "'" + nearest + "'",
                      .advice = nearest.empty()
                                    ? "Needed: task, architecture, length, hidden and either seed, "
                                      "accuracy_validation, accuracy_test or seeds, solved"
                                    : "Rename '" + nearest + "' if it is the one"});
  }

  const Field& field(const std::vector<Field>& row, const std::string& name) const {
    return row[index_.at(name)];
  }

  std::string word(const std::vector<Field>& row, const std::string& name) const {
    const Field& value = field(row, name);
    if (value.text.empty())
      throw InputError({.what = "'" + name + "' is empty", .where = where(table_, value)});
    return value.text;
  }

  template <typename T>
  T number(const std::vector<Field>& row, const std::string& name, T low, T high,
           const std::string& expected, const std::string& advice = "") const {
    const Field& value = field(row, name);
    T number{};
    const char* last = value.text.data() + value.text.size();
    const auto [end, code] = std::from_chars(value.text.data(), last, number);
    const bool read = code == std::errc() && end == last && !value.text.empty();
    if (!read || !(number >= low && number <= high)) {
      throw InputError({.what = "'" + name + "' has an impossible value",
                        .where = where(table_, value),
                        .expected = expected,
                        .got = value.text.empty() ? "nothing" : "'" + value.text + "'",
                        .advice = read ? advice : ""});
    }
    return number;
  }

  double size(const std::vector<Field>& row, const std::string& name) const {
    return number(row, name, 1e-9, 1e15, "a positive number");
  }

  // An empty field, or one that reads as not a number.
  bool is_empty(const std::vector<Field>& row, const std::string& name) const {
    return field(row, name).text.empty();
  }
  bool is_nan(const std::vector<Field>& row, const std::string& name) const {
    const std::string& text = field(row, name).text;
    double number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    return code == std::errc() && end == text.data() + text.size() && std::isnan(number);
  }

  double accuracy(const std::vector<Field>& row, const std::string& name) const {
    return number(row, name, 0.0, 1.0, "a fraction from 0 to 1", "Percentages: divide them by 100");
  }

 private:
  const Table& table_;
  std::map<std::string, std::size_t> index_;
};

law::Status status(const Columns& columns, const Table& table, const std::vector<Field>& row) {
  if (!columns.has("status")) return law::Status::finished;
  const Field& value = columns.field(row, "status");
  const auto found = std::find(status_words.begin(), status_words.end(), value.text);
  if (found == status_words.end()) {
    throw InputError({.what = "unknown status",
                      .where = where(table, value),
                      .expected = fmt::format("{}", fmt::join(status_words, ", ")),
                      .got = "'" + value.text + "'",
                      .advice = did_you_mean(nearest_word(value.text, status_words))});
  }
  return static_cast<law::Status>(found - status_words.begin());
}

bool is_axis(const std::string& column) {
  return column.starts_with("model.") || column.starts_with("recipe.") ||
         column.starts_with("task.");
}

struct Axis {
  std::string name;
  std::size_t column;
};

std::vector<Axis> further_axes(const Table& table) {
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    const std::string& name = table.header[i].text;
    if (!is_axis(name)) continue;
    if (name.find(", ") != std::string::npos || name.find('=') != std::string::npos) {
      throw InputError({.what = "the name of an axis holds what separates axes from each other and "
                                "from their values",
                        .where = where(table, table.header[i]),
                        .expected = "a key of a study file, without \", \" and \"=\"",
                        .got = "'" + name + "'"});
    }
    axes.push_back({name, i});
  }
  return axes;
}

std::string label(const std::vector<Axis>& axes, const std::vector<Field>& row) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const Axis& axis : axes) values.emplace_back(axis.name, row[axis.column].text);
  return axes_label(std::move(values));
}

void note_ignored(const Table& table, const std::vector<std::string>& used, Input& input) {
  std::vector<std::string> ignored;
  for (const Field& field : table.header) {
    const std::string& name = field.text;
    if (is_axis(name) || std::find(used.begin(), used.end(), name) != used.end()) continue;
    const std::string nearest = nearest_word(name, used);
    ignored.push_back(name + (nearest.empty() ? "" : " (did you mean " + nearest + "?)"));
  }
  if (!ignored.empty())
    input.notes.push_back(
        fmt::format("{}: columns that are not used: {}", table.file, fmt::join(ignored, ", ")));
}

// Results are written as JSON and HTML, which are UTF-8.
void check_encoding(std::string_view text, const std::string& file) {
  const auto bad = first_bad_byte(text);
  if (!bad) return;
  throw InputError(
      {.what = "not UTF-8",
       .where = where(file, static_cast<int>(bad->line), static_cast<int>(bad->column)),
       .got = fmt::format("byte 0x{:02x}", static_cast<unsigned char>(text[bad->at])),
       .advice = "Save the file as UTF-8"});
}

}  // namespace

Table parse_csv(std::string_view text, const std::string& file) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  check_encoding(text, file);
  Parser parser(text, file);
  Table table{.file = file, .header = {}, .rows = {}};
  while (!parser.at_end()) {
    std::vector<Field> record = parser.record();
    if (record.size() == 1 && record[0].text.empty()) continue;
    if (table.header.empty()) {
      table.header = std::move(record);
      continue;
    }
    if (record.size() != table.header.size()) {
      const Field& at =
          record.size() > table.header.size() ? record[table.header.size()] : record.back();
      throw InputError({.what = "a row does not have the header's columns",
                        .where = where(file, at.line, at.column),
                        .expected = fmt::format("{} fields", table.header.size()),
                        .got = std::to_string(record.size())});
    }
    table.rows.push_back(std::move(record));
  }
  if (table.header.empty())
    throw InputError({.what = "the file is empty",
                      .where = where(file, 1, 1),
                      .expected = "a header line with the names of the columns"});
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (table.header[i].text == table.header[j].text) {
        throw InputError({.what = "the column '" + table.header[i].text + "' is there twice",
                          .where = where(table, table.header[i])});
      }
    }
  }
  return table;
}

Input input_from_csv(const Table& table) {
  Input input{.path = table.file, .trials = {}, .counted = {}, .notes = {}};
  const Columns columns(table);
  for (const char* name : {"task", "architecture", "length", "hidden"}) columns.require(name);
  const bool counted = columns.has("solved") && !columns.has("seed");
  bool single_accuracy = false;
  if (counted) {
    columns.require("seeds");
  } else {
    columns.require("seed", "seeds and solved");
    single_accuracy = columns.has("accuracy") &&
                      !(columns.has("accuracy_test") && columns.has("accuracy_validation"));
    if (!single_accuracy) {
      columns.require("accuracy_test", "accuracy");
      columns.require("accuracy_validation", "accuracy");
    }
  }
  if (table.rows.empty())
    throw InputError(
        {.what = "there is a header but no row", .where = where(table, table.header.front())});
  if (single_accuracy) {
    input.notes.push_back(
        fmt::format("{}: one accuracy column: the best learning rate is selected on what it is "
                    "tested with, which favours large sets of "
                    "rates; give accuracy_validation and accuracy_test",
                    table.file));
  }
  std::vector<std::string> used = {"task", "architecture", "length", "hidden",
                                   "paper_length"};  // the last is only a label
  const std::vector<std::string> more =
      counted ? std::vector<std::string>{"seeds", "solved"}
      : single_accuracy
          ? std::vector<std::string>{"seed", "learning_rate", "id", "status", "accuracy"}
          : std::vector<std::string>{"seed",   "learning_rate", "id",
                                     "status", "accuracy_test", "accuracy_validation"};
  used.insert(used.end(), more.begin(), more.end());
  used.insert(used.end(), {"flops_forward", "flops_generation"});
  if (!counted) used.emplace_back("flops");
  note_ignored(table, used, input);

  const auto axes = further_axes(table);
  int diverged = 0;  // by an accuracy that is nan
  int missing = 0;   // by an empty one
  std::map<std::tuple<std::string, std::string, std::string, double, double, std::int64_t, double>,
           const Field*>
      seen;
  for (const auto& row : table.rows) {
    law::Trial trial;
    trial.task = columns.word(row, "task");
    trial.architecture = columns.word(row, "architecture");
    trial.axes = label(axes, row);
    trial.length = columns.size(row, "length");
    trial.hidden = columns.size(row, "hidden");
    if (columns.has("flops_forward") || columns.has("flops_generation")) {
      const auto flops = [&](const char* name) {
        return columns.has(name) && !columns.is_empty(row, name)
                   ? columns.number(row, name, 0.0, 1e300, "FLOPs, a number from 0")
                   : 0.0;
      };
      input.prices.push_back({trial.task, trial.architecture, trial.axes, trial.length,
                              trial.hidden, flops("flops_forward"), flops("flops_generation")});
    }
    if (counted) {
      const auto many = std::int64_t{1'000'000'000};
      const auto seeds = columns.number<std::int64_t>(row, "seeds", 0, many, "a count");
      const auto solved = columns.number<std::int64_t>(
          row, "solved", 0, seeds, fmt::format("a count from 0 to seeds ({})", seeds));
      input.counted.push_back({.task = trial.task,
                               .architecture = trial.architecture,
                               .axes = trial.axes,
                               .cell = {.length = trial.length,
                                        .hidden = trial.hidden,
                                        .seeds = static_cast<int>(seeds),
                                        .solved = static_cast<int>(solved)}});
    } else {
      trial.seed =
          columns.number<std::int64_t>(row, "seed", INT64_MIN, INT64_MAX, "a whole number");
      const bool has_rate = columns.has("learning_rate");
      if (has_rate)
        trial.learning_rate = columns.number(row, "learning_rate", 0.0, 1e9, "a number from 0");
      trial.status = status(columns, table, row);
      const std::string test = single_accuracy ? "accuracy" : "accuracy_test";
      const std::string validation = single_accuracy ? "accuracy" : "accuracy_validation";
      if (trial.status != law::Status::finished) {
        // whatever is recorded with it is not used
      } else if (columns.is_nan(row, test) || columns.is_nan(row, validation)) {
        trial.status = law::Status::diverged;
        ++diverged;
      } else if (columns.is_empty(row, test) || columns.is_empty(row, validation)) {
        trial.status = law::Status::missing;
        ++missing;
      } else {
        trial.accuracy_test = columns.accuracy(row, test);
        trial.accuracy_validation = columns.accuracy(row, validation);
      }
      const bool has_id = columns.has("id") && !columns.field(row, "id").text.empty();
      trial.id = has_id ? columns.field(row, "id").text
                        : fmt::format("{} {}{} L={} d={} seed={}{}", trial.task, trial.architecture,
                                      trial.axes.empty() ? "" : " " + trial.axes, trial.length,
                                      trial.hidden, trial.seed,
                                      has_rate ? fmt::format(" lr={}", trial.learning_rate) : "");
    }
    const auto [first, inserted] =
        seen.insert({{trial.task, trial.architecture, trial.axes, trial.length, trial.hidden,
                      trial.seed, trial.learning_rate},
                     &row.front()});
    if (!inserted) {
      throw InputError(
          {.what =
               fmt::format("the same {} as in line {}",
                           counted ? "cell" : "cell, seed and learning rate", first->second->line),
           .where = where(table, row.front()),
           .advice = counted ? ""
                             : "Tell trials of one seed apart by a learning_rate column; further "
                               "axes by columns named model.*, recipe.* or task.*"});
    }
    if (counted) continue;
    input.trials.push_back(std::move(trial));
    if (columns.has("flops")) {
      input.flops.push_back(
          columns.is_empty(row, "flops")
              ? 0.0
              : columns.number(row, "flops", 0.0, 1e300, "FLOPs, a number from 0"));
    }
  }
  if (diverged > 0)
    input.notes.push_back(fmt::format(
        "{}: trials with accuracy nan, taken as diverged (accuracy 0): {}", table.file, diverged));
  if (missing > 0)
    input.notes.push_back(
        fmt::format("{}: trials with no accuracy, taken as missing: {}", table.file, missing));
  return input;
}

}  // namespace surd::analysis
