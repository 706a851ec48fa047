// What is known of an exponent or of the difference of two, and what one more seed of each
// candidate would add.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "law/candidates.hpp"
#include "law/contrast.hpp"
#include "law/likelihood.hpp"

namespace surd::law {

// The variance of the number asked for, and what further seeds would make of it: Fisher's
// information, averaged over draws of the posterior as the curvature at the maximum has it, so that
// no one value of kappa, lapse or threshold is trusted. The model's log odds of a cell are trusted
// to +- model_deviation only: any number of seeds tells at most as much as one observation with
// that error, so seeds spread over widths and lengths, where they also show lapse and lack of fit.
class Knowledge {
 public:
  virtual ~Knowledge() = default;

  // With the seeds added: that of the curvature so far, reduced as much as the information expects.
  virtual double variance() const = 0;
  // With one more seed of a candidate. Curves are numbered as they were given; those that say
  // nothing of the number, and candidates at lengths that do not count, change nothing.
  virtual double variance_with(std::size_t curve, std::size_t candidate) const = 0;
  virtual void add(std::size_t curve, std::size_t candidate) = 0;
};

// Of the exponent of curves[curve]. Null as long as fewer than two of its lengths are bracketed.
std::unique_ptr<Knowledge> knowledge_of_alpha(const std::vector<Curve>& curves, std::size_t curve,
                                              const Options& options);
// Of delta alpha, as the fit reports it: of the lengths that count, paired or joint. `difference`
// is that of the two curves. Null as long as there is none.
std::unique_ptr<Knowledge> knowledge_of_difference(const std::vector<Curve>& curves,
                                                   std::size_t efficient, std::size_t baseline,
                                                   const Contrast& difference,
                                                   const Options& options);

}  // namespace surd::law
