#include "grid/document.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "grid/expression.hpp"

using namespace surd;
using namespace surd::grid;

TEST_CASE("nodes know their line and column, and whether they were quoted") {
  const Node root = parse_document("a: 1\nb:\n  c: \"2\"\n  d: [x, ~]\n", "f.yaml");
  CHECK(root.find("a")->where == "f.yaml:1:4");
  CHECK(root.find("b")->find("c")->where == "f.yaml:3:6");
  CHECK(root.find("b")->find("c")->quoted);
  CHECK(root.find("b")->entries[1].where == "f.yaml:4:3");
  CHECK(root.find("b")->find("d")->items[1].is_null());
}

TEST_CASE("anchors are copied, and aliases of aliases do not fill the memory") {
  const Node root = parse_document("a: &x {k: 1}\nb: *x\n", "f.yaml");
  CHECK(to_json(*root.find("b")) == Json({{"k", 1}}));
  std::string bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += fmt::format("a{}: &a{} [*a{}", i, i, i - 1);
    for (int k = 0; k < 9; ++k) bomb += fmt::format(", *a{}", i - 1);
    bomb += "]\n";
  }
  CHECK_THROWS_WITH(parse_document(bomb, "f.yaml"), Catch::Contains("too many values"));
}

TEST_CASE("numbers are what YAML and the user mean by them") {
  const auto number = [](const char* text) { return to_json(parse_value(text, "here")); };
  CHECK(number("1e-2") == 0.01);
  CHECK(number("+5") == 5);
  CHECK(number("1e3").is_number_integer());
  CHECK(number(".5") == 0.5);
  CHECK(number("\"5\"") == "5");
  CHECK(number("0x10") == "0x10");
  CHECK(number("1_000") == "1_000");
  CHECK(number(".inf") == ".inf");
  CHECK(number("nan") == "nan");
  CHECK(number("true") == true);
  CHECK(number("~").is_null());
}

TEST_CASE("one line of YAML reads back as the same JSON") {
  const std::vector<Json> values = {1,
                                    -3,
                                    0.1,
                                    1e-8,
                                    true,
                                    nullptr,
                                    "word",
                                    "two words",
                                    "true",
                                    "16",
                                    "a: b",
                                    "",
                                    "\"quoted\"",
                                    "tab\tnew\nline",
                                    "größe",
                                    "#",
                                    "null",
                                    "inf",
                                    "- x",
                                    Json::array({1, "x", Json::array()}),
                                    Json({{"a.b", 1}, {"c d", {{"e", "f"}}}})};
  for (const Json& value : values) {
    INFO(to_yaml(value));
    CHECK(to_json(parse_value("{k: " + to_yaml(value) + "}", "here"))["k"] == value);
  }
}

TEST_CASE("a text that is too deep or too long is refused at once, with its place") {
  using Catch::Matchers::Contains;
  const auto many = [](const std::string& part, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += part;
    return text;
  };
  for (const std::string part : {"[", "[\n", "{a: ", "- ", "? ", "[{a: "}) {
    const std::string text = "x:\n  " + many(part, 200'000);
    INFO(part);
    CHECK_THROWS_AS(parse_document(text, "f.yaml"), InputError);
    CHECK_THROWS_WITH(parse_document(text, "f.yaml"),
                      Contains("f.yaml:2") && Contains("too deep inside each other"));
  }
  CHECK_THROWS_WITH(parse_value(many("[", 1000), "--set x"), Contains("--set x: lists and maps"));
  CHECK(parse_document(many("[", 150) + many("]", 150), "f.yaml").is_list());

  const std::string comment = "# " + std::string(document_bytes_most - 10, 'x') + "\n";
  CHECK(to_json(parse_document(comment + "a: 1", "f.yaml"))["a"] == 1);
  CHECK_THROWS_WITH(parse_document(comment + comment + "a: 1", "f.yaml"),
                    Contains("f.yaml: the text is too long for a study (expected at most 2097152"));
}

TEST_CASE("overrides reach nested keys, dotted axes and whole maps") {
  Node root = parse_document("grid: {hidden: [4]}\nrecipe: {steps: 10}\n", "f.yaml");
  apply_override(root, "recipe.steps=20");
  apply_override(root, "grid.model.layers=[1, 2]");
  CHECK(to_json(root) ==
        Json({{"grid", {{"hidden", {4}}, {"model.layers", {1, 2}}}}, {"recipe", {{"steps", 20}}}}));
  apply_override(root, "grid.hidden={geometric: {from: 4}}");
  apply_override(root, "grid.hidden.geometric.from=8");
  CHECK(root.find("grid")->find("hidden")->find("geometric")->find("from")->text == "8");
  CHECK(root.find("grid")->find("hidden")->find("geometric")->find("from")->where ==
        "--set grid.hidden.geometric.from=8");
}

TEST_CASE("expressions compute, compare and call") {
  const std::vector<std::string> names = {"length", "hidden", "model.layers"};
  const auto value = [&](const char* text) {
    return Expression(text, "f.yaml:1:1", names).evaluate({16, 48, 2});
  };
  CHECK(value("min(4000, 100 * length)") == 1600);
  CHECK(value("hidden > 48") == 0);
  CHECK(value("hidden >= 48 && model.layers != 3") == 1);
  CHECK(value("floor(length / 3) + ceil(0.2) + round(2.5)") == 5 + 1 + 3);
  CHECK(value("hidden == 48 ? sqrt(length) : 0") == 4);
  CHECK(value("2 ^ model.layers") == 4);
  CHECK_THROWS_AS(value("1 / (length - 16)"), InputError);
  CHECK_THROWS_AS(value("sqrt(-length)"), InputError);
  CHECK_THROWS_AS(value(""), InputError);
  CHECK_THROWS_AS(value("length = 3"), InputError);
}
