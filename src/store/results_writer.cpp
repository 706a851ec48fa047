#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

#include "base/files.hpp"
#include "law/solved.hpp"
#include "store/attempts.hpp"
#include "store/audit.hpp"
#include "store/curves.hpp"
#include "store/hdf5.hpp"
#include "store/journal.hpp"
#include "store/provenance.hpp"
#include "store/results.hpp"
#include "store/run_folder.hpp"
#include "store/snapshot.hpp"
#include "store/compare.hpp"

namespace surd::store {
namespace {

void describe(const h5::Handle& dataset, const std::string& units, const std::string& long_name) {
  h5::set_attribute(dataset, "units", units);
  h5::set_attribute(dataset, "long_name", long_name);
}

// A dimension with its coordinate.
template <typename Value>
h5::Handle write_scale(const h5::Handle& group, const std::string& name,
                       const std::vector<Value>& values, const std::string& units,
                       const std::string& long_name) {
  h5::Handle scale = h5::write(group, name, values, {values.size()});
  h5::make_scale(scale, name);
  describe(scale, units, long_name);
  return scale;
}

h5::Handle write_positions(const h5::Handle& group, const std::string& name, std::size_t count,
                           const std::string& long_name) {
  std::vector<std::int64_t> positions(count);
  for (std::size_t i = 0; i < count; ++i) positions[i] = static_cast<std::int64_t>(i);
  return write_scale(group, name, positions, "1", long_name);
}

// One column along the dimension of `scale`.
template <typename Value>
void write_column(const h5::Handle& group, const h5::Handle& scale, const std::string& name,
                  const std::vector<Value>& values, const std::string& units,
                  const std::string& long_name) {
  const h5::Handle dataset = h5::write(group, name, values, {values.size()});
  h5::attach_scale(dataset, scale, 0);
  describe(dataset, units, long_name);
}

template <typename Row>
void write_column(const h5::Handle& group, const h5::Handle& scale, std::span<const Row> rows,
                  const ColumnOf<Row>& column) {
  std::visit(
      [&]<typename Value>(Value Row::*member) {
        std::vector<Value> values;
        values.reserve(rows.size());
        for (const Row& row : rows) values.push_back(row.*member);
        write_column(group, scale, column.name, values, column.units, column.long_name);
      },
      column.member);
}

// Integers where all values are, numbers where all are (null: NaN), else texts.
void write_further(const h5::Handle& group, const h5::Handle& scale,
                   std::span<const ResultRow> rows, std::size_t axis) {
  const std::string& name = rows.front().further[axis].first;
  const std::string long_name = "further axis of the study: " + name;
  const auto value = [&](const ResultRow& row) -> const Json& { return row.further[axis].second; };
  const auto all = [&](auto fits) {
    return std::all_of(rows.begin(), rows.end(),
                       [&](const ResultRow& row) { return fits(value(row)); });
  };
  if (all([](const Json& v) { return v.is_number_integer(); })) {
    std::vector<std::int64_t> values;
    for (const ResultRow& row : rows) values.push_back(value(row).get<std::int64_t>());
    write_column(group, scale, name, values, "1", long_name);
  } else if (all([](const Json& v) { return v.is_number() || v.is_null(); })) {
    std::vector<double> values;
    for (const ResultRow& row : rows)
      values.push_back(value(row).is_null() ? no_value : value(row).get<double>());
    write_column(group, scale, name, values, "1", long_name);
  } else {
    std::vector<std::string> values;
    for (const ResultRow& row : rows)
      values.push_back(value(row).is_null()     ? ""
                       : value(row).is_string() ? value(row).get<std::string>()
                                                : value(row).dump());
    write_column(group, scale, name, values, "1", long_name);
  }
}

void write_trials(const h5::Handle& file, std::span<const ResultRow> rows) {
  const h5::Handle group = h5::create_group(file, "trials");
  const std::vector<std::string> axes = further_axes(rows);
  h5::set_attribute(group, "further_axes", Json(axes).dump());
  const h5::Handle scale = write_positions(group, "trial", rows.size(), "position in study order");
  for (const Column& column : columns_before_further()) write_column(group, scale, rows, column);
  for (std::size_t axis = 0; axis < axes.size(); ++axis) write_further(group, scale, rows, axis);
  for (const Column& column : columns_after_further()) write_column(group, scale, rows, column);
}

// --- /grid

struct Metric {
  std::string name;
  double (*value)(const ResultRow&);
};

const std::vector<Metric>& metrics() {
  static const std::vector<Metric> all = {
      {"accuracy_validation", [](const ResultRow& row) { return row.accuracy_validation; }},
      {"accuracy_validation_best",
       [](const ResultRow& row) { return row.accuracy_validation_best; }},
      {"accuracy_test", [](const ResultRow& row) { return row.accuracy_test; }},
      {"loss_validation", [](const ResultRow& row) { return row.loss_validation; }},
      {"learning_rate", [](const ResultRow& row) { return row.learning_rate; }},
      {"steps", [](const ResultRow& row) { return static_cast<double>(row.steps); }},
      {"steps_to_solve",
       [](const ResultRow& row) { return static_cast<double>(row.steps_to_solve); }},
      {"tokens", [](const ResultRow& row) { return static_cast<double>(row.tokens); }},
      {"flops", [](const ResultRow& row) { return row.flops; }},
  };
  return all;
}

const Column& column_named(const std::string& name) {
  for (const Column& column : columns_after_further()) {
    if (column.name == name) return column;
  }
  throw Error("no column " + name);
}

template <typename Value, typename Member>
std::vector<Value> distinct(const std::vector<const ResultRow*>& rows, Member member) {
  std::vector<Value> values;
  for (const ResultRow* row : rows) values.push_back(row->*member);
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

// In the order of the study: the baseline stays first.
std::vector<std::string> architectures_of(const std::vector<const ResultRow*>& rows) {
  std::vector<std::string> names;
  for (const ResultRow* row : rows) {
    if (std::find(names.begin(), names.end(), row->architecture) == names.end())
      names.push_back(row->architecture);
  }
  return names;
}

template <typename Value>
std::size_t place_of(const std::vector<Value>& values, const Value& value) {
  return static_cast<std::size_t>(std::lower_bound(values.begin(), values.end(), value) -
                                  values.begin());
}

bool has_result(const ResultRow& row) {
  return row.status == "finished" || row.status == "diverged";
}

law::Rate rate(const ResultRow& row) {
  return {law::judged_accuracy(row.status == "diverged", row.accuracy_validation),
          row.learning_rate};
}

void write_task(const h5::Handle& parent, const std::string& task,
                const std::vector<const ResultRow*>& rows) {
  const auto lengths = distinct<std::int64_t>(rows, &ResultRow::length);
  const auto widths = distinct<std::int64_t>(rows, &ResultRow::hidden);
  const auto seeds = distinct<std::int64_t>(rows, &ResultRow::seed);
  const auto names = architectures_of(rows);
  std::map<std::string, std::size_t> name_places;
  for (std::size_t i = 0; i < names.size(); ++i) name_places[names[i]] = i;

  const h5::Shape shape = {lengths.size(), widths.size(), names.size(), seeds.size()};
  std::vector<const ResultRow*> best(lengths.size() * widths.size() * names.size() * seeds.size(),
                                     nullptr);
  for (const ResultRow* row : rows) {
    if (!has_result(*row)) continue;
    const std::size_t point =
        (place_of(lengths, row->length) * widths.size() + place_of(widths, row->hidden)) *
            names.size() +
        name_places[row->architecture];
    const ResultRow*& place = best[point * seeds.size() + place_of(seeds, row->seed)];
    if (place == nullptr || law::better(rate(*row), rate(*place))) place = row;
  }

  const h5::Handle group = h5::create_group(parent, task);
  std::vector<h5::Handle> scales;
  scales.push_back(write_scale(group, "length", lengths, "token",
                               "longest sequence of the problem size, without eos"));
  scales.push_back(write_scale(group, "hidden", widths, "1", "width: embedding dimension"));
  scales.push_back(write_scale(group, "architecture", names, "1",
                               "attention, with the options that are not its defaults"));
  scales.push_back(write_scale(group, "seed", seeds, "1", "seed of weights and data"));
  for (const Metric& metric : metrics()) {
    std::vector<double> values;
    values.reserve(best.size());
    for (const ResultRow* row : best)
      values.push_back(row == nullptr ? no_value : metric.value(*row));
    const h5::Handle dataset = h5::write(group, metric.name, values, shape);
    for (unsigned axis = 0; axis < scales.size(); ++axis)
      h5::attach_scale(dataset, scales[axis], axis);
    const Column& column = column_named(metric.name);
    describe(dataset, column.units,
             column.long_name +
                 "; of the learning rate with the best validation accuracy; NaN: no result");
  }
}

// Why the rows do not fit a grid of length, hidden, architecture and seed; empty where they do.
std::string grid_obstacle(std::span<const ResultRow> rows) {
  const std::vector<std::string> axes = further_axes(rows);
  if (!axes.empty())
    return fmt::format("the study has further axes ({}); use /trials", fmt::join(axes, ", "));
  std::vector<
      std::tuple<std::string, std::int64_t, std::int64_t, std::string, std::int64_t, double>>
      keys;
  for (const ResultRow& row : rows)
    keys.emplace_back(row.task, row.length, row.hidden, row.architecture, row.seed,
                      row.learning_rate);
  std::sort(keys.begin(), keys.end());
  if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) {
    return "several trials share task, length, hidden, architecture, seed and learning rate; use "
           "/trials";
  }
  return "";
}

void write_grid(const h5::Handle& file, std::span<const ResultRow> rows) {
  const h5::Handle group = h5::create_group(file, "grid");
  if (const std::string obstacle = grid_obstacle(rows); !obstacle.empty()) {
    h5::set_attribute(group, "not_written", obstacle);
    return;
  }
  std::map<std::string, std::vector<const ResultRow*>> tasks;
  for (const ResultRow& row : rows) {
    if (row.window >= 0) tasks[row.task].push_back(&row);  // a pilot is no seed of its cell
  }
  for (const auto& [task, of_task] : tasks) write_task(group, task, of_task);
}

// --- /curves and /attempts

void write_curves(const h5::Handle& file, std::span<const ResultRow> rows, const History& history) {
  const Curves curves = curves_of(rows, history);
  const h5::Handle group = h5::create_group(file, "curves");
  const h5::Handle trial =
      write_positions(group, "trial", rows.size(), "position in study order, as in /trials");
  const h5::Handle point = write_positions(
      group, "point", curves.step.size(),
      "position in the flat arrays; those of trial i are [start[i], start[i] + count[i])");
  write_column(group, trial, "start", curves.start, "1", "first point of the trial");
  write_column(group, trial, "count", curves.count, "1", "points of the trial");
  write_column(group, point, "step", curves.step, "1", "optimiser steps done");
  write_column(group, point, "loss_train", curves.loss_train, "nat",
               "mean cross-entropy a supervised token since the point before");
  write_column(group, point, "loss_validation", curves.loss_validation, "nat",
               "mean cross-entropy a supervised validation token; NaN between validations");
  write_column(group, point, "accuracy_validation", curves.accuracy_validation, "1",
               "share of validation instances solved; NaN between validations");
  write_column(group, point, "gradient_norm", curves.gradient_norm, "1",
               "global norm before clipping, at this step");
}

void write_attempts(const h5::Handle& file, std::span<const AttemptRow> rows) {
  std::vector<std::int64_t> numbers;
  for (const AttemptRow& row : rows) numbers.push_back(row.attempt);
  const h5::Handle group = h5::create_group(file, "attempts");
  const h5::Handle scale = write_scale(group, "attempt", numbers, "1", "number of the attempt");
  for (const ColumnOf<AttemptRow>& column : attempt_columns())
    write_column(group, scale, rows, column);
}

// --- /audit: only where a budget audit drew something

void write_audit(const h5::Handle& file, std::span<const AuditRow> rows) {
  if (rows.empty()) return;
  const h5::Handle group = h5::create_group(file, "audit");
  const h5::Handle scale =
      write_positions(group, "audit", rows.size(), "position in the audit, in study order");
  for (const ColumnOf<AuditRow>& column : audit_columns()) write_column(group, scale, rows, column);
}

void write_attributes(const h5::Handle& file, std::span<const grid::Study> studies,
                      const History& history) {
  const StudyOpened opened = history.opened.value_or(StudyOpened{});
  std::vector<std::string> texts, names;
  for (const grid::Study& study : studies) {
    texts.push_back(study.text_frozen);
    names.push_back(study.name);
  }
  h5::set_attribute(file, "format_version", format_version());
  h5::set_attribute(file, "program", "surd");
  h5::set_attribute(file, "program_version", opened.program_version);
  h5::set_attribute(file, "revision", opened.revision);
  h5::set_attribute(file, "numerics_version", static_cast<std::int64_t>(spec::numerics_version));
  h5::set_attribute(file, "machine", opened.machine);
  h5::set_attribute(file, "study", joined_studies(texts));
  h5::set_attribute(file, "study_name", fmt::format("{}", fmt::join(names, ", ")));
  h5::set_attribute(file, "journal_records", history.records);
  if (const auto fit = common_fit(studies)) {
    h5::set_attribute(file, "fit_tau", fmt::format("{}", fit->tau));
    h5::set_attribute(file, "fit_baseline", fit->baseline);
  }
}

}  // namespace

void write_results(const std::filesystem::path& path, std::span<const grid::Study> studies,
                   const History& history) {
  const std::vector<ResultRow> rows = make_rows(studies, history);
  const h5::Handle image = h5::create_image(path.string());
  write_attributes(image, studies, history);
  write_trials(image, rows);
  write_grid(image, rows);
  write_curves(image, rows, history);
  write_attempts(image, make_attempt_rows(history));
  write_audit(image, make_audit_rows(studies, rows, history));
  std::string contents;
  put_contents([&](std::string_view part) { contents += part; }, image);
  h5::set_attribute(image, digests_name, digests_of(contents_from(contents, nullptr)));
  write_file_atomically(path, h5::bytes_of(image));
}

void rebuild_results(const std::filesystem::path& run) {
  const RunFolder folder = RunFolder::existing(run);
  Journal journal(folder.journal());  // a run that goes on writes results.h5 itself
  const History history = replay(journal.take_records());
  require_whole_journal(folder, history);
  write_results(folder.results(), studies_of(history, folder.journal().string()), history);
}

}  // namespace surd::store
