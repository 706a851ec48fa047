#include "law/candidates.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/error.hpp"

namespace surd::law {
namespace {

void check_positive(double value, const char* what) {
  if (value > 0 && std::isfinite(value)) return;
  throw InputError({.what = fmt::format("{} is not positive", what),
                    .expected = "a number above 0",
                    .got = fmt::format("{}", value)});
}

void check_seeds(int seeds, const char* what) {
  if (seeds >= 0) return;
  throw InputError({.what = fmt::format("fewer than no seeds of a candidate {}", what),
                    .expected = "0 or more",
                    .got = fmt::format("{}", seeds)});
}

void check_candidates(const std::vector<Candidate>& candidates) {
  if (candidates.empty()) {
    throw InputError({.what = "there is no cell of which more seeds can be run",
                      .expected = "one candidate or more",
                      .got = "none"});
  }
  std::set<std::pair<double, double>> seen;
  for (const Candidate& candidate : candidates) {
    check_positive(candidate.length, "a candidate's length");
    check_positive(candidate.hidden, "a candidate's width");
    check_positive(candidate.cost, "the cost of a seed");
    check_seeds(candidate.most, "that can be run");
    check_seeds(candidate.running, "running");
    if (seen.emplace(candidate.length, candidate.hidden).second) continue;
    throw InputError(
        {.what = "a candidate comes twice",
         .expected = "each cell once",
         .got = fmt::format("length {} width {} again", candidate.length, candidate.hidden)});
  }
}

}  // namespace

void check(const std::vector<Curve>& curves) {
  if (curves.empty()) throw InputError("there is no curve to propose seeds for");
  for (const Curve& curve : curves) {
    check_candidates(curve.candidates);
    for (const Cell& cell : curve.cells) {
      check_positive(cell.length, "a length");
      check_positive(cell.hidden, "a width");
    }
  }
}

std::vector<Column> columns_of(const Curve& curve) {
  std::map<double, std::map<double, Place>> places;
  for (std::size_t i = 0; i < curve.candidates.size(); ++i) {
    const Candidate& candidate = curve.candidates[i];
    places[candidate.length][candidate.hidden] = {
        .log_hidden = std::log(candidate.hidden),
        .candidate = candidate.most > 0 ? std::optional(i) : std::nullopt,
        .cost = candidate.cost,
        .running = candidate.running};
  }
  for (const Cell& cell : curve.cells) {
    const auto column = places.find(cell.length);
    if (column == places.end() || cell.seeds == 0) continue;
    Place& place = column->second[cell.hidden];
    place.log_hidden = std::log(cell.hidden);
    place.seeds += cell.seeds;
    place.solved += cell.solved;
  }
  std::vector<Column> columns;
  for (const auto& [length, by_width] : places) {
    Column& column = columns.emplace_back(Column{.length = length, .places = {}});
    for (const auto& [width, place] : by_width) column.places.push_back(place);
  }
  return columns;
}

}  // namespace surd::law
