#include "spec/architecture.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/files.hpp"

using namespace surd;
using namespace surd::spec;
using Catch::Contains;

TEST_CASE("the table names the architectures in this order") {
  // Of those that are named here: a new one need not be.
  const std::vector<std::string> order{"standard",  "sparse",       "linear", "sliding_window",
                                       "retention", "gated_linear", "delta"};
  std::vector<std::string> named;
  for (const std::string& name : architecture_names()) {
    if (std::find(order.begin(), order.end(), name) != order.end()) named.push_back(name);
  }
  CHECK(named == order);
}

TEST_CASE("resolve writes every option out") {
  CHECK(resolve({"sparse", Json::object()}).options ==
        Json({{"c", 1}, {"block", 0}, {"pattern", "fixed"}}));
  CHECK(resolve({"sparse", {{"c", 2}}}).options ==
        Json({{"c", 2}, {"block", 0}, {"pattern", "fixed"}}));
  CHECK(resolve(resolve({"linear", Json::object()})) == resolve({"linear", Json::object()}));
}

TEST_CASE("labels show only options away from their defaults") {
  CHECK(label({"standard", Json::object()}) == "standard");
  CHECK(label({"sparse", {{"c", 1}}}) == "sparse");
  CHECK(label({"sparse", {{"block", 8}, {"c", 2}}}) == "sparse(c=2,block=8)");
  CHECK(label({"linear", {{"normalise", false}, {"phi", "relu"}}}) ==
        "linear(phi=relu,normalise=false)");
}

TEST_CASE("wrong architectures and options are named with the nearest word") {
  CHECK_THROWS_WITH(architecture("liner"),
                    Contains("unknown architecture 'liner'") && Contains("Did you mean 'linear'?"));
  CHECK_THROWS_WITH(resolve({"sparse", {{"blok", 3}}}),
                    Contains("sparse has no option 'blok'") && Contains("Did you mean 'block'?"));
  CHECK_THROWS_WITH(resolve({"standard", {{"c", 3}}}), Contains("expected no options"));
  CHECK_THROWS_WITH(resolve({"sparse", {{"c", 0}}}),
                    Contains("an integer in [1, 65536]") && Contains("got 0"));
  CHECK_THROWS_WITH(resolve({"sparse", {{"c", 1.5}}}),
                    Contains("an integer") && Contains("got 1.5"));
  CHECK_THROWS_WITH(resolve({"linear", {{"phi", "tanh"}}}), Contains("one of elu, relu, exp"));
  CHECK_THROWS_AS(resolve({"sparse", {{"c", "two"}}}), InputError);
  CHECK_THROWS_AS(resolve({"sparse", Json::array()}), InputError);
}

TEST_CASE("the block is the largest power of two whose square fits the length") {
  ModelShape shape;
  shape.architecture = resolve({"sparse", Json::object()});
  const std::vector<std::pair<int, int>> known = {{1, 1},   {3, 1},   {4, 2},    {15, 2},
                                                  {16, 4},  {63, 4},  {64, 8},   {87, 8},
                                                  {221, 8}, {255, 8}, {256, 16}, {505, 16}};
  for (const auto& [length, block] : known) {
    shape.length = length;
    CHECK(sparse_block(shape) == block);
  }
  shape.architecture = resolve({"sparse", {{"block", 12}}});
  CHECK(sparse_block(shape) == 12);
}

TEST_CASE("docs/architectures.md names every architecture, option and word") {
  const std::string page = read_file(SURD_SOURCE_DIR "/docs/architectures.md");
  for (const ArchitectureEntry& entry : architectures()) {
    CHECK_THAT(page, Contains("| " + entry.name + " |"));
    for (const OptionRule& rule : entry.options) {
      CHECK_THAT(page, Contains(rule.name + ": "));
      for (const std::string& word : rule.words) CHECK_THAT(page, Contains(word));
    }
  }
  for (const std::string& word : words(Position{})) CHECK_THAT(page, Contains(word));
}
