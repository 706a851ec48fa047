#include "bench/peers.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "law/knowledge.hpp"

namespace surd::bench {
namespace {

constexpr double cost_power = 0.4;

// Seeds taken one after the other, up to what can run at once.
class Taken {
 public:
  Taken(const law::Curve& curve, const law::Search& search)
      : curve_(curve), search_(search), budget_(search.budget) {}

  bool can_take(std::size_t candidate) const {
    const auto found = picks_.find(candidate);
    const int taken = found == picks_.end() ? 0 : found->second.seeds;
    return proposal_.seeds < search_.at_once && taken < curve_.candidates[candidate].most &&
           curve_.candidates[candidate].cost <= budget_;
  }
  void take(std::size_t candidate) {
    ++picks_
          .try_emplace(candidate,
                       law::Pick{.candidate = candidate, .purpose = law::Purpose::narrow})
          .first->second.seeds;
    ++proposal_.seeds;
    proposal_.cost += curve_.candidates[candidate].cost;
    budget_ -= curve_.candidates[candidate].cost;
  }
  // The candidate of the largest positive score among those that can be taken.
  template <typename Score>
  std::optional<std::size_t> best(const Score& score) const {
    std::optional<std::size_t> found;
    double most = 0;
    for (std::size_t i = 0; i < curve_.candidates.size(); ++i) {
      if (!can_take(i)) continue;
      const double one = score(i);
      if (!(one > most)) continue;
      most = one;
      found = i;
    }
    return found;
  }
  law::Proposal proposal() && {
    for (const auto& [candidate, pick] : picks_) proposal_.picks.push_back(pick);
    return std::move(proposal_);
  }

 private:
  const law::Curve& curve_;
  const law::Search& search_;
  double budget_;
  std::map<std::size_t, law::Pick> picks_;
  law::Proposal proposal_;
};

double binary_entropy(double p) { return -p * std::log(p) - (1 - p) * std::log1p(-p); }

// The posterior over (log threshold at the mean length, alpha, kappa, lapse) on a grid.
class QuestPlus {
 public:
  explicit QuestPlus(const law::Curve& curve) {
    const auto [narrow, wide] =
        std::minmax_element(curve.candidates.begin(), curve.candidates.end(),
                            [](const auto& a, const auto& b) { return a.hidden < b.hidden; });
    double mean = 0;
    for (const law::Candidate& one : curve.candidates)
      mean += std::log(one.length) / static_cast<double>(curve.candidates.size());
    std::vector<double> chances(curve.candidates.size());
    chances_.resize(curve.candidates.size());
    for (double t = std::log(narrow->hidden); t <= std::log(wide->hidden); t += 0.15) {
      for (double alpha = -0.5; alpha < 1.55; alpha += 0.1) {
        for (const double kappa : {3.0, 6.0, 12.0}) {
          for (const double lapse : {0.02, 0.1, 0.25}) {
            for (std::size_t i = 0; i < chances_.size(); ++i) {
              const law::Candidate& one = curve.candidates[i];
              const double u =
                  kappa * (std::log(one.hidden) - t - alpha * (std::log(one.length) - mean));
              chances_[i].push_back((1 - lapse) / (1 + std::exp(-u)));
            }
          }
        }
      }
    }
    weights_.assign(chances_.front().size(), 1);
    for (auto& of : chances_) {
      std::vector<double>& entropies = entropies_.emplace_back();
      for (double& p : of) {
        p = std::clamp(p, 1e-6, 1 - 1e-6);
        entropies.push_back(binary_entropy(p));
      }
    }
    normalise();
  }

  // Of one seed; of a share of one where it is fantasised.
  void learn(std::size_t candidate, double solved, double unsolved) {
    for (std::size_t k = 0; k < weights_.size(); ++k) {
      const double p = chances_[candidate][k];
      weights_[k] *= std::exp(solved * std::log(p) + unsolved * std::log1p(-p));
    }
    normalise();
  }
  // As if its outcome were the one expected.
  void expect(std::size_t candidate) {
    const double p = chance(candidate);
    learn(candidate, p, 1 - p);
  }
  // By how much one seed is expected to lower the entropy.
  double gain(std::size_t candidate) const {
    double left = 0;
    for (std::size_t k = 0; k < weights_.size(); ++k)
      left += weights_[k] * entropies_[candidate][k];
    return binary_entropy(chance(candidate)) - left;
  }

 private:
  double chance(std::size_t candidate) const {
    double sum = 0;
    for (std::size_t k = 0; k < weights_.size(); ++k) sum += weights_[k] * chances_[candidate][k];
    return std::clamp(sum, 1e-6, 1 - 1e-6);
  }
  void normalise() {
    double sum = 0;
    for (const double weight : weights_) sum += weight;
    for (double& weight : weights_) weight /= sum;
  }

  std::vector<std::vector<double>> chances_;  // [candidates][points of the grid]
  std::vector<std::vector<double>> entropies_;
  std::vector<double> weights_;
};

law::Proposal quest_plus(const law::Curve& curve, const law::Search& search, double power) {
  QuestPlus posterior(curve);
  for (std::size_t i = 0; i < curve.candidates.size(); ++i) {
    const law::Candidate& one = curve.candidates[i];
    for (const law::Cell& cell : curve.cells) {
      if (cell.length == one.length && cell.hidden == one.hidden)
        posterior.learn(i, cell.solved, cell.seeds - cell.solved);
    }
    for (int seed = 0; seed < one.running; ++seed) posterior.expect(i);
  }
  Taken taken(curve, search);
  while (const auto best = taken.best([&](std::size_t i) {
    return posterior.gain(i) / std::pow(curve.candidates[i].cost, power);
  })) {
    taken.take(*best);
    posterior.expect(*best);
  }
  return std::move(taken).proposal();
}

// Until two lengths show their thresholds nothing is known of alpha: the first seeds are ours.
law::Proposal v_optimal(const std::vector<law::Curve>& curves, const law::Search& search) {
  const auto knowledge = law::knowledge_of_alpha(curves, 0, search.options);
  if (!knowledge) return law::propose(curves, search);
  const law::Curve& curve = curves.front();
  for (std::size_t i = 0; i < curve.candidates.size(); ++i) {
    for (int seed = 0; seed < curve.candidates[i].running; ++seed) knowledge->add(0, i);
  }
  Taken taken(curve, search);
  while (const auto best = taken.best([&](std::size_t i) {
    return (knowledge->variance() - knowledge->variance_with(0, i)) /
           std::pow(curve.candidates[i].cost, cost_power);
  })) {
    taken.take(*best);
    knowledge->add(0, *best);
  }
  return std::move(taken).proposal();
}

law::Proposal full_grid(const law::Curve& curve) {
  law::Proposal proposal;
  for (std::size_t i = 0; i < curve.candidates.size(); ++i) {
    if (curve.candidates[i].running > 0) return {};  // a look at each round before the next
    if (curve.candidates[i].most == 0) continue;
    proposal.picks.push_back({.candidate = i, .seeds = 1, .purpose = law::Purpose::replicate});
    ++proposal.seeds;
    proposal.cost += curve.candidates[i].cost;
  }
  return proposal;
}

}  // namespace

std::vector<SearchPeer> search_peers() {
  using Curves = std::vector<law::Curve>;
  return {
      {"surd", law::propose},
      {"QUEST+", [](const Curves& curves,
                    const law::Search& search) { return quest_plus(curves.front(), search, 0); }},
      {"QUEST+ per cost^0.4",
       [](const Curves& curves, const law::Search& search) {
         return quest_plus(curves.front(), search, cost_power);
       }},
      {"V-optimal per cost^0.4", v_optimal},
      {"full grid",
       [](const Curves& curves, const law::Search&) { return full_grid(curves.front()); }},
  };
}

}  // namespace surd::bench
