#include "analysis/report/figure_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/report/plot.hpp"
#include "analysis/report/text.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "law/interval.hpp"

namespace surd::analysis {
namespace {

using namespace plot;

std::string name_of(const Json& group) {
  const auto axes = group["axes"].get<std::string>();
  return group["task"].get<std::string>() + (axes.empty() ? "" : " (" + axes + ")");
}

std::string architecture_of(const Json& series) { return series["architecture"].get<std::string>(); }

// An architecture looks the same in every figure.
class Styles {
 public:
  explicit Styles(const Json& figures) {
    for (const Json& group : figures["groups"]) {
      for (const Json& series : group["series"]) {
        if (std::find(names_.begin(), names_.end(), architecture_of(series)) == names_.end()) names_.push_back(architecture_of(series));
      }
    }
  }
  std::size_t of(const Json& series) const {
    return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), architecture_of(series)) - names_.begin()) % colours.size();
  }

 private:
  std::vector<std::string> names_;
};

std::vector<double> distinct(const Json& group, const char* what) {
  std::set<double> values;
  for (const Json& series : group["series"]) {
    for (const Json& cell : series["cells"]) values.insert(cell[what].get<double>());
  }
  return {values.begin(), values.end()};
}

std::string hover(const Json& cell, bool counted) {
  std::string words = fmt::format("length {}, width {}", plain(cell["length"]), plain(cell["hidden"]));
  if (cell["state"] != "trained") return words + ": " + cell["state"].get<std::string>();
  if (!counted) words += fmt::format(": mean {} %, median {} %", percent(cell["mean"]), percent(cell["median"]));
  return words +
         fmt::format("; solved {} of {} seeds, {} censored", cell["solved"].get<int>(), cell["seeds"].get<int>(), cell["censored"].get<int>());
}

std::string map(const Json& figures, const Json& group, const Json& series) {
  const bool counted = figures["counted"];
  const std::vector<double> lengths = distinct(group, "length");
  const std::vector<double> widths = distinct(group, "hidden");
  const double wide = std::clamp(500.0 / static_cast<double>(std::max<std::size_t>(1, lengths.size())), 34.0, 90.0);
  constexpr double high = 30;
  const double left = 70, top = 58;
  const double right = left + wide * static_cast<double>(lengths.size());
  const double bottom = top + high * static_cast<double>(widths.size());
  Svg svg(std::max(right + 70, 400.0), bottom + 80);
  title(svg, cut(architecture_of(series), 44),
        cut(name_of(group), 30) + (counted ? ": share of seeds solved" : ": test accuracy in %, mean over seeds"));
  std::set<std::string> states;
  bool censored = false;
  for (const Json& cell : series["cells"]) {
    const auto column = std::find(lengths.begin(), lengths.end(), cell["length"].get<double>()) - lengths.begin();
    const auto row = std::find(widths.begin(), widths.end(), cell["hidden"].get<double>()) - widths.begin();
    const double x = left + wide * static_cast<double>(column);
    const double y = bottom - high * static_cast<double>(row + 1);
    const auto state = cell["state"].get<std::string>();
    const bool trained = state == "trained";
    const double mean = trained ? cell["mean"].get<double>() : 0;
    svg.rectangle(x + 1, y + 1, wide - 2, high - 2, trained ? colour_of(mean) : none, hover(cell, counted));
    const bool some = trained && cell["censored"].get<int>() > 0;
    const std::string words = trained ? percent(mean) + (some ? "*" : "") : state == "skipped" ? "\u2013" : state == "failed" ? "\u00d7" : "?";
    svg.text(x + wide / 2, y + high / 2 + 4, words,
             {.size = std::min(12.0, wide / 3.2), .anchor = Anchor::middle, .colour = trained && mean > 0.68 ? "#ffffff" : ink});
    if (!trained) states.insert(state);
    censored = censored || some;
  }
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    svg.text(left + wide * (static_cast<double>(i) + 0.5), bottom + 18, plain(lengths[i]), {.anchor = Anchor::middle, .colour = soft});
  }
  for (std::size_t i = 0; i < widths.size(); ++i) {
    svg.text(left - 9, bottom - high * (static_cast<double>(i) + 0.5) + 4, plain(widths[i]), {.anchor = Anchor::end, .colour = soft});
  }
  svg.text((left + right) / 2, bottom + 40, "length L (tokens)", {.anchor = Anchor::middle});
  svg.text(24, (top + bottom) / 2, "width D", {.anchor = Anchor::middle, .upwards = true});
  constexpr int steps = 50;
  for (int i = 0; i < steps; ++i) {
    const double part = (bottom - top) / steps;
    svg.rectangle(right + 14, bottom - part * (i + 1), 10, part + 0.5, colour_of((i + 0.5) / steps));
  }
  for (const double share : {0.0, 0.5, 1.0}) svg.text(right + 29, bottom - share * (bottom - top) + 4, percent(share), {.size = 11, .colour = soft});
  std::string below;
  for (const auto& [state, words] :
       {std::pair("skipped", "\u2013 skipped by the design   "), {"failed", "\u00d7 failed   "}, {"missing", "? not run yet   "}}) {
    if (states.contains(state)) below += words;
  }
  if (censored) below += "* some seeds censored";
  if (!below.empty()) svg.text(left, bottom + 64, below, {.size = 11, .colour = soft});
  return svg.finished();
}

std::string thresholds(const Json& group, const Styles& styles) {
  const std::vector<double> lengths = distinct(group, "length");
  const std::vector<double> widths = distinct(group, "hidden");
  double low = widths.front();
  double high = widths.back();
  std::vector<std::pair<std::string, std::size_t>> entries;
  for (const Json& series : group["series"]) {
    entries.emplace_back(architecture_of(series) + ": " + series["label"].get<std::string>(), styles.of(series));
    for (const Json& point : series["thresholds"]) {
      if (point["width"].is_null()) continue;
      low = std::min(low, point["width"].get<double>());
      high = std::max(high, point["width"].get<double>());
    }
  }
  Svg svg(720, 500);
  title(svg, "Threshold width", cut(name_of(group), 50) + ": fitted laws; bars and bands: 95 %");
  const double top = 64 + legend(svg, 70, 66, 630, entries);
  const Axis x{70, 700, lengths.front() / 1.15, lengths.back() * 1.15, true};
  const Axis y{445, top, low / 1.35, high * 1.35, true};
  for (const double length : spaced(lengths, x, 34)) tick_below(svg, x, y, length, plain(length), true);
  for (const double width : spaced(widths, y, 16)) tick_beside(svg, x, y, width, plain(width));
  const auto clip = [&](const Json& value, double open) { return std::clamp(value.is_null() ? open : value.get<double>(), y.low, y.high); };
  for (const Json& series : group["series"]) {
    Svg::Points band;
    for (const Json& point : series["line"]) band.emplace_back(x(point["length"]), y(clip(point["high"], y.high)));
    for (auto point = series["line"].rbegin(); point != series["line"].rend(); ++point) {
      band.emplace_back(x((*point)["length"]), y(clip((*point)["low"], y.low)));
    }
    if (!band.empty()) svg.area(band, colours[styles.of(series)], 0.15);
  }
  std::size_t index = 0;
  for (const Json& series : group["series"]) {
    const std::size_t style = styles.of(series);
    Svg::Points line;
    for (const Json& point : series["line"]) {
      const double width = point["width"];
      if (width >= y.low && width <= y.high) line.emplace_back(x(point["length"]), y(width));
    }
    if (!line.empty()) svg.path(line, {.colour = colours[style], .width = 2.5, .dash = dashes[style]});
    // Slightly beside each other, so that the intervals of two architectures at one length can be told apart.
    const double aside = 6 * (static_cast<double>(index++) - (static_cast<double>(group["series"].size()) - 1) / 2);
    for (const Json& point : series["thresholds"]) {
      const double at = x(point["length"]) + aside;
      if (!point["width"].is_null()) {
        if (!point["low"].is_null() || !point["high"].is_null()) {
          svg.line(at, y(clip(point["low"], y.low)), at, y(clip(point["high"], y.high)), {.colour = colours[style], .width = 1.5});
        }
        svg.mark(shapes[style], at, y(point["width"]), 10, colours[style]);
      } else if (point.contains("edge")) {
        svg.mark(point["beyond"] == "above" ? "up" : "down", at, y(point["edge"]), 10, colours[style]);
      }
    }
  }
  frame(svg, x, y, "length L (tokens), logarithmic", "width D needed, logarithmic");
  return svg.finished();
}

std::string profile(const Json& group, const Styles& styles) {
  double top = law::chi_squared_95;
  std::vector<const Json*> fitted;
  std::vector<std::pair<std::string, std::size_t>> entries;
  for (const Json& series : group["series"]) {
    if (!series.contains("profile")) continue;
    fitted.push_back(&series);
    entries.emplace_back(architecture_of(series), styles.of(series));
    top = std::max(top, series["profile"]["critical"].get<double>());
  }
  if (fitted.empty()) return "";
  top *= 1.4;
  double low = 0;
  double high = 1;
  for (const Json* series : fitted) {
    const Json& curve = (*series)["profile"];
    for (std::size_t i = 0; i < curve["alpha"].size(); ++i) {
      if (curve["deviance"][i] > top) continue;
      low = std::min(low, curve["alpha"][i].get<double>());
      high = std::max(high, curve["alpha"][i].get<double>());
    }
  }
  Svg svg(600, 460);
  title(svg, "Profile deviance D(\u03b1)", cut(name_of(group), 40) + ": bars: D \u2264 q; dots: 3.84");
  const double above = 64 + legend(svg, 70, 66, 510, entries);
  const Axis x{70, 580, low - 0.05, high + 0.05};
  const Axis y{405, above, 0, std::sqrt(top)};
  for (const double alpha : round_values(x.low, x.high)) tick_below(svg, x, y, alpha, typeset(plain(alpha)), true);
  for (const double deviance : {0.0, 1.0, 4.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0}) {
    if (deviance <= top) tick_beside(svg, x, y, std::sqrt(deviance), plain(deviance));
  }
  svg.line(x.from, y(std::sqrt(law::chi_squared_95)), x.to, y(std::sqrt(law::chi_squared_95)), {.colour = soft, .dash = "2,3"});
  for (const Json* series : fitted) {
    const std::size_t style = styles.of(*series);
    const Json& curve = (*series)["profile"];
    Svg::Points line;
    for (std::size_t i = 0; i < curve["alpha"].size(); ++i) {
      if (curve["deviance"][i] <= top) line.emplace_back(x(curve["alpha"][i]), y(std::sqrt(curve["deviance"][i].get<double>())));
    }
    svg.path(line, {.colour = colours[style], .width = 2.5, .dash = dashes[style]});
    const Json& interval = (*series)["interval"];
    const double at = y(std::sqrt(curve["critical"].get<double>()));
    const Svg::Stroke thin{.colour = colours[style], .width = 1.5};
    svg.line(interval["low"].is_null() ? x.from : x(interval["low"]), at, interval["high"].is_null() ? x.to : x(interval["high"]), at, thin);
    for (const char* end : {"low", "high"}) {
      if (!interval[end].is_null()) svg.line(x(interval[end]), at - 6, x(interval[end]), at + 6, thin);
    }
  }
  frame(svg, x, y, "exponent \u03b1", "deviance, root scale");
  return svg.finished();
}

// A row a group (its name) or a series.
struct ForestRow {
  std::string words;
  const Json* series = nullptr;
  Json value{}, interval{}, unwidened{};
};

std::string forest(const Json& figures, const Styles& styles, bool differences) {
  std::vector<ForestRow> rows;
  double low = differences ? -0.25 : 0;
  double high = differences ? 0.25 : 1;
  for (const Json& group : figures["groups"]) {
    std::vector<ForestRow> found;
    for (const Json& series : group["series"]) {
      if (differences && !series.contains("delta")) continue;
      ForestRow row{.words = architecture_of(series), .series = &series};
      if (differences) {
        row.value = series["delta"]["value"], row.interval = series["delta"]["interval"], row.unwidened = series["delta"]["unwidened"];
      } else if (!series["alpha"].is_null()) {
        row.value = series["alpha"], row.interval = series["interval"], row.unwidened = series["unwidened"];
      }
      found.push_back(std::move(row));
    }
    if (!found.empty() && figures["groups"].size() > 1) rows.push_back({.words = name_of(group)});
    for (ForestRow& row : found) {
      if (!row.value.is_null()) {
        for (const Json& end : {row.value, row.interval["low"], row.interval["high"], row.unwidened["low"], row.unwidened["high"]}) {
          if (end.is_null()) continue;
          low = std::min(low, end.get<double>());
          high = std::max(high, end.get<double>());
        }
      }
      rows.push_back(std::move(row));
    }
  }
  if (rows.empty()) return "";
  constexpr double step = 24;
  const double bottom = 60 + step * static_cast<double>(rows.size());
  Svg svg(680, bottom + 56);
  title(svg, differences ? "Difference from " + cut(figures["baseline"].get<std::string>(), 40) : "Exponents", "thin: 95 %, thick: unwidened");
  const double pad = 0.06 * (high - low);
  const Axis x{210, 660, low - pad, high + pad};
  const Axis y{bottom, 56, 0, 1};
  for (const double value : round_values(x.low, x.high)) tick_below(svg, x, y, value, typeset(plain(value)), false);
  for (const double value : differences ? std::vector<double>{0} : std::vector<double>{0, 0.5, 1}) {
    svg.line(x(value), y.from, x(value), y.to, {.colour = soft, .dash = "2,3"});
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ForestRow& row = rows[i];
    const double middle = 60 + step * (static_cast<double>(i) + 0.5);
    svg.text(x.from - 12, middle + 4, cut(row.words, 28), {.anchor = Anchor::end, .bold = row.series == nullptr});
    if (!row.series) continue;
    if (row.value.is_null()) {
      svg.text(x.from + 6, middle + 4, "no exponent", {.colour = soft});
      continue;
    }
    const std::size_t style = styles.of(*row.series);
    for (const auto& [interval, width] : {std::pair(&row.interval, 1.5), std::pair(&row.unwidened, 4.0)}) {
      const Json& ends = *interval;
      svg.line(ends["low"].is_null() ? x.from : x(ends["low"]), middle, ends["high"].is_null() ? x.to : x(ends["high"]), middle,
               {.colour = colours[style], .width = width});
    }
    svg.mark(shapes[style], x(row.value), middle, 10, colours[style]);
  }
  frame(svg, x, y, differences ? "\u0394\u03b1" : "exponent \u03b1", "");
  return svg.finished();
}

std::string file_name(const std::string& words) {
  std::string out;
  for (const char c : words) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (kept) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  out.erase(0, out.find_first_not_of("-."));
  return out.empty() ? "figure" : out.substr(0, 120);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> figure_files(const Json& figures) {
  const Styles styles(figures);
  std::vector<std::pair<std::string, std::string>> files;
  std::set<std::string> taken;
  const auto add = [&](const std::string& words, std::string content) {
    if (content.empty()) return;
    const std::string stem = file_name(words);
    std::string name = stem;
    for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}-{}", stem, i);
    files.emplace_back(name + ".svg", std::move(content));
  };
  add("exponents", forest(figures, styles, false));
  add("differences", forest(figures, styles, true));
  for (const Json& group : figures["groups"]) {
    const std::string name = name_of(group);
    for (const Json& series : group["series"]) {
      if (!series["cells"].empty()) add(name + "-" + architecture_of(series) + "-accuracy", map(figures, group, series));
    }
    if (!distinct(group, "length").empty()) add(name + "-thresholds", thresholds(group, styles));
    add(name + "-profile", profile(group, styles));
  }
  return files;
}

void make_figure_folder(const std::filesystem::path& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (!code && std::filesystem::is_directory(folder)) return;
  throw InputError({.what = "cannot make the folder of the figures",
                    .where = folder.string(),
                    .got = code ? code.message() : "a file",
                    .advice = "Name another with --figures"});
}

std::vector<std::filesystem::path> write_figure_files(const std::filesystem::path& folder, const Json& figures) {
  make_figure_folder(folder);
  std::vector<std::filesystem::path> paths;
  for (const auto& [name, content] : figure_files(figures)) {
    paths.push_back(folder / name);
    write_file_atomically(paths.back(), content);
  }
  return paths;
}

}  // namespace surd::analysis
