// Columns that several tables have.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/report/table.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {

// For people only the rows that have something to show; all of them for machines, with the reason.
enum class Which { shown, all };

inline Value words_or_none(const std::string& words) {
  return words.empty() ? Value() : Value(words);
}

inline Value estimate(const std::optional<double>& value, const law::Interval& interval) {
  return value ? Value(Estimate{*value, interval}) : Value();
}

// Task, architecture and further axes; `of` gives what has them.
template <typename Row, typename Of>
std::vector<TableColumnOf<Row>> named(Of of) {
  const Meaning architecture =
      "of the models, with its options where they are not the usual ones; in a table for people "
      "followed by further axes in brackets";
  return {
      {{.key = "task",
        .title = "task",
        .heading = "task",
        .left = true,
        .part = Part::names,
        .means = "that the models were trained on"},
       [of](const Row& row) { return of(row).task; }},
      {{.key = "architecture", .means = architecture},
       [of](const Row& row) { return of(row).architecture; }},
      {{.title = "architecture",
        .heading = "architecture",
        .left = true,
        .part = Part::names,
        .means = architecture},
       [of](const Row& row) { return full_name(of(row).architecture, of(row).axes); }},
      {{.key = "axes",
        .where_it_has = true,
        .means = "further axes of the study, such as model.layers=2; only where there are any"},
       [of](const Row& row) { return words_or_none(of(row).axes); }},
  };
}

template <typename Row>
void append(std::vector<TableColumnOf<Row>>& columns, std::vector<TableColumnOf<Row>> more) {
  for (auto& one : more) columns.push_back(std::move(one));
}

// The same of a part of each row, which `of` gives.
template <typename Row, typename Part, typename Of>
void append(std::vector<TableColumnOf<Row>>& columns, std::vector<TableColumnOf<Part>> more,
            Of of) {
  for (auto& [column, value] : more)
    columns.push_back({std::move(column), [of, value = std::move(value)](const Row& row) {
                         return value(std::invoke(of, row));
                       }});
}

}  // namespace surd::analysis
