#include "analysis/report/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace surd::analysis {
namespace {

// What people and machines see of one thing.
struct Entry {
  std::string titles;
  std::string keys;
  std::string meaning;
};

// Each word once: the two intervals of a comparison have one title.
void add(std::string& list, const std::string& word) {
  if (word.empty() || list == word) return;
  list += list.empty() ? word : fmt::format(", {}", word);
}

std::string keys_of(const TableColumn& column) {
  const auto brace = column.key.find("{}");
  if (brace == std::string::npos) return column.key;
  const auto end = [&](const char* word) {
    return column.key.substr(0, brace) + word + column.key.substr(brace + 2);
  };
  return end("low") + ", " + end("high");
}

std::string title_of(const TableColumn& column) {
  const std::string details = column.part == Part::details ? " (--verbose)" : "";
  return column.title.empty()  ? ""
         : column.title == " " ? "the last column"
                               : column.title + details;
}

// Columns of one meaning are one entry; those that are on the page alone say there what they mean.
std::vector<Entry> entries_of(const ResultTable& table) {
  std::vector<Entry> entries;
  for (const TableColumn& column : table.columns) {
    if (column.key.empty() && column.title.empty()) continue;
    auto entry = std::ranges::find(entries, column.means.words, &Entry::meaning);
    if (entry == entries.end())
      entry = entries.insert(entry, {.titles = "", .keys = "", .meaning = column.means.words});
    add(entry->titles, title_of(column));
    add(entry->keys, keys_of(column));
  }
  return entries;
}

std::string head_of(const Explained& one) {
  std::string places;
  add(places, one.shown);
  if (!one.machines.empty()) add(places, "in JSON: " + one.machines);
  return one.title + (places.empty() ? "" : " (" + places + ")");
}

}  // namespace

std::string explain(const std::string& command, const std::vector<Explained>& tables) {
  constexpr std::size_t titles_width = 22;
  constexpr std::size_t keys_width = 24;
  std::string out = paragraph(fmt::format(
      "The tables of {} and their columns: the title in the terminal, the names in JSON "
      "and CSV, and what it is. What stands in several tables is explained at the "
      "first. Where there is no number stands -, and where an interval does not end, "
      "open.",
      command));
  std::set<std::tuple<std::string, std::string, std::string>> said;
  for (const Explained& one : tables) {
    out.append("\n").append(paragraph(head_of(one)));
    for (const Entry& entry : entries_of(one.table)) {
      if (!said.insert({entry.titles, entry.keys, entry.meaning}).second) continue;
      out += beside(
          {"", entry.titles, entry.keys, entry.meaning},
          {0, titles_width, keys_width, terminal_columns - titles_width - keys_width - 3 * 2});
    }
  }
  return out;
}

}  // namespace surd::analysis
