#include "analysis/report/palette.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace surd::analysis {

const Theme light_theme = {
    .ink = "#18202b",
    .soft = "#566171",
    .faint = "#e3e7ec",
    .card = "#ffffff",
    .none = "#edeff2",
    .none_ink = "#7a8594",
    .on_low = "#18202b",
    .on_high = "#ffffff",
    .on_from = 0.68,
    .scale = {"#fffbe0", "#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8",
              "#253494", "#0b1f5c"},
    .lines = {"#0072b2", "#d55e00", "#009e73", "#b0468c", "#8a6d00", "#3d3d3d"},
};

const Theme dark_theme = {
    .ink = "#e7ebf1",
    .soft = "#9eabbb",
    .faint = "#2a3340",
    .card = "#171d26",
    .none = "#222a35",
    .none_ink = "#8b98a8",
    .on_low = "#e7ebf1",
    .on_high = "#10161f",
    .on_from = 0.32,
    .scale = {"#1b2140", "#253494", "#225ea8", "#1d91c0", "#41b6c4", "#7fcdbb", "#c7e9b4",
              "#edf8b1", "#fffbe0"},
    .lines = {"#56b4e9", "#f28e4b", "#3fc79a", "#e08bc0", "#e6c84f", "#c9c9c9"},
};

namespace {

unsigned channel(const char* colour, std::size_t which) {
  return static_cast<unsigned>(
      std::stoul(std::string(colour).substr(1 + 2 * which, 2), nullptr, 16));
}

Json to_json(const Theme& theme) {
  return {{"ink", theme.ink},       {"soft", theme.soft},       {"faint", theme.faint},
          {"card", theme.card},     {"none", theme.none},       {"none_ink", theme.none_ink},
          {"on_low", theme.on_low}, {"on_high", theme.on_high}, {"on_from", theme.on_from},
          {"scale", theme.scale},   {"lines", theme.lines}};
}

std::string properties(const Theme& theme) {
  std::string out =
      fmt::format("--ink: {}; --soft: {}; --card: {};", theme.ink, theme.soft, theme.card);
  for (std::size_t i = 0; i < style_count; ++i)
    out += fmt::format(" --style-{}: {};", i, theme.lines[i]);
  return out;
}

}  // namespace

std::string colour_of(double share) {
  const auto& scale = light_theme.scale;
  const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(scale.size() - 1);
  const auto i = std::min(static_cast<std::size_t>(at), scale.size() - 2);
  std::string mixed = "#";
  for (const std::size_t which : {0U, 1U, 2U}) {
    const double low = channel(scale[i], which);
    const double high = channel(scale[i + 1], which);
    mixed += fmt::format("{:02x}", std::lround(low + (high - low) * (at - static_cast<double>(i))));
  }
  return mixed;
}

Json palette_json() {
  return {{"light", to_json(light_theme)},
          {"dark", to_json(dark_theme)},
          {"symbols", symbols},
          {"dashes", dashes},
          {"dots", dots}};
}

std::string palette_css() {
  return fmt::format(
      ":root {{ {} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {} }} }}\n",
      properties(light_theme), properties(dark_theme));
}

}  // namespace surd::analysis
