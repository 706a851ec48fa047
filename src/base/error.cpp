#include "base/error.hpp"

#include <algorithm>
#include <string_view>
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

constexpr std::string_view separators = "_-.";  // between the parts of names and flags

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

// Whether `word`, without separators, is what remains when each of the candidate's parts from the
// first on is cut to some letters: "ed" or "editdist" of "edit_distance", "arith" of "arithmetic".
// Where `to_the_end`, no part is left out.
bool abbreviates(std::string_view word, std::string_view candidate, bool to_the_end) {
  const std::size_t first = candidate.find_first_not_of(separators);
  if (first == std::string_view::npos) return word.empty();
  if (word.empty()) return !to_the_end;
  candidate.remove_prefix(first);
  const std::string_view part = candidate.substr(0, candidate.find_first_of(separators));
  const std::string_view rest = candidate.substr(part.size());
  for (std::size_t letters = 1; letters <= std::min(part.size(), word.size()); ++letters) {
    if (part[letters - 1] != word[letters - 1]) return false;
    if (abbreviates(word.substr(letters), rest, to_the_end)) return true;
  }
  return false;
}

bool abbreviates(const std::string& word, const std::string& candidate) {
  std::string letters;
  for (const char c : word) {
    if (separators.find(c) == std::string_view::npos) letters += c;
  }
  if (letters.size() < 2 || word.size() >= candidate.size()) return false;
  if (abbreviates(letters, candidate, false)) return true;
  // Papers' names of architectures end with an a for attention: gla, swa.
  if (letters.size() < 3 || letters.back() != 'a') return false;
  letters.pop_back();
  return abbreviates(letters, candidate, true);
}

}  // namespace

std::string nearest_word(const std::string& word, const std::string* first,
                         const std::string* last) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string* candidate = first; candidate != last; ++candidate) {
    const std::size_t distance = edit_distance(word, *candidate);
    if (distance < std::min({best_distance, word.size(), candidate->size()})) {
      best_distance = distance;
      best = *candidate;
    }
  }
  // A slip of one letter is likelier than an abbreviation, and that likelier than two slips.
  if (!best.empty() && best_distance <= 1) return best;
  const std::string* const meant = std::find_if(
      first, last, [&](const std::string& candidate) { return abbreviates(word, candidate); });
  return meant == last ? best : *meant;
}

}  // namespace surd
