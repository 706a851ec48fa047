#include "analysis/report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "analysis/report/number.hpp"
#include "analysis/report/page.hpp"

namespace surd::analysis {
namespace {

std::string number_in_words(double value, Format format) {
  switch (format) {
    case Format::plain: return fmt::format("{}", value);
    case Format::whole: return fmt::format("{:.0f}", value);
    case Format::two_digits: return rounded(value, 2);
    case Format::three_digits: return rounded(value, 3);
    case Format::signed_two_digits: return fmt::format("{:+.2f}", value + 0.0);
    case Format::three_that_count: return text3(value);
  }
  return "";
}

std::string interval_in_words(const law::Interval& interval, Format format) {
  return format == Format::three_that_count ? text3(interval) : text(interval);
}

bool is_empty(const Value& value) {
  const auto* words = std::get_if<std::string>(&value);
  return std::holds_alternative<std::monostate>(value) || (words && words->empty());
}

// Lengths are whole numbers in nearly every file: 16, not 16.0.
Json lengths_json(const Lengths& lengths) {
  Json list = Json::array();
  for (const double value : lengths)
    list.push_back(value == std::floor(value) ? Json(static_cast<std::int64_t>(value))
                                              : Json(value));
  return list;
}

// The members that a value gives, none or one or the two ends of an interval.
std::vector<std::pair<std::string, Json>> members(const TableColumn& column, const Value& value) {
  if (column.key.empty()) return {};
  const auto brace = column.key.find("{}");
  if (brace != std::string::npos) {
    const auto key = [&](const char* end) {
      return column.key.substr(0, brace) + end + column.key.substr(brace + 2);
    };
    const auto* interval = std::get_if<law::Interval>(&value);
    return {{key("low"), interval ? number(interval->low) : Json()},
            {key("high"), interval ? number(interval->high) : Json()}};
  }
  if (const auto* flag = std::get_if<bool>(&value)) return {{column.key, *flag}};
  if (const auto* words = std::get_if<std::string>(&value)) return {{column.key, *words}};
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return {{column.key, *whole}};
  if (const auto* real = std::get_if<double>(&value)) return {{column.key, number_to_json(*real)}};
  if (const auto* strong = std::get_if<Strong>(&value))
    return {{column.key, number_to_json(strong->value)}};
  if (const auto* lengths = std::get_if<Lengths>(&value))
    return {{column.key, lengths_json(*lengths)}};
  if (const auto* numbers = std::get_if<Numbers>(&value)) return {{column.key, numbers->values}};
  return {{column.key, nullptr}};
}

template <typename Shown>
Lines shown_lines(const ResultTable& table, Shown is_shown) {
  std::vector<std::size_t> places;
  Lines lines(1);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].title.empty() || !is_shown(table.columns[i])) continue;
    places.push_back(i);
    lines.front().push_back(table.columns[i].title);
  }
  for (const std::vector<Value>& row : table.rows) {
    lines.emplace_back();
    for (const std::size_t i : places)
      lines.back().push_back(in_words(row[i], table.columns[i].format));
  }
  return lines;
}

std::string field(const Json& value, Whole whole) {
  if (value.is_null()) return "";
  if (value.is_boolean()) return value ? "1" : "0";
  if (value.is_number_float() && whole == Whole::without_point)
    return fmt::format("{}", value.get<double>());
  if (value.is_string()) return quoted_field(value.get<std::string>());
  if (!value.is_array()) return value.dump();
  std::string joined;
  for (const Json& item : value) joined.append(joined.empty() ? "" : " ").append(item.dump());
  return joined;
}

}  // namespace

std::string in_words(const Value& value, Format format) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "yes" : "no";
  if (const auto* words = std::get_if<std::string>(&value)) return *words;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&value)) return number_in_words(*real, format);
  if (const auto* strong = std::get_if<Strong>(&value))
    return number_in_words(strong->value, format);
  if (const auto* interval = std::get_if<law::Interval>(&value))
    return interval_in_words(*interval, format);
  if (const auto* estimate = std::get_if<Estimate>(&value))
    return number_in_words(estimate->value, format) + " " +
           interval_in_words(estimate->interval, format);
  if (const auto* lengths = std::get_if<Lengths>(&value)) return std::to_string(lengths->size());
  if (const auto* numbers = std::get_if<Numbers>(&value))
    return std::to_string(numbers->values.size());
  return "-";
}

Lines lines_of(const ResultTable& table) {
  return shown_lines(table, [](const TableColumn&) { return true; });
}

std::string for_terminal(const ResultTable& table, Part part) {
  if (table.rows.empty()) return "";
  const auto names = std::ranges::count_if(table.columns, [](const TableColumn& column) {
    return !column.title.empty() && column.part == Part::names;
  });
  const auto is_shown = [part](const TableColumn& column) {
    return column.part == part || column.part == Part::names;
  };
  return aligned_in_terminal(shown_lines(table, is_shown), static_cast<std::size_t>(names));
}

std::string for_page(const ResultTable& table) {
  if (table.rows.empty()) return "";
  std::string header;
  std::vector<std::string> rows(table.rows.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const TableColumn& column = table.columns[i];
    if (column.heading.empty()) continue;
    const char* look = column.left ? "" : " class=\"number\"";
    header += fmt::format("<th{} title=\"{}\">{}</th>", look, escaped(column.means.words),
                          column.heading);
    for (std::size_t j = 0; j < rows.size(); ++j) {
      const std::string words = escaped(in_words(table.rows[j][i], column.format));
      const bool bold = std::holds_alternative<Strong>(table.rows[j][i]);
      const std::string html = column.left ? words : typeset(words);
      rows[j] += fmt::format("<td{}>{}</td>", look, bold ? "<b>" + html + "</b>" : html);
    }
  }
  return fmt::format("<div class=\"scroll\"><table>\n<tr>{}</tr>\n<tr>{}</tr>\n</table></div>\n",
                     header, fmt::join(rows, "</tr>\n<tr>"));
}

Json to_json(const ResultTable& table) {
  Json all = Json::array();
  for (const std::vector<Value>& row : table.rows) {
    Json entry = Json::object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (table.columns[i].where_it_has && is_empty(row[i])) continue;
      for (auto& [key, value] : members(table.columns[i], row[i])) entry[key] = std::move(value);
    }
    all.push_back(std::move(entry));
  }
  return all;
}

std::string to_csv(const ResultTable& table, Whole whole, Fields which) {
  std::string out;
  for (std::size_t line = 0; line <= table.rows.size(); ++line) {  // first the header
    std::vector<std::string> fields;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (!table.columns[i].csv && which == Fields::chosen) continue;
      for (const auto& [key, value] :
           members(table.columns[i], line == 0 ? Value() : table.rows[line - 1][i])) {
        fields.push_back(line == 0 ? key : field(value, whole));
      }
    }
    out += fmt::format("{}\n", fmt::join(fields, ","));
  }
  return out;
}

}  // namespace surd::analysis
