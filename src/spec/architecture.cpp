#include "spec/architecture.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/error.hpp"
#include "spec/architecture_list.hpp"

namespace surd::spec {

#define SURD_DECLARE(name) ArchitectureEntry name##_entry();
SURD_ARCHITECTURES(SURD_DECLARE)

const std::vector<ArchitectureEntry>& architectures() {
#define SURD_ENTRY(name) name##_entry(),
  static const std::vector<ArchitectureEntry> table = {SURD_ARCHITECTURES(SURD_ENTRY)};
  return table;
}

std::vector<std::string> architecture_names() {
  std::vector<std::string> names;
  for (const ArchitectureEntry& entry : architectures()) names.push_back(entry.name);
  return names;
}

const ArchitectureEntry& architecture(const std::string& name) {
  for (const ArchitectureEntry& entry : architectures()) {
    if (entry.name == name) return entry;
  }
  const auto names = architecture_names();
  const std::string near = nearest_word(name, names);
  throw InputError({.what = "unknown architecture '" + name + "'",
                    .expected = fmt::format("one of {}", fmt::join(names, ", ")),
                    .advice = near.empty() ? "" : "Did you mean '" + near + "'?"});
}

namespace {

// The value as it is stored: of the type of the rule's default. InputError where it breaks the
// rule.
Json checked(const OptionRule& rule, const Json& value, const std::string& where) {
  const auto fail = [&](const std::string& expected) -> InputError {
    return InputError({.what = where + ": impossible value of option '" + rule.name + "'",
                       .expected = expected,
                       .got = value.dump(),
                       .advice = {}});
  };
  if (rule.default_value.is_string()) {
    const std::string expected = fmt::format("one of {}", fmt::join(rule.words, ", "));
    if (!value.is_string()) throw fail(expected);
    if (std::find(rule.words.begin(), rule.words.end(), value.get<std::string>()) ==
        rule.words.end())
      throw fail(expected);
    return value;
  }
  if (rule.default_value.is_boolean()) {
    if (!value.is_boolean()) throw fail("true or false");
    return value;
  }
  const bool integer = rule.default_value.is_number_integer();
  const std::string expected =
      fmt::format("{} in [{}, {}]", integer ? "an integer" : "a number", rule.low, rule.high);
  if (integer ? !value.is_number_integer() : !value.is_number()) throw fail(expected);
  const double number = value.get<double>();
  if (!(number >= rule.low && number <= rule.high)) throw fail(expected);
  return integer ? Json(value.get<std::int64_t>())
                 : Json(number + 0.0);  // + 0.0: -0 and 0 are one value
}

}  // namespace

Architecture resolve(const Architecture& given) {
  const ArchitectureEntry& entry = architecture(given.name);
  if (!given.options.is_object()) {
    throw InputError({.what = "options of " + entry.name + " are no map",
                      .expected = "option: value pairs",
                      .got = given.options.dump()});
  }
  std::vector<std::string> names;
  Architecture resolved{entry.name, Json::object()};
  for (const OptionRule& rule : entry.options) {
    names.push_back(rule.name);
    const auto found = given.options.find(rule.name);
    resolved.options[rule.name] =
        found == given.options.end() ? rule.default_value : checked(rule, *found, entry.name);
  }
  for (const auto& [name, value] : given.options.items()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string near = nearest_word(name, names);
    throw InputError({.what = entry.name + " has no option '" + name + "'",
                      .expected = names.empty() ? "no options"
                                                : fmt::format("one of {}", fmt::join(names, ", ")),
                      .advice = near.empty() ? "" : "Did you mean '" + near + "'?"});
  }
  return resolved;
}

std::vector<Projection> projections(const ModelShape& shape) {
  const ArchitectureEntry& entry = architecture(shape.architecture.name);
  return entry.projections == nullptr ? std::vector<Projection>{} : entry.projections(shape);
}

int projected(const ModelShape& shape) {
  int features = 0;
  for (const Projection& projection : projections(shape)) features += projection.features;
  return features * shape.settings.heads;
}

int root_block(int length) {
  int block = 1;  // the largest power of two whose square is at most L
  while (std::int64_t{4} * block * block <= length) block *= 2;
  return block;
}

int sum_chunk(int head_dim) {
  return std::clamp(static_cast<int>(std::bit_ceil(static_cast<unsigned>(head_dim))), 16, 64);
}
int scan_chunk(int head_dim) { return sum_chunk(std::max(head_dim, 32)); }

bool normalises(const ModelShape& shape) {
  return required<bool>(shape.architecture.options, "normalise", shape.architecture.name);
}

std::string label(const Architecture& given) {
  const Architecture resolved = resolve(given);
  std::vector<std::string> parts;
  for (const OptionRule& rule : architecture(resolved.name).options) {
    const Json& value = resolved.options.at(rule.name);
    if (value == rule.default_value) continue;
    parts.push_back(rule.name + "=" +
                    (value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return parts.empty() ? resolved.name
                       : fmt::format("{}({})", resolved.name, fmt::join(parts, ","));
}

}  // namespace surd::spec
