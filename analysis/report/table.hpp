// A table described once: what its columns say of a row is written for a terminal, the page, JSON
// and CSV.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "analysis/report/text.hpp"
#include "base/json.hpp"
#include "law/interval.hpp"

namespace surd::analysis {

// A number with its interval.
struct Estimate {
  double value = 0;
  law::Interval interval;
};

// A number to be seen first: bold on the page.
struct Strong {
  double value = 0;
};

// Lengths that were fitted: people see how many.
using Lengths = std::vector<double>;
// The same of any numbers, all of them with a point in JSON.
struct Numbers {
  std::vector<double> values;
};

using Value = std::variant<std::monostate, bool, std::string, std::int64_t, double, law::Interval,
                           Estimate, Strong, Lengths, Numbers>;

// What there may be.
template <typename T>
Value value_of(const std::optional<T>& value) {
  return value ? Value(*value) : Value();
}

// Of numbers, for people; machines get all digits.
enum class Format { plain, whole, two_digits, three_digits, signed_two_digits, three_that_count };

// In CSV, of numbers that happen to be whole: 16.0, or 16.
enum class Whole { with_point, without_point };

// Which columns with a key CSV has: those chosen for it (TableColumn::csv), or all, as JSON.
enum class Fields { chosen, all };

// What a column says, in plain words: --explain prints it, and the page shows it above the heading.
// No default, so that a column without does not compile.
struct Meaning {
  std::string words;
  Meaning(const char* plain) : words(plain) {}
  Meaning(std::string plain) : words(std::move(plain)) {}
};

// Of a terminal's table: the part that most want, or further numbers in a table of their own below.
// Names lead the lines of both.
enum class Part { main, details, names };

struct TableColumn {
  std::string key{};    // of a member of JSON and a field of CSV; of an interval's ends with {} in
                        // it, for low and high. Empty: not for machines
  std::string title{};  // in the terminal; empty: not there
  std::string heading{};  // on the page, as HTML; empty: not there
  Format format = Format::plain;
  bool csv = true;            // where it has a key
  bool where_it_has = false;  // no member of JSON where there is no value, or no word
  bool left = false;          // on the page, words at the left; else numbers at the right
  Part part = Part::main;
  // Columns that show one thing to people and to machines may share it: they are explained once.
  Meaning means;
};

struct ResultTable {
  std::vector<TableColumn> columns;
  std::vector<std::vector<Value>> rows;
};

template <typename Row>
struct TableColumnOf {
  TableColumn column;
  std::function<Value(const Row&)> value;
};

template <typename Row, typename Rows>
ResultTable make_table(const std::vector<TableColumnOf<Row>>& columns, Rows&& rows) {
  ResultTable table;
  for (const auto& one : columns) table.columns.push_back(one.column);
  for (const Row& row : rows) {
    table.rows.emplace_back();
    for (const auto& one : columns) table.rows.back().push_back(one.value(row));
  }
  return table;
}

// "-" where there is no value.
std::string in_words(const Value& value, Format format);

// Columns with a title; the first line is the header.
Lines lines_of(const ResultTable& table);
// The same of one part, the names before it, left-aligned, two spaces apart; empty without rows.
// Where that is too wide further columns follow below: see aligned_in_terminal.
std::string for_terminal(const ResultTable& table, Part part = Part::main);
// Columns with a heading as an HTML table; empty without rows.
std::string for_page(const ResultTable& table);
// An array of an object a row, of the columns with a key.
Json to_json(const ResultTable& table);
// A header of the keys, then a line a row (RFC 4180); words in quotes, lengths with spaces between,
// 1 for true and 0 for false, nothing where there is no value.
std::string to_csv(const ResultTable& table, Whole whole = Whole::with_point,
                   Fields fields = Fields::chosen);

}  // namespace surd::analysis
