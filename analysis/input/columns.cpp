#include "analysis/input/columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.hpp"
#include "law/solved.hpp"
#include "store/range.hpp"

namespace surd::analysis {
namespace {

constexpr double largest_whole = 0x1p53;  // from here on not every whole number is a double

const std::vector<std::string> known_columns = {
    "task",          "architecture",  "length",           "hidden",      "seed",
    "learning_rate", "flops_forward", "flops_generation", "accuracy",    "accuracy_validation",
    "accuracy_test", "seeds",         "solved",           "id",          "status",
    "flops",         "paper_length",  "parameters",       "state_bytes", "window"};
// Those that hold numbers and nothing else.
constexpr std::array<const char*, 15> number_columns = {
    "length",     "hidden",        "seed",  "learning_rate", "flops_forward", "flops_generation",
    "accuracy",   "accuracy_test", "seeds", "solved",        "flops",         "accuracy_validation",
    "parameters", "state_bytes",   "window"};
// What programs write where there is no value.
constexpr std::array<std::string_view, 8> missing_words = {"na",  "n/a",  "#n/a", "#na",
                                                           "#nv", "none", "null", "<na>"};

bool is_known(const std::string& name) {
  return std::find(known_columns.begin(), known_columns.end(), name) != known_columns.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The whole text as a number.
template <typename T>
std::optional<T> parsed(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  T number{};
  const char* first = text.data();
  const char* last = first + text.size();
  const auto [end, code] = std::from_chars(first, last, number);
  if (text.empty() || text.front() == '+' || code != std::errc() || end != last)
    return std::nullopt;
  return number;
}

// "0,5", ",5e-3", "12,": digits about one comma.
bool is_decimal_comma(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return false;
  std::string pointed(text);
  pointed[comma] = '.';
  return parsed<double>(pointed).has_value();
}

// "1,024" and "1,024,000": the commas may as well part thousands.
bool may_be_thousands(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  const std::size_t first = text.find(',');
  if (first == std::string_view::npos || first == 0 || first > 3 || text.front() == '0')
    return false;
  if (!std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(first), is_digit))
    return false;
  for (std::size_t at = first; at < text.size(); at += 4) {
    if (text[at] != ',' || text.size() < at + 4 || !is_digit(text[at + 1]) ||
        !is_digit(text[at + 2]) || !is_digit(text[at + 3]))
      return false;
  }
  return true;
}

// Without case, and any blanks as one.
std::string folded(const std::string& text) {
  std::string key;
  bool blank = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool no_break = text.compare(i, 2, "\xC2\xA0") == 0;
    if (no_break || std::string_view(" \t\r\n").find(text[i]) != std::string_view::npos) {
      i += no_break ? 1 : 0;
      blank = true;
      continue;
    }
    if (blank && !key.empty()) key += ' ';
    blank = false;
    key += text[i];
  }
  return lower_case(key);
}

}  // namespace

bool is_axis(std::string_view column) {
  return column.starts_with("model.") || column.starts_with("recipe.") ||
         column.starts_with("task.");
}

Columns::Columns(const Table& table) : table_(table) {
  for (const Field& field : table.header) {
    const std::string name = canonical(field);
    const auto [first, inserted] = index_.try_emplace(name, names_.size());
    if (!inserted) {
      throw InputError({.what = fmt::format("the columns '{}' and '{}' differ by case only",
                                            table.header[first->second].text, field.text),
                        .where = where(table, field),
                        .advice = "Keep one of them"});
    }
    names_.push_back(name);
  }
  find_decimal_commas();
}

std::string Columns::canonical(const Field& field) const {
  const std::string lower = lower_case(field.text);
  return is_known(lower) || is_axis(lower) ? lower : field.text;
}

// Whether commas are decimal is a matter of the file: with points beside them neither is sure.
void Columns::find_decimal_commas() {
  const Field* point = nullptr;
  for (const char* name : number_columns) {
    const auto column = index_.find(name);
    if (column == index_.end()) continue;
    for (const Row& row : table_.rows) {
      const Field& value = row[column->second];
      if (!point && value.text.find('.') != std::string::npos && parsed<double>(value.text))
        point = &value;
      if (!comma_ && is_decimal_comma(value.text)) comma_ = &value;
      if (point && comma_) break;
    }
  }
  if (!point || !comma_) return;
  throw InputError(
      {.what = "numbers with a decimal comma and with a decimal point in one file",
       .where = where(table_, *comma_),
       .expected = "one of the two",
       .got = fmt::format("'{}', and '{}' in line {}", comma_->text, point->text, point->line)});
}

std::string Columns::with_point(const std::string& text) const {
  std::string pointed = text;
  if (is_decimal_comma(text)) pointed[text.find(',')] = '.';
  return pointed;
}

bool Columns::has_content(const std::string& name) const {
  return has(name) && std::any_of(table_.rows.begin(), table_.rows.end(),
                                  [&](const Row& row) { return !is_missing(row, name); });
}

void Columns::require(const std::string& name, const std::string& alternative) const {
  if (has(name)) return;
  if (table_.header.size() == 1) {
    const std::string& only = table_.header.front().text;
    for (const char separator : std::string_view(",;\t| ")) {
      if (separator == table_.separator || only.find(separator) == std::string::npos) continue;
      throw InputError(
          {.what = "the header has one column",
           .where = where(table_, table_.header.front()),
           .expected = fmt::format("columns separated by {}", words_of_separator(table_.separator)),
           .got = separator == ' '
                      ? "words with blanks between them"
                      : fmt::format("columns separated by {}", words_of_separator(separator)),
           .advice = separator == ' ' ? "Write the table with commas" : "Mend the line sep="});
    }
  }
  std::vector<std::string> unknown;
  for (const std::string& column : names_) {
    if (!is_known(column)) unknown.push_back(column);
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

const Field& Columns::field(const Row& row, const std::string& name) const {
  return row[index_.at(name)];
}

bool Columns::is_missing(const Row& row, const std::string& name) const {
  const std::string& text = field(row, name).text;
  if (text.empty()) return true;
  if (text.size() > 4) return false;
  return std::find(missing_words.begin(), missing_words.end(), lower_case(text)) !=
         missing_words.end();
}

bool Columns::is_nan(const Row& row, const std::string& name) const {
  const std::optional<double> number = parsed<double>(field(row, name).text);
  return number && std::isnan(*number);
}

std::string Columns::word(const Row& row, const std::string& name) const {
  const Field& value = field(row, name);
  if (value.text.empty())
    throw InputError({.what = "'" + name + "' is empty", .where = where(table_, value)});
  // None may be a name: of a model without attention.
  if (is_nan(row, name) || (is_missing(row, name) && lower_case(value.text) != "none")) {
    throw InputError({.what = "'" + name + "' is missing",
                      .where = where(table_, value),
                      .expected = "a name",
                      .got = "'" + value.text + "'"});
  }
  return value.text;
}

void Columns::refuse(const Field& value, const std::string& name, const std::string& expected,
                     const std::string& advice) const {
  throw InputError({.what = "'" + name + "' has an impossible value",
                    .where = where(table_, value),
                    .expected = expected,
                    .got = value.text.empty() ? "nothing" : "'" + value.text + "'",
                    .advice = advice});
}

std::optional<double> Columns::read_number(const Field& value, const std::string& name) const {
  if (may_be_thousands(value.text)) {
    refuse(value, name, "a number without commas between its digits",
           "The comma may be a decimal one or part thousands");
  }
  return parsed<double>(with_point(value.text));
}

double Columns::number(const Row& row, const std::string& name) const {
  const Field& value = field(row, name);
  const std::optional<double> number = read_number(value, name);
  const store::Range range = store::range_of(name);
  if (!number || !range.holds(*number)) refuse(value, name, range.words, "");
  return *number;
}

std::int64_t Columns::whole(const Row& row, const std::string& name, std::int64_t low,
                            std::int64_t high, const std::string& expected) const {
  const Field& value = field(row, name);
  std::optional<std::int64_t> count = parsed<std::int64_t>(value.text);
  if (!count) {
    const std::optional<double> number = read_number(value, name);
    if (number && std::abs(*number) <= largest_whole && *number == std::floor(*number))
      count = static_cast<std::int64_t>(*number);
  }
  if (!count || *count < low || *count > high) refuse(value, name, expected, "");
  return *count;
}

double Columns::accuracy(const Row& row, const std::string& name) const {
  const Field& value = field(row, name);
  const std::optional<double> number = parsed<double>(with_point(value.text));
  const store::Range range = store::range_of(name);
  if (!number || std::isnan(*number)) {
    refuse(value, name, range.words,
           value.text.ends_with('%') ? "Percentages: divide them by 100" : "");
  }
  if (std::isinf(*number)) {
    throw InputError({.what = "'" + name + "' is infinite",
                      .where = where(table_, value),
                      .expected = range.words,
                      .got = "'" + value.text + "'",
                      .advice = "Write nan where training diverged, nothing where it is missing"});
  }
  if (*number < range.low - law::accuracy_tolerance ||
      *number > range.high + law::accuracy_tolerance)
    refuse(value, name, range.words, *number > 1 ? "Percentages: divide them by 100" : "");
  return std::clamp(*number, range.low, range.high);
}

bool Columns::truth(const Row& row, const std::string& name) const {
  const Field& value = field(row, name);
  const std::string word = lower_case(value.text);
  const std::optional<double> number = parsed<double>(with_point(value.text));
  if (word == "true" || word == "yes" || number == 1) return true;
  if (word == "false" || word == "no" || number == 0) return false;
  refuse(value, name, "0 or 1, as there is a column 'seed'", "");
}

std::string Names::one_of(const std::string& text) {
  std::string key = folded(text);
  const auto [first, inserted] = first_.try_emplace(std::move(key), text);
  if (!inserted && first->second != text) ++others_[text];
  return first->second;
}

const std::string& Names::first_of(const std::string& other) const {
  return first_.at(folded(other));
}

}  // namespace surd::analysis
