// The columns of a table by name, and what is in them: words, numbers, counts, accuracies.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/input/delimited.hpp"

namespace surd::analysis {

using Row = std::vector<Field>;

// Names that surd-fit knows are found in any case. A number may begin with +, and end as 16.0 where
// a whole one is asked for; it may have a decimal comma, unless numbers with a point are there too.
// InputError, with the place of what is wrong: all below, and names that differ by their case only.
class Columns {
 public:
  explicit Columns(const Table& table);  // which must outlive it

  // As in the table; known ones, and those of further axes, in lower case.
  const std::vector<std::string>& names() const { return names_; }
  bool has(const std::string& name) const { return index_.contains(name); }
  // Whether there is such a column and anything in it.
  bool has_content(const std::string& name) const;
  bool has_decimal_commas() const { return comma_ != nullptr; }

  // Error where there is no such column, with the nearest word; `alternative`: what would serve
  // too.
  void require(const std::string& name, const std::string& alternative = "") const;

  const Field& field(const Row& row, const std::string& name) const;
  // Empty, or a word for it: NA, None, null, #N/A.
  bool is_missing(const Row& row, const std::string& name) const;
  // Not a number in so many words: nan.
  bool is_nan(const Row& row, const std::string& name) const;

  // Not missing.
  std::string word(const Row& row, const std::string& name) const;
  // In the range that the column has in results.h5 too (store/range.hpp).
  double number(const Row& row, const std::string& name) const;
  std::int64_t whole(const Row& row, const std::string& name, std::int64_t low, std::int64_t high,
                     const std::string& expected) const;
  // Likewise; rounding of single precision is taken off at the ends.
  double accuracy(const Row& row, const std::string& name) const;
  // 0 or 1, or a word for it.
  bool truth(const Row& row, const std::string& name) const;

  // The text with a decimal point where it is a number with a decimal comma.
  std::string with_point(const std::string& text) const;

 private:
  std::string canonical(const Field& field) const;
  [[noreturn]] void refuse(const Field& value, const std::string& name, const std::string& expected,
                           const std::string& advice) const;
  std::optional<double> read_number(const Field& value, const std::string& name) const;
  void find_decimal_commas();

  const Table& table_;
  std::vector<std::string> names_;
  std::map<std::string, std::size_t> index_;
  const Field* comma_ = nullptr;  // the first number with a decimal comma
};

// A column model.*, recipe.* or task.*.
bool is_axis(std::string_view column);

// Names in one column: those that differ by blanks or case only are one, as it is written first.
class Names {
 public:
  std::string one_of(const std::string& text);
  // Spellings other than the first, and how often they came.
  const std::map<std::string, int>& others() const { return others_; }
  const std::string& first_of(const std::string& other) const;

 private:
  std::map<std::string, std::string> first_;  // by what they have in common
  std::map<std::string, int> others_;         // how often
};

}  // namespace surd::analysis
