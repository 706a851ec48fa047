#include "law/trend.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

namespace surd::law {
namespace {

constexpr double exact_work = 4e6;  // multiplications: a few milliseconds

using Chances = std::vector<double>;  // of a sum of scores, from 0

int events_of(const Stratum& stratum) {
  return std::accumulate(stratum.begin(), stratum.end(), 0,
                         [](int sum, const Counted& one) { return sum + one.events; });
}

// Scores from 0; strata in which nothing can move are left out.
std::vector<Stratum> that_can_move(std::vector<Stratum> strata) {
  for (Stratum& stratum : strata) {
    std::erase_if(stratum, [](const Counted& one) { return one.of == 0; });
    int least = 0;
    for (const Counted& one : stratum)
      least = &one == stratum.data() ? one.score : std::min(least, one.score);
    for (Counted& one : stratum) one.score -= least;
  }
  std::erase_if(strata, [](const Stratum& stratum) {
    int of = 0;
    for (const Counted& one : stratum) of += one.of;
    const int events = events_of(stratum);
    return stratum.size() < 2 || events == 0 || events == of;
  });
  return strata;
}

int span_of(const Stratum& stratum) {
  int most = 0;
  for (const Counted& one : stratum) most = std::max(most, one.score);
  return most;
}

double work_of(const std::vector<Stratum>& strata) {
  double work = 0;
  double length = 1;
  for (const Stratum& stratum : strata) {
    const double events = events_of(stratum);
    const double sums = events * span_of(stratum) + 1;
    for (const Counted& one : stratum)
      work += events * sums * std::min(events, static_cast<double>(one.most_events));
    work += length * sums;
    length += sums;
  }
  return work;
}

// All tables with the stratum's totals are alike likely, but for those that its choice rules out.
Chances chances_of(const Stratum& stratum) {
  const int events = events_of(stratum);
  const auto sums = static_cast<std::size_t>(events) * static_cast<std::size_t>(span_of(stratum));
  std::vector<Chances> ways(static_cast<std::size_t>(events) + 1, Chances(sums + 1, 0));
  ways[0][0] = 1;
  for (const Counted& one : stratum) {
    const auto score = static_cast<std::size_t>(one.score);
    std::vector<Chances> next(ways.size(), Chances(sums + 1, 0));
    double choices = 1;  // one.of over k
    double all = 1;      // kept near 1: counts of hundreds overflow
    for (int k = 0; k < one.of; ++k) all /= 2;
    for (int k = 0; k <= std::min(one.most_events, events); ++k) {
      const auto here = static_cast<std::size_t>(k);
      for (std::size_t e = 0; e + here < ways.size(); ++e) {
        for (std::size_t s = 0; s + here * score <= sums; ++s)
          next[e + here][s + here * score] += ways[e][s] * choices * all;
      }
      choices *= static_cast<double>(one.of - k) / (k + 1);
    }
    ways = std::move(next);
  }
  Chances chances = std::move(ways.back());
  const double sum = std::accumulate(chances.begin(), chances.end(), 0.0);
  for (double& chance : chances) chance /= sum;
  return chances;
}

int sum_of(const Stratum& stratum) {
  return std::accumulate(stratum.begin(), stratum.end(), 0,
                         [](int sum, const Counted& one) { return sum + one.score * one.events; });
}

double exact(const std::vector<Stratum>& strata) {
  Chances all = {1};
  int observed = 0;
  for (const Stratum& stratum : strata) {
    const Chances one = chances_of(stratum);
    observed += sum_of(stratum);
    Chances both(all.size() + one.size() - 1, 0);
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t j = 0; j < one.size(); ++j) both[i + j] += all[i] * one[j];
    }
    all = std::move(both);
  }
  return std::min(1.0, std::accumulate(all.begin() + observed, all.end(), 0.0));
}

double normal(std::vector<Stratum> strata) {
  for (Stratum& stratum : strata)
    std::erase_if(stratum, [](const Counted& one) { return one.most_events < one.of; });
  double excess = 0;
  double variance = 0;
  for (const Stratum& stratum : that_can_move(std::move(strata))) {
    const double events = events_of(stratum);
    double of = 0;
    double mean = 0;
    for (const Counted& one : stratum) {
      of += one.of;
      mean += static_cast<double>(one.of) * one.score;
    }
    mean /= of;
    double squares = 0;
    for (const Counted& one : stratum) squares += one.of * std::pow(one.score - mean, 2);
    excess += sum_of(stratum) - events * mean;
    variance += events * (of - events) / (of * (of - 1)) * squares;
  }
  return variance > 0 ? std::erfc(excess / std::sqrt(2 * variance)) / 2 : 1;
}

}  // namespace

double chance_of_rise(const std::vector<Stratum>& strata) {
  const std::vector<Stratum> moving = that_can_move(strata);
  if (moving.empty()) return 1;
  return work_of(moving) <= exact_work ? exact(moving) : normal(moving);
}

}  // namespace surd::law
