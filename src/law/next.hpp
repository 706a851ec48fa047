// Where to look next: which further seeds narrow the interval of an exponent, or of the differences
// from a baseline, most for what they cost. First the boundary of every length is bracketed by
// bisection; then seeds go where the penalised Fisher information says that they tell most per FLOP
// about alpha. A proposal is a function of its arguments: nothing is drawn.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "law/knowledge.hpp"
#include "law/likelihood.hpp"
#include "law/look.hpp"
#include "law/outcome.hpp"

namespace surd::law {

// What follows on the bisection.
enum class Strategy {
  replicates,  // further seeds of the two widths at each boundary, evenly
  per_flop     // each seed where it narrows alpha most per FLOP
};

struct Search {
  Strategy strategy = Strategy::per_flop;
  int at_once = 16;   // seeds that can run at the same time: an upper bound, fewer are proposed
                      // where more would be wasted
  double budget = 0;  // FLOPs that may still be spent, beyond what runs now; positive
  std::optional<double>
      half_width{};   // stop once the expected half-width of the 95 % interval is at most this
  Options options{};  // of the fit
  // At the same curves, where there was one: what is expected is then in proportion to the
  // half-widths of the intervals that it reports. Without it by the curvature, not widened for lack
  // of fit. It must outlive the call.
  const Look* look = nullptr;
};

enum class Purpose { bracket, replicate, narrow };
std::string to_string(Purpose purpose);  // in words, for a comment

struct Pick {
  std::size_t curve = 0;
  std::size_t candidate = 0;  // of that curve
  int seeds = 0;
  Purpose purpose = Purpose::bracket;  // of the first seed
  bool then_narrows = false;  // the first looks for the boundary, the others narrow the interval
};

// A length whose boundary is not bracketed.
struct Open {
  enum class Beyond {
    no,
    below,
    above
  };  // not found yet; or almost surely below the smallest, or above the largest width that can be
      // run
  std::size_t curve = 0;
  double length = 0;
  Beyond beyond = Beyond::no;
};

struct Proposal {
  std::vector<Pick> picks;  // by curve, length, hidden; each candidate once
  int seeds = 0;
  double cost = 0;
  std::vector<Open> open;  // before it
  // Expected of the 95 % interval at the seeds so far, and with those that run and those of the
  // proposal; of several differences the widest. None as long as fewer than two lengths show their
  // thresholds.
  std::optional<double> half_width;
  std::optional<double> half_width_after;
  std::string reason;  // why nothing, or not as much as can run at once, is proposed; empty where
                       // the slots are filled
};

// The seeds to run next for alpha (one curve), or for delta alpha of each curve but the last, the
// baseline: what lowers the sum of the variances of the contrasts that the fit reports, paired from
// six lengths on that both bracket. At each length a boundary counts as bracketed once most seeds
// of one width are unsolved, most of a larger one solved, and no candidate between the two is
// untried, or once the seeds of one width disagree. What runs is waited for where it may make a
// seed useless, and is expected to tell what the law expects of it. InputError: no curve, no
// candidate, a cost, length, width or budget that is not positive, a candidate twice, fewer than
// no seeds running or left, at_once below 1, a look at another number of curves.
Proposal propose(const std::vector<Curve>& curves, const Search& search);

}  // namespace surd::law
