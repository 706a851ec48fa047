// A YAML text as a tree in which every key and value knows where it stands. Duplicate keys are
// refused here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace surd::grid {

struct Entry;

struct Node {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  std::string text{};          // of a scalar
  bool quoted = false;         // "16" is a word, 16 a number
  bool anchored = false;       // "&name" stands before it
  std::vector<Node> items{};   // of a list
  std::vector<Entry> entries;  // of a map, in the text's order
  std::string where{};         // "file:line:column", from 1, or "--set key=value"

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }
  const Node* find(std::string_view key) const;  // of a map; null where there is none
  Node* find(std::string_view key);
};

struct Entry {
  std::string key;
  std::string where;  // of the key
  Node value;
};

// Of a text: longer ones are refused, as they would take seconds.
inline constexpr std::size_t document_bytes_most = std::size_t{1} << 21U;

// The tree of a whole text, in which what they stand for is in the place of aliases and merge keys
// (<<). InputError: too long, too deep, not UTF-8, not YAML, no document or more than one, a
// duplicate key, a key that is no word, a blank that YAML takes for a letter where none can be
// meant.
Node parse_document(const std::string& text, const std::string& file_name);
// The tree of an override's value; every node stands at `where`.
Node parse_value(const std::string& text, const std::string& where);
// Puts "recipe.steps=50" into the tree, over what stood there. InputError where it is no such pair
// or its path runs through a value.
void apply_override(Node& root, const std::string& override_text);

// The node in a message: "text", "a list", "a map", "nothing".
std::string describe(const Node& node);
// Integers, numbers, true, false, null and words as YAML means them.
Json to_json(const Node& node);
// One line of YAML that reads back as the same value; a node's keys stay in their order.
std::string to_yaml(const Json& value);
std::string to_yaml(const Node& node);

// The whole text of a plain scalar as a number; false where it is none, or not finite.
bool parse_number(const Node& node, double& value);
// As parse_number, for whole numbers; 1e3 is one, 1.5 is not.
bool parse_integer(const Node& node, std::int64_t& value);
// true, True or TRUE, and false likewise, as YAML's core schema has them; false where it is none.
bool parse_boolean(const Node& node, bool& value);

// Runs `body` of a room that knows nothing of files, and gives its InputError the place `where`.
template <typename Body>
auto located(const std::string& where, Body&& body) {
  try {
    return body();
  } catch (const InputError& error) {
    Report report = error.report();
    if (!report.where.empty()) report.what = report.where + ": " + report.what;
    report.where = where;
    throw InputError(report);
  }
}

// "Did you mean 'steps'?" or nothing.
template <typename Words>
std::string did_you_mean(const std::string& word, const Words& words) {
  const std::string near = nearest_word(word, words);
  return near.empty() ? "" : "Did you mean '" + near + "'?";
}

}  // namespace surd::grid
