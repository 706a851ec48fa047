#include "law/searched.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace surd::law {
namespace {

// Results of the seeds of a round, which become known a round later.
struct Round {
  std::vector<Pick> picks;
  std::vector<int> solved;  // of each pick
};

Cell& cell_of(Curve& curve, const Candidate& candidate) {
  const auto found = std::find_if(curve.cells.begin(), curve.cells.end(), [&](const Cell& cell) {
    return cell.length == candidate.length && cell.hidden == candidate.hidden;
  });
  if (found != curve.cells.end()) return *found;
  return curve.cells.emplace_back(Cell{.length = candidate.length, .hidden = candidate.hidden});
}

class SearchRun {
 public:
  SearchRun(std::vector<Curve> curves, const SearchRules& rules, const Draw& draw,
            const Proposing& proposing)
      : rules_(rules),
        draw_(draw),
        proposing_(proposing),
        budget_(rules.budget.value_or(INFINITY)) {
    found_.curves = std::move(curves);
  }

  Searched run() {
    for (bool ended = false; !ended;) {
      found_.look = look_at_asked(found_.curves, rules_.half_width, rules_.options);
      Round next = found_.look.reached || !(budget_ > 0) ? Round{} : started();
      ended = running_.picks.empty() && next.picks.empty();
      learn(std::exchange(running_, std::move(next)));
    }
    return std::move(found_);
  }

 private:
  Round started() {
    const Search search{.at_once = rules_.at_once,
                        .budget = budget_,
                        .half_width = rules_.half_width,
                        .options = rules_.options,
                        .look = &found_.look};
    Proposal proposal = proposing_(found_.curves, search);
    Round round{.picks = std::move(proposal.picks), .solved = {}};
    for (const Pick& pick : round.picks) {
      Candidate& candidate = found_.curves[pick.curve].candidates[pick.candidate];
      int& solved = round.solved.emplace_back(0);
      for (int seed = 0; seed < pick.seeds; ++seed) solved += draw_(pick.curve, candidate);
      candidate.most -= pick.seeds;
      candidate.running += pick.seeds;
    }
    budget_ -= proposal.cost;
    found_.cost += proposal.cost;
    found_.seeds += proposal.seeds;
    found_.rounds += proposal.seeds > 0;
    return round;
  }

  void learn(const Round& round) {
    for (std::size_t i = 0; i < round.picks.size(); ++i) {
      const Pick& pick = round.picks[i];
      Curve& curve = found_.curves[pick.curve];
      Candidate& candidate = curve.candidates[pick.candidate];
      candidate.running -= pick.seeds;
      Cell& cell = cell_of(curve, candidate);
      cell.seeds += pick.seeds;
      cell.solved += round.solved[i];
    }
  }

  const SearchRules& rules_;
  const Draw& draw_;
  const Proposing& proposing_;
  double budget_;
  Round running_;
  Searched found_;
};

}  // namespace

Searched search_through(std::vector<Curve> curves, const SearchRules& rules, const Draw& draw,
                        const Proposing& proposing) {
  check(curves);
  return SearchRun(std::move(curves), rules, draw, proposing).run();
}

}  // namespace surd::law
