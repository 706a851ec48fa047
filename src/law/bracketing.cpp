#include "law/bracketing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "law/fit.hpp"

namespace surd::law {

std::string named_lengths(const std::vector<double>& lengths) {
  return fmt::format("length{} {}", lengths.size() == 1 ? "" : "s", fmt::join(lengths, ", "));
}

Bracketing bracketing(const std::vector<Cell>& cells) {
  std::vector<double> none_solved;
  std::vector<double> all_solved;
  std::vector<double> falling;  // unsolved at wide models only: no threshold
  double largest = 0;
  double smallest = INFINITY;
  double falls_from = INFINITY;
  Bracketing found;
  for (const double length : distinct_lengths(cells)) {
    double low = INFINITY;  // of all widths, and of those that most seeds solve, or do not
    double high = 0;
    double widest_solved = 0;
    double narrowest_unsolved = INFINITY;
    for (const Cell& cell : cells) {
      if (cell.length != length) continue;
      low = std::min(low, width_of(cell));
      high = std::max(high, width_of(cell));
      if (2 * cell.solved >= cell.seeds) {
        widest_solved = std::max(widest_solved, width_of(cell));
      } else {
        narrowest_unsolved = std::min(narrowest_unsolved, width_of(cell));
      }
    }
    if (narrowest_unsolved < widest_solved) {
      ++found.bracketed;
    } else if (widest_solved > 0 && narrowest_unsolved < INFINITY) {
      falling.push_back(length);
      falls_from = std::min(falls_from, narrowest_unsolved);
    } else if (widest_solved > 0) {
      all_solved.push_back(length);
      smallest = std::min(smallest, low);
    } else {
      none_solved.push_back(length);
      largest = std::max(largest, high);
    }
  }
  std::vector<std::string> parts;
  if (!none_solved.empty()) {
    parts.push_back(fmt::format(
        "no width up to {} solves {}; run larger widths, more steps or other learning rates there",
        largest, named_lengths(none_solved)));
  }
  if (!all_solved.empty()) {
    parts.push_back(
        fmt::format("every width from {} solves {}; run smaller widths there, or longer lengths",
                    smallest, named_lengths(all_solved)));
  }
  if (!falling.empty()) {
    parts.push_back(
        fmt::format("success falls with the width at {}: narrow widths are solved, from {} on they "
                    "are not; run more steps or smaller learning rates at the wide ones, and "
                    "smaller widths",
                    named_lengths(falling), falls_from));
  }
  found.open = fmt::format("{}", fmt::join(parts, "; "));
  return found;
}

std::vector<double> bracketed_lengths(const std::vector<Cell>& cells) {
  std::map<double, std::pair<double, double>> widths;  // the smallest unsolved, the largest solved
  for (const Cell& cell : cells) {
    if (cell.seeds == 0) continue;
    auto& [unsolved, solved] = widths.try_emplace(cell.length, INFINITY, 0).first->second;
    if (2 * cell.solved >= cell.seeds) {
      solved = std::max(solved, cell.hidden);
    } else {
      unsolved = std::min(unsolved, cell.hidden);
    }
  }
  std::vector<double> lengths;
  for (const auto& [length, ends] : widths) {
    if (ends.first < ends.second) lengths.push_back(length);
  }
  return lengths;
}

std::string missing_evidence(const std::vector<Cell>& cells) {
  const Bracketing found = bracketing(cells);
  if (found.bracketed >= 2) return "";
  const auto lengths = distinct_lengths(cells);
  if (lengths.size() != 1) return found.open;
  return fmt::format("{}{}only length {} was run; run at least two more, six for a useful interval",
                     found.open, found.open.empty() ? "" : "; ", lengths[0]);
}

}  // namespace surd::law
