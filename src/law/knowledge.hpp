// What is known of one curve's exponent, and what one more seed of each candidate would add.
#pragma once

#include <Eigen/Dense>
#include <cstddef>
#include <utility>
#include <vector>

#include "law/likelihood.hpp"
#include "law/outcome.hpp"

namespace surd::law {

// A cell of which more seeds can be run.
struct Candidate {
  double length = 0;
  double hidden = 0;
  double cost = 0;  // of one more seed, in FLOPs (or any unit: only ratios and the budget count)
};

// Parameters (c, alpha, ln kappa, z0, z1): at most five, so that matrices need no allocation.
using SmallMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, 5, 5>;
using SmallVector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 5, 1>;

// What is known of one curve's parameters (c, alpha, ln kappa, z0, z1) and what further seeds would
// add: Fisher's information, averaged over draws of the posterior as the curvature at the maximum
// has it, so that no one value of kappa, lapse or threshold is trusted. The model's log odds of a
// cell are trusted to +- model_deviation only: any number of seeds tells at most as much as one
// observation with that error, so seeds spread over widths and lengths, where they also show lapse
// and lack of fit.
class Knowledge {
 public:
  // `cells` have two lengths or more with seeds.
  Knowledge(const std::vector<Cell>& cells, const std::vector<Candidate>& candidates,
            const Options& options);

  // Of alpha, with the seeds added: that of the curvature so far, reduced as much as the
  // information expects.
  double variance() const { return scaled(information_); }
  double variance_with(std::size_t candidate) const {
    return scaled(information_ + sources_[candidate].gain());
  }
  void add(std::size_t candidate) {
    information_ += sources_[candidate].gain();
    sources_[candidate].add();
  }

 private:
  // A cell under each draw of the parameters: the gradient of its log odds, and what one seed tells
  // of them, p (1 - p).
  class Source {
   public:
    Source(const std::vector<SmallVector>& thetas, double log_hidden, double x, bool has_lapse,
           int seeds);

    const SmallMatrix& now() const { return now_; }
    const SmallMatrix& gain() const { return gain_; }  // by one more seed
    void add() {
      ++seeds_;
      now_ += gain_;
      gain_ = information(seeds_ + 1) - now_;
    }

   private:
    SmallMatrix information(int seeds) const;

    Eigen::Index size_;
    int seeds_;
    std::vector<std::pair<SmallVector, double>> views_;
    SmallMatrix now_;
    SmallMatrix gain_;
  };

  double scaled(const SmallMatrix& information) const;

  double variance_now_ = 0;
  double variance_before_ = 0;
  SmallMatrix information_;
  std::vector<Source> sources_;  // the candidates, then cells that cannot be run any more
};

}  // namespace surd::law
