// A whole search on a simulated study: rounds proposed while the round before runs, until the
// interval is narrow enough or nothing useful is left. What it finds and costs is a function of its
// arguments and the draws alone.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "law/candidates.hpp"
#include "law/look.hpp"
#include "law/next.hpp"

namespace surd::law {

struct SearchRules {
  int at_once = 16;                    // seeds a round at most
  std::optional<double> budget{};      // of all rounds, in the unit of the candidates' costs
  std::optional<double> half_width{};  // stop where a look and the next both say that it is reached
  Options options{};
};

struct Searched {
  std::vector<Curve> curves;  // with all results
  Look look;                  // at these, without the alphas of several curves
  double cost = 0;
  int seeds = 0;
  int rounds = 0;  // with seeds
};

// Draws what becomes of one seed of a candidate: whether it is solved.
using Draw = std::function<bool(std::size_t curve, const Candidate& candidate)>;

// What a round proposes: law::propose, or a rival of it.
using Proposing = std::function<Proposal(const std::vector<Curve>&, const Search&)>;

// Round k is proposed from what `curves` had and the results of the rounds up to k - 2; the seeds
// of round k - 1 run. It is empty where the half-width is reached or nothing is of use; two empty
// rounds in a row end the search, so that the last look has seen everything and agrees with the
// look before. Candidates keep to `most`. InputError: as propose.
Searched search_through(std::vector<Curve> curves, const SearchRules& rules, const Draw& draw,
                        const Proposing& proposing = propose);

}  // namespace surd::law
