#include "law/next.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>

#include "base/error.hpp"
#include "law/boundary.hpp"
#include "law/bracketing.hpp"
#include "law/candidates.hpp"
#include "law/fit.hpp"
#include "law/knowledge.hpp"

namespace surd::law {
namespace {

// A proposal at most halves the variance: then what it taught is used.
constexpr double variance_share = 0.5;
// Of the variance: a seed that narrows it by less is not worth a slot.
constexpr double gain_least = 1e-3;
// What a seed counts at least, of the mean cost at the boundaries: cheap seeds take slots too.
constexpr double slot_share = 1;

void positive(double value, const char* what) {
  if (value > 0) return;
  throw InputError({.what = fmt::format("{} is not positive", what),
                    .expected = "a number above 0",
                    .got = fmt::format("{}", value)});
}

void check(const Search& search, std::size_t curves) {
  if (search.look && search.look->half_widths.size() != std::max<std::size_t>(curves - 1, 1)) {
    throw InputError({.what = "the look is not one at the curves that seeds are proposed for",
                      .expected = fmt::format("a look at {}", curves),
                      .got = fmt::format("{} numbers", search.look->half_widths.size())});
  }
  positive(search.budget, "the budget");
  if (search.half_width) positive(*search.half_width, "the half-width aimed at");
  positive(search.at_once, "what can run at once");
}

class Proposer {
 public:
  Proposer(const std::vector<Curve>& curves, const Search& search)
      : curves_(curves), search_(search), budget_(search.budget) {
    double cost = 0;
    int count = 0;
    for (const Curve& curve : curves) {
      columns_.push_back(columns_of(curve));
      seeds_.emplace_back();
      for (const Column& column : columns_.back()) {
        for (const Place& place : column.places)
          seeds_.back()[column.length] += place.seeds + place.running;
      }
      boundaries_.push_back(boundaries(columns_.back()));
      for (std::size_t c = 0; c < columns_.back().size(); ++c) {
        const auto& places = columns_.back()[c].places;
        cost += places[std::min(boundaries_.back()[c].best, places.size() - 1)].cost;
        ++count;
      }
    }
    slot_cost_ = slot_share * cost / count;
    ask();
  }

  Proposal propose() {
    note_open();
    proposal_.half_width = expected();
    await();
    if (nothing_is_left()) {
      proposal_.reason = what_is_missing();
    } else if (proposal_.half_width && search_.half_width &&
               *proposal_.half_width <= *search_.half_width && !searching_) {
      proposal_.reason = "the expected half-width is reached already";
    } else {
      bracket();
      if (search_.strategy == Strategy::replicates) {
        if (!searching_ || picks_.empty()) replicate();
      } else if (!questions_.empty()) {
        narrow();
      }
      if (!full() && proposal_.reason.empty()) {
        proposal_.reason = refused_ ? "the budget does not pay for one more useful seed"
                           : proposal_.seeds == 0
                               ? what_is_missing()
                               : "what these seeds find decides where the next are useful";
      }
    }
    for (const auto& [place, pick] : picks_) proposal_.picks.push_back(pick);
    std::sort(proposal_.picks.begin(), proposal_.picks.end(), [&](const Pick& a, const Pick& b) {
      const Candidate& one = curves_[a.curve].candidates[a.candidate];
      const Candidate& other = curves_[b.curve].candidates[b.candidate];
      return std::tie(a.curve, one.length, one.hidden) <
             std::tie(b.curve, other.length, other.hidden);
    });
    proposal_.half_width_after = expected();
    return std::move(proposal_);
  }

 private:
  // Nothing as long as one of the numbers asked for is not to be had.
  void ask() {
    const std::size_t last = curves_.size() - 1;
    for (std::size_t i = 0; i < std::max<std::size_t>(last, 1); ++i) {
      questions_.push_back(
          last == 0 ? knowledge_of_alpha(curves_, 0, search_.options)
                    : knowledge_of_difference(curves_, i, last, contrast_of(i), search_.options));
      if (questions_.back()) continue;
      questions_.clear();
      return;
    }
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      const double by_curvature = std::sqrt(chi_squared_95 * questions_[i]->variance());
      scales_.push_back(search_.look ? search_.look->half_widths[i] / by_curvature : 1);
    }
  }
  Contrast contrast_of(std::size_t i) const {
    return search_.look ? search_.look->contrasts[i]
                        : contrast(curves_[i].cells, curves_.back().cells, search_.options);
  }

  double variance() const {
    double sum = 0;
    for (const auto& one : questions_) sum += one->variance();
    return sum;
  }
  double half_width() const {
    double widest = 0;
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      widest = std::max(widest, scales_[i] * std::sqrt(chi_squared_95 * questions_[i]->variance()));
    }
    return widest;
  }
  std::optional<double> expected() const {
    const double widest = half_width();
    return questions_.empty() || !std::isfinite(widest) ? std::nullopt : std::optional(widest);
  }
  // What one more seed takes off the variances; none where that is not worth a slot.
  std::optional<double> narrowed_by(std::size_t curve, std::size_t candidate,
                                    const std::vector<double>& variances) const {
    double narrowed = 0;
    double of = 0;
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      const double by = variances[i] - questions_[i]->variance_with(curve, candidate);
      if (by == 0) continue;
      narrowed += by;
      of += variances[i];
    }
    return narrowed > 0 && narrowed >= gain_least * of ? std::optional(narrowed) : std::nullopt;
  }
  bool full() const { return proposal_.seeds >= search_.at_once; }
  double cost(std::size_t curve, std::size_t candidate) const {
    return curves_[curve].candidates[candidate].cost;
  }

  void note_open() {
    for (std::size_t curve = 0; curve < curves_.size(); ++curve) {
      for (std::size_t c = 0; c < columns_[curve].size(); ++c) {
        const Boundary& boundary = boundaries_[curve][c];
        const auto& places = columns_[curve][c].places;
        if (boundary.bracket) {
          searching_ = searching_ || !places_to_try(columns_[curve][c], boundary).empty();
          continue;
        }
        const bool can_be_found =
            !boundary.beyond && std::any_of(places.begin(), places.end(),
                                            [](const Place& place) { return place.can_tell(); });
        searching_ = searching_ || can_be_found;
        proposal_.open.push_back({.curve = curve,
                                  .length = columns_[curve][c].length,
                                  .beyond = !boundary.beyond ? Open::Beyond::no
                                            : boundary.chance.front() > boundary.chance.back()
                                                ? Open::Beyond::below
                                                : Open::Beyond::above});
      }
    }
  }

  // Running seeds tell what the law expects of them.
  void await() {
    for (std::size_t curve = 0; curve < curves_.size(); ++curve) {
      for (std::size_t i = 0; i < curves_[curve].candidates.size(); ++i) {
        const int running = curves_[curve].candidates[i].running;
        running_ += running;
        for (int seed = 0; seed < running; ++seed) {
          for (const auto& one : questions_) one->add(curve, i);
        }
      }
    }
  }

  bool nothing_is_left() const {
    return std::all_of(curves_.begin(), curves_.end(), [](const Curve& curve) {
      return std::all_of(curve.candidates.begin(), curve.candidates.end(),
                         [](const Candidate& candidate) { return candidate.most == 0; });
    });
  }
  bool is_left(std::size_t curve, std::size_t candidate) const {
    const auto pick = picks_.find({curve, candidate});
    return (pick == picks_.end() ? 0 : pick->second.seeds) <
           curves_[curve].candidates[candidate].most;
  }

  // Asked of useful seeds only.
  bool pays_for(std::size_t curve, std::size_t candidate) {
    const bool pays = cost(curve, candidate) <= budget_;
    refused_ = refused_ || !pays;
    return pays;
  }

  // Why no seed is of use where the budget is not what lacks.
  std::string what_is_missing() const {
    if (running_ > 0) return "what runs now decides where further seeds are useful";
    if (nothing_is_left()) return "every seed that may be run was run: allow more, or add widths";
    for (std::size_t curve = 0; curve < curves_.size(); ++curve) {
      if (bracketing(with_seeds(curves_[curve].cells)).bracketed >= 2) continue;
      const auto lie = [&](Open::Beyond beyond) {
        return std::any_of(proposal_.open.begin(), proposal_.open.end(), [&](const Open& open) {
          return open.curve == curve && open.beyond == beyond;
        });
      };
      const bool above = lie(Open::Beyond::above);
      const bool below = lie(Open::Beyond::below);
      const auto& found = boundaries_[curve];
      const bool none = std::none_of(found.begin(), found.end(), [](const Boundary& boundary) {
        return boundary.bracket.has_value();
      });
      if (above || below) {
        return fmt::format(
            "{} the widths: add {} ones",
            none ? "every boundary lies outside" : "only one length has its boundary within",
            above && below ? "larger and smaller"
            : above        ? "larger"
                           : "smaller");
      }
      if (found.size() == 1) return "there is one length only: add lengths";
      return "fewer than two lengths have a width that most seeds solve and one that most do not: "
             "add widths";
    }
    return "no seed that can be run is of use";
  }

  bool take(std::size_t curve, std::size_t candidate, Purpose purpose) {
    if (full() || !is_left(curve, candidate) || !pays_for(curve, candidate)) return false;
    budget_ -= cost(curve, candidate);
    proposal_.cost += cost(curve, candidate);
    ++proposal_.seeds;
    ++seeds_[curve][curves_[curve].candidates[candidate].length];
    Pick& pick =
        picks_
            .try_emplace(
                {curve, candidate},
                Pick{.curve = curve, .candidate = candidate, .seeds = 0, .purpose = purpose})
            .first->second;
    ++pick.seeds;
    pick.then_narrows = pick.purpose == Purpose::bracket && purpose == Purpose::narrow;
    for (const auto& one : questions_) one->add(curve, candidate);
    return true;
  }

  // The needed probe of each length first, the cheapest lengths before the others, which learn from
  // them; then those that might be needed.
  void bracket() {
    struct Probe {
      bool extra;
      double cost;
      std::size_t curve, candidate;
    };
    std::vector<Probe> probes;
    for (std::size_t curve = 0; curve < curves_.size(); ++curve) {
      for (std::size_t c = 0; c < columns_[curve].size(); ++c) {
        const Column& column = columns_[curve][c];
        const Boundary& boundary = boundaries_[curve][c];
        if (boundary.beyond) continue;
        bool extra = false;
        for (const std::size_t place : places_to_try(column, boundary)) {
          probes.push_back(
              {extra, column.places[place].cost, curve, *column.places[place].candidate});
          extra = true;
        }
      }
    }
    std::stable_sort(probes.begin(), probes.end(), [](const Probe& a, const Probe& b) {
      return std::tie(a.extra, a.cost) < std::tie(b.extra, b.cost);
    });
    for (const Probe& probe : probes) take(probe.curve, probe.candidate, Purpose::bracket);
  }

  // The widths at the boundaries, those with the fewest seeds first, then the cheapest.
  void replicate() {
    std::set<std::tuple<int, double, std::size_t, std::size_t>>
        places;  // seeds, cost, curve, candidate
    for (std::size_t curve = 0; curve < curves_.size(); ++curve) {
      for (std::size_t c = 0; c < columns_[curve].size(); ++c) {
        const auto& bracket = boundaries_[curve][c].bracket;
        if (!bracket) continue;
        for (const std::size_t k : {bracket->first, bracket->second}) {
          const Place& place = columns_[curve][c].places[k];
          if (place.candidate)
            places.emplace(place.seeds + place.running, place.cost, curve, *place.candidate);
        }
      }
    }
    while (!full() && !places.empty()) {
      const auto [seeds, price, curve, candidate] = places.extract(places.begin()).value();
      if (take(curve, candidate, Purpose::replicate))
        places.emplace(seeds + 1, price, curve, candidate);
    }
  }

  // No search stops before a length has these, and the lack of fit shows where all have some.
  bool lacks_seeds(std::size_t curve, std::size_t candidate) const {
    return search_.look && search_.half_width &&
           seeds_[curve].at(curves_[curve].candidates[candidate].length) < seeds_least;
  }

  void narrow() {
    const double enough = variance_share * variance();
    while (!full()) {
      if (variance() <= enough) {
        proposal_.reason =
            "these seeds are expected to halve the variance; what they find decides where the next "
            "are useful";
        return;
      }
      if (search_.half_width && half_width() <= *search_.half_width) {
        proposal_.reason = proposal_.seeds == 0
                               ? "what runs is expected to reach the half-width"
                               : "these seeds are expected to reach the half-width";
        return;
      }
      using Score = std::pair<bool, double>;
      Score best(false, 0);
      bool found = false;
      std::pair<std::size_t, std::size_t> place;
      std::vector<double> variances;
      for (const auto& one : questions_) variances.push_back(one->variance());
      for (std::size_t curve = 0; curve < curves_.size(); ++curve) {
        for (std::size_t i = 0; i < curves_[curve].candidates.size(); ++i) {
          if (!is_left(curve, i)) continue;
          const auto narrowed = narrowed_by(curve, i, variances);
          if (!narrowed || !pays_for(curve, i)) continue;
          const Score score(lacks_seeds(curve, i), *narrowed / (cost(curve, i) + slot_cost_));
          if (!(score > best)) continue;
          found = true;
          best = score;
          place = {curve, i};
        }
      }
      if (!found) {
        proposal_.reason =
            refused_ ? "no further seed that the budget pays for narrows the interval noticeably"
                     : "no further seed narrows the interval noticeably";
        return;
      }
      take(place.first, place.second, Purpose::narrow);
    }
  }

  const std::vector<Curve>& curves_;
  const Search& search_;
  double budget_;
  double slot_cost_ = 0;
  bool searching_ = false;  // a length lacks its bracket
  bool refused_ = false;    // a useful seed costs more than what is left of the budget
  int running_ = 0;         // seeds, of all candidates
  std::vector<std::vector<Column>> columns_;
  std::vector<std::vector<Boundary>> boundaries_;
  std::vector<std::map<double, int>> seeds_;           // by length: known, running and proposed
  std::vector<std::unique_ptr<Knowledge>> questions_;  // what is asked for: alpha, or the contrasts
  std::vector<double> scales_;  // of each: the reported half-width over that of the curvature
  std::map<std::pair<std::size_t, std::size_t>, Pick> picks_;
  Proposal proposal_;
};

}  // namespace

std::string to_string(Purpose purpose) {
  switch (purpose) {
    case Purpose::bracket: return "looks for the boundary";
    case Purpose::replicate: return "replicates the boundary";
    case Purpose::narrow: return "narrows the interval";
  }
  return "";
}

Proposal propose(const std::vector<Curve>& curves, const Search& search) {
  check(curves);
  check(search, curves.size());
  return Proposer(curves, search).propose();
}

}  // namespace surd::law
