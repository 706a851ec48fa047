#include "base/error.hpp"

#include <algorithm>
#include <vector>

namespace surd {

std::string to_string(const Report& report) {
  std::string text;
  if (!report.where.empty()) text += report.where + ": ";
  text += report.what;
  if (!report.expected.empty() || !report.got.empty()) {
    text += " (";
    if (!report.expected.empty()) text += "expected " + report.expected;
    if (!report.expected.empty() && !report.got.empty()) text += ", ";
    if (!report.got.empty()) text += "got " + report.got;
    text += ")";
  }
  if (!report.advice.empty()) text += ". " + report.advice;
  return text;
}

Error::Error(Report report) : std::runtime_error(to_string(report)), report_(std::move(report)) {}

namespace {

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_word(const std::string& word, const std::string* first,
                         const std::string* last) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (; first != last; ++first) {
    const std::size_t distance = edit_distance(word, *first);
    if (distance < best_distance) {
      best_distance = distance;
      best = *first;
    }
  }
  return best;
}

}  // namespace surd
