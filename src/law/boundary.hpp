// Where the boundary between unsolved and solved widths lies at each length, and which width shows
// it for the least cost.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "law/outcome.hpp"

namespace surd::law {

// A width of one length: with seeds so far, or one of which seeds can be run, or both.
struct Place {
  double log_hidden = 0;
  int seeds = 0;
  int solved = 0;
  std::optional<std::size_t> candidate{};  // none: no more can be run here
  double cost = 0;                         // of one more seed
  int running = 0;                         // seeds whose outcome is not known yet

  bool tried() const { return seeds > 0; }
  bool can_tell() const { return candidate || running > 0; }  // more than it has so far
  bool mixed() const { return 4 * solved >= seeds && 4 * solved <= 3 * seeds && seeds > 1; }
  bool mostly_solved() const { return tried() && 2 * solved >= seeds; }
  bool mostly_unsolved() const { return tried() && 2 * solved < seeds; }
};

struct Column {
  double length = 0;
  std::vector<Place> places;  // by width, ascending
};

struct Boundary {
  // The chance that the boundary lies below place k, for k = 0 ... places: what the seeds of this
  // length say, times what the other lengths lead to expect by a power law with an exponent of
  // about .5 +- .5, at the steepness and lapse that the fit's penalties are centred on.
  std::vector<double> chance;
  std::size_t best = 0;  // the likeliest k
  // The places of the bracket: most seeds of the first are unsolved, most of the second solved, and
  // nothing between the two can be tried.
  std::optional<std::pair<std::size_t, std::size_t>> bracket{};
  bool beyond =
      false;  // almost surely below the smallest or above the largest place: no bracket to be had
};

std::vector<Boundary> boundaries(const std::vector<Column>& columns);

// The places to try now to find the boundary of a column without a bracket: the first by the search
// tree of least expected cost; then, of those that the tree may come to next, the cheap ones, which
// together cost at most half of the first. A place with running seeds is one of these, but is not
// tried again: it costs the tree nothing more, and counts in that half. Where
// the seeds of one width disagree, which is a bracket of its own, the nearest width on the side
// that lacks most seeds unsolved, or solved: a comparison counts no other lengths. Empty where
// nothing can be run.
std::vector<std::size_t> places_to_try(const Column& column, const Boundary& boundary);

}  // namespace surd::law
