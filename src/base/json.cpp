#include "base/json.hpp"

#include <cmath>
#include <limits>

namespace surd {

Json number_to_json(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

double number_from_json(const Json& value, const std::string& what) {
  if (value.is_number()) return value.get<double>();
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  throw Error({.what = what + " is not a number",
               .expected = "a number, \"nan\", \"inf\" or \"-inf\"",
               .got = value.dump()});
}

}  // namespace surd
