#include "analysis/input/axes.hpp"

#include <algorithm>
#include <string_view>

namespace surd::analysis {
namespace {

constexpr std::string_view between_axes = ", ";

// One past the closing quote of the JSON string that starts at `start`; npos where none does.
std::size_t end_of_string(const std::string& label, std::size_t start) {
  if (start >= label.size() || label[start] != '"') return std::string::npos;
  for (std::size_t at = start + 1; at < label.size(); ++at) {
    if (label[at] == '\\') {
      ++at;
    } else if (label[at] == '"') {
      return at + 1;
    }
  }
  return std::string::npos;
}

}  // namespace

std::string axes_label(std::vector<std::pair<std::string, std::string>> axes) {
  std::sort(axes.begin(), axes.end());
  std::string label;
  for (const auto& [name, value] : axes) {
    const bool is_plain = value.find(between_axes) == std::string::npos && !value.starts_with('"');
    if (!label.empty()) label += between_axes;
    label += name + "=" + (is_plain ? value : Json(value).dump());
  }
  return label;
}

std::string axes_label(const std::vector<std::pair<std::string, Json>>& further) {
  std::vector<std::pair<std::string, std::string>> axes;
  for (const auto& [name, value] : further) {
    if (!value.is_null())
      axes.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return axes_label(std::move(axes));
}

std::vector<std::pair<std::string, std::optional<std::string>>> axes_of(const std::string& label) {
  std::vector<std::pair<std::string, std::optional<std::string>>> axes;
  for (std::size_t start = 0; start < label.size();) {
    std::size_t end = std::min(label.find(between_axes, start), label.size());
    const std::size_t equals = label.find('=', start);
    if (equals >= end) {
      axes.emplace_back(label.substr(start, end - start), std::nullopt);
    } else {
      const std::size_t closed = end_of_string(label, equals + 1);
      const bool is_closed =
          closed != std::string::npos &&
          (closed == label.size() || label.compare(closed, between_axes.size(), between_axes) == 0);
      const Json quoted =
          is_closed ? Json::parse(label.substr(equals + 1, closed - equals - 1), nullptr, false)
                    : Json();
      if (quoted.is_string()) end = closed;
      axes.emplace_back(label.substr(start, equals - start),
                        quoted.is_string() ? quoted.get<std::string>()
                                           : label.substr(equals + 1, end - equals - 1));
    }
    start = end + between_axes.size();
  }
  return axes;
}

}  // namespace surd::analysis
