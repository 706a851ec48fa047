#include <catch2/catch.hpp>
#include "base/json.hpp"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <cmath>
#include <limits>

namespace surd {
namespace {

TEST_CASE("non-finite numbers are strings and come back") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(number_to_json(std::nan("")).dump() == "\"nan\"");
  CHECK(number_to_json(infinity).dump() == "\"inf\"");
  CHECK(number_to_json(-infinity).dump() == "\"-inf\"");
  CHECK(std::isnan(number_from_json("nan", "x")));
  CHECK(number_from_json("inf", "x") == infinity);
  CHECK(number_from_json("-inf", "x") == -infinity);
  CHECK(number_from_json(3, "x") == 3);
}

TEST_CASE("every finite double survives text, bit for bit") {
  rc::prop("any double", [] {
    const double value = *rc::gen::arbitrary<double>();
    RC_ASSERT(number_from_json(Json::parse(number_to_json(value).dump()), "x") == value);
  });
}

TEST_CASE("what is no number is named") {
  for (const Json& wrong : {Json("NaN"), Json(""), Json(nullptr), Json(true), Json::array({1})}) {
    try {
      number_from_json(wrong, "loss");
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find("loss") != std::string::npos);
      CHECK(error.report().got == wrong.dump());
    }
  }
}

TEST_CASE("required names the place and the key that is missing or of another type") {
  const Json object{{"steps", 5}, {"loss", "inf"}, {"name", "x"}};
  CHECK(required<int>(object, "steps", "record 1") == 5);
  CHECK(required<std::string>(object, "name", "record 1") == "x");
  CHECK(std::isinf(required<double>(object, "loss", "record 1")));
  CHECK_THROWS_WITH(required<int>(object, "step", "record 1"), "record 1: missing key 'step'");
  CHECK_THROWS_WITH(required<int>(object, "name", "record 1"),
                    "record 1: key 'name' has the wrong type (got \"x\")");
}

TEST_CASE("a key that may be missing is of its type where it is there") {
  const Json object = {{"steps", {1, 2}}, {"file", 5}};
  CHECK(optional_key(object, "steps", std::vector<int>(), "x") == std::vector<int>{1, 2});
  CHECK(optional_key(object, "other", std::string("none"), "x") == "none");
  CHECK_THROWS_WITH(optional_key(object, "file", std::string(), "record 1"),
                    "record 1: key 'file' has the wrong type (got 5)");
}

}  // namespace
}  // namespace surd
