// JSON, with two rules: non-finite numbers are the strings "nan", "inf" and "-inf", and a missing
// or mistyped key is an Error that names it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/error.hpp"

namespace surd {

using Json = nlohmann::json;

Json number_to_json(double value);
// Accepts a number or one of the three strings; throws Error otherwise. `what` names the value in
// the message.
double number_from_json(const Json& value, const std::string& what);

// object[key] as T; Error names `where` and the key when it is missing or of another type.
template <typename T>
T required(const Json& object, const char* key, const std::string& where) {
  const auto found = object.find(key);
  if (found == object.end())
    throw Error({.what = std::string("missing key '") + key + "'", .where = where});
  try {
    if constexpr (std::is_same_v<T, double>) {
      return number_from_json(*found, key);
    } else {
      return found->get<T>();
    }
  } catch (const nlohmann::json::exception& error) {
    throw Error({.what = std::string("key '") + key + "' has the wrong type",
                 .where = where,
                 .got = found->dump()});
  }
}

// The same; `otherwise` where there is no such key.
template <typename T>
T optional_key(const Json& object, const char* key, T otherwise, const std::string& where) {
  return object.contains(key) ? required<T>(object, key, where) : std::move(otherwise);
}

}  // namespace surd
