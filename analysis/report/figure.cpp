#include "analysis/report/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

constexpr std::array scale_words = {"linear", "logarithmic", "root"};
constexpr std::array kind_words = {"line", "band", "upright", "across", "marks"};
constexpr std::array ends_words = {"none", "open", "all"};
constexpr std::array place_words = {"start", "end", "above"};

template <typename Words, typename Enum>
const char* word(const Words& words, Enum value) {
  return words[static_cast<std::size_t>(value)];
}

// Whole numbers without ".0", which keeps the page small.
Json compact(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value == std::floor(*value) && std::abs(*value) < 1e15
             ? Json(static_cast<std::int64_t>(*value))
             : Json(*value);
}

// `value` of each, or nothing where none of them has one.
template <typename Items, typename Value>
void add_column(Json& object, const char* key, const Items& items, Value&& value) {
  Json list = Json::array();
  bool any = false;
  for (const auto& item : items) {
    list.push_back(value(item));
    any = any || !(list.back().is_null() || list.back() == "");
  }
  if (any) object[key] = std::move(list);
}

Json to_json(const Axis& axis) {
  Json ticks = Json::array();
  for (const Tick& tick : axis.ticks) {
    ticks.push_back({{"at", tick.at}, {"words", tick.words}});
    if (tick.bold) ticks.back()["bold"] = true;
  }
  return {{"title", axis.title},      {"scale", word(scale_words, axis.scale)},
          {"low", axis.low},          {"high", axis.high},
          {"grid", axis.grid},        {"framed", axis.framed},
          {"ticks", std::move(ticks)}};
}

Json to_json(const Series& series) {
  Json json = {{"kind", word(kind_words, series.kind)}, {"size", series.size}};
  json["style"] = series.style ? Json(*series.style) : Json(nullptr);
  if (series.dotted) json["dotted"] = true;
  if (series.opacity != 1) json["opacity"] = series.opacity;
  if (series.aside != 0) json["aside"] = series.aside;
  if (series.ends != Ends::none) json["ends"] = word(ends_words, series.ends);
  for (const auto& [key, words] : {std::pair("of", &series.of),
                                   {"name", &series.name},
                                   {"detail", &series.detail},
                                   {"hover", &series.hover}}) {
    if (!words->empty()) json[key] = *words;
  }
  json["x"] = json["y"] = Json::array();
  for (const Point& point : series.points) {
    json["x"].push_back(compact(point.x));
    json["y"].push_back(compact(point.y));
  }
  if (series.kind == Kind::band || series.kind == Kind::upright || series.kind == Kind::across) {
    json["low"] = json["high"] = Json::array();
    for (const Point& point : series.points) {
      json["low"].push_back(compact(point.low));
      json["high"].push_back(compact(point.high));
    }
  }
  add_column(json, "hovers", series.points, [](const Point& point) { return point.hover; });
  add_column(json, "symbols", series.points, [](const Point& point) { return point.symbol; });
  return json;
}

Json to_json(const Panel& panel) {
  Json json = {{"y", to_json(panel.y)}, {"series", Json::array()}, {"labels", Json::array()}};
  for (const Series& series : panel.series) json["series"].push_back(to_json(series));
  for (const Label& label : panel.labels) {
    json["labels"].push_back({{"x", label.x},
                              {"y", label.y},
                              {"words", label.words},
                              {"place", word(place_words, label.place)}});
  }
  if (panel.cells.empty()) return json;
  Json& cells = json["cells"] = {{"x", Json::array()},
                                 {"y", Json::array()},
                                 {"share", Json::array()},
                                 {"words", Json::array()},
                                 {"hovers", Json::array()}};
  for (const HeatCell& cell : panel.cells) {
    cells["x"].push_back(compact(cell.x));
    cells["y"].push_back(compact(cell.y));
    cells["share"].push_back(compact(cell.share));
    cells["words"].push_back(cell.words);
    cells["hovers"].push_back(cell.hover);
  }
  return json;
}

std::string superscript(int value) {
  constexpr std::array digits = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                 "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
  std::string out;
  for (const char c : std::to_string(value))
    out += c == '-' ? "\u207b" : digits[static_cast<std::size_t>(c - '0')];
  return out;
}

double along(Scale scale, double value) {
  return scale == Scale::logarithmic ? std::log(value)
         : scale == Scale::root      ? std::sqrt(value)
                                     : value;
}

}  // namespace

Json to_json(const Figure& figure) {
  Json json = {{"file", figure.file},
               {"title", figure.title},
               {"subtitle", figure.subtitle},
               {"width", figure.width},
               {"height", figure.height}};
  if (!figure.task.empty()) json["task"] = figure.task;
  if (!figure.note.empty()) json["note"] = figure.note;
  if (!figure.choice.empty()) json["choice"] = figure.choice;
  if (figure.height_counts) json["height_counts"] = true;
  json["columns"] = Json::array();
  for (const Column& column : figure.columns) {
    Json panels = Json::array();
    for (const Panel& panel : column.panels) panels.push_back(to_json(panel));
    json["columns"].push_back(
        {{"title", column.title}, {"x", to_json(column.x)}, {"panels", std::move(panels)}});
  }
  return json;
}

std::vector<Tick> round_ticks(double low, double high, int most) {
  const double raw = (high - low) / most;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= raw) step = factor * power;
  }
  std::vector<Tick> ticks;
  for (double i = std::ceil(low / step); i * step <= high + 1e-9; ++i) {
    const double value = i * step + 0.0;  // no -0
    ticks.push_back({value, typeset(fmt::format("{:g}", value))});
  }
  return ticks;
}

std::vector<Tick> power_ticks(double low, double high) {
  std::vector<Tick> powers, parts;
  for (int power = static_cast<int>(std::floor(std::log10(low))); power <= std::log10(high);
       ++power) {
    for (const int factor : {1, 2, 5}) {
      const double value = factor * std::pow(10, power);
      if (value < low || value > high) continue;
      parts.push_back({value, factor == 1
                                  ? "10" + superscript(power)
                                  : fmt::format("{}\u00b710{}", factor, superscript(power))});
      if (factor == 1) powers.push_back(parts.back());
    }
  }
  return powers.size() < 2 ? parts : powers;
}

std::vector<Tick> ticks_at(const std::vector<double>& values) {
  std::vector<Tick> ticks;
  for (const double value : values) ticks.push_back({value, fmt::format("{:g}", value)});
  return ticks;
}

std::vector<Tick> spaced(const Axis& axis, double pixels, double least) {
  std::vector<Tick> kept;
  for (const Tick& tick : axis.ticks) {
    const double from_last =
        kept.empty() ? least
                     : pixels * std::abs(share_of(axis, tick.at) - share_of(axis, kept.back().at));
    if (from_last >= least) kept.push_back(tick);
  }
  return kept;
}

double share_of(const Axis& axis, double value) {
  const double low = along(axis.scale, axis.low);
  return (along(axis.scale, value) - low) / (along(axis.scale, axis.high) - low);
}

}  // namespace surd::analysis
