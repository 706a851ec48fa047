// A column of a table of rows, described once for HDF5, CSV and comparison.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/json.hpp"

namespace surd::store {

// In a column of numbers, where there is none.
inline constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

template <typename Row>
struct ColumnOf {
  std::string name;
  std::string units;
  std::string long_name;
  std::variant<std::string Row::*, std::int64_t Row::*, double Row::*> member;
  bool deterministic = true;
  bool optional =
      false;  // files of earlier programs lack it: rows read from them keep their default
};

// NaN equals NaN, and every other value only its own bits.
bool equal(double a, double b);
inline bool equal(std::int64_t a, std::int64_t b) { return a == b; }
inline bool equal(const std::string& a, const std::string& b) { return a == b; }

// The deterministic columns in which two rows differ.
template <typename Row>
std::vector<std::string> differing_columns(std::span<const ColumnOf<Row>> columns, const Row& a,
                                           const Row& b) {
  std::vector<std::string> names;
  for (const ColumnOf<Row>& column : columns) {
    const bool same =
        std::visit([&](auto member) { return equal(a.*member, b.*member); }, column.member);
    if (column.deterministic && !same) names.push_back(column.name);
  }
  return names;
}

// A field of a CSV file (RFC 4180): numbers in their shortest exact form, NaN as "nan", null as
// nothing.
std::string csv_field(const std::string& value);
std::string csv_field(std::int64_t value);
std::string csv_field(double value);
std::string csv_field(const Json& value);

template <typename Row>
std::string csv_field(const ColumnOf<Row>& column, const Row& row) {
  return std::visit([&](auto member) { return csv_field(row.*member); }, column.member);
}

}  // namespace surd::store
