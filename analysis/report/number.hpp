// A number that may be missing, as JSON.
#pragma once

#include <optional>

#include "base/json.hpp"

namespace surd::analysis {

// null where there is none.
inline Json number(const std::optional<double>& value) {
  return value ? number_to_json(*value) : Json(nullptr);
}

}  // namespace surd::analysis
