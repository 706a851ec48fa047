#include "analysis/input/axes.hpp"

#include <catch2/catch.hpp>

#include "analysis/input/csv.hpp"
#include "base/error.hpp"

namespace surd::analysis {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("a label of axes is read back as it was, whatever the values hold") {
  for (const std::string value : {"2", "", "a, b", "1, model.x=2", "\"", "\"quoted\"", "\"a, b\"",
                                  "back\\slash, \"", "a=b", "tail,"}) {
    CAPTURE(value);
    const std::string label = axes_label(Values{{"task.name", value}, {"model.layers", "3"}});
    const auto axes = axes_of(label);
    REQUIRE(axes.size() == 2);
    CHECK(axes[0].first == "model.layers");
    CHECK(axes[0].second == "3");
    CHECK(axes[1].first == "task.name");
    CHECK(axes[1].second == value);
  }
  CHECK(axes_label(Values{{"b", "x, y"}, {"a", "2"}}) == "a=2, b=\"x, y\"");
  CHECK(axes_label(std::vector<std::pair<std::string, Json>>{
            {"b", 2}, {"a", nullptr}, {"c", "w"}}) == "b=2, c=w");
}

TEST_CASE("a label that was not made here is read as far as it goes") {
  CHECK(axes_of("").empty());
  const auto open = axes_of("a=\"x, b=2, flag");
  REQUIRE(open.size() == 3);
  CHECK(open[0].second == "\"x");
  CHECK(open[1].second == "2");
  CHECK_FALSE(open[2].second);
  CHECK(axes_of("a=\"x\"y").at(0).second == "\"x\"y");
  CHECK(axes_of("a=\"\\x\"").at(0).second == "\"\\x\"");  // quoted, but no JSON
}

TEST_CASE(
    "a CSV whose axis holds a comma is not another with two axes, and a name that holds one is "
    "refused") {
  const std::string rows = ",lookup,linear,16,8,3,0\n";
  const auto label = [&](const std::string& header, const std::string& values) {
    return input_from_csv(
               parse_csv(header + ",task,architecture,length,hidden,seeds,solved\n" + values + rows,
                         "a.csv"))
        .counted.at(0)
        .axes;
  };
  const std::string one = label("model.a", "\"1, model.b=2\"");
  CHECK(one == "model.a=\"1, model.b=2\"");
  CHECK(label("model.a,model.b", "1,2") == "model.a=1, model.b=2");
  CHECK_THROWS_AS(label("\"model.a, b\"", "1"), InputError);
  CHECK_THROWS_WITH(label("model.a=1", "1"),
                    Catch::Contains("a.csv:1:1: the name of an axis holds what separates axes"));
}

}  // namespace
}  // namespace surd::analysis
