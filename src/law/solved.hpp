// When a seed is solved, and which of its learning rates stands for it: the one definition of the
// design rules, the audit, the tables and the fit.
#pragma once

namespace surd::law {

// An accuracy as it is judged: 0 where training diverged, and where it is no number.
constexpr double judged_accuracy(bool diverged, double accuracy) {
  return !diverged && accuracy > 0 ? accuracy : 0.0;
}

// Of a judged accuracy: the best rate's on the test in the fit and the audit, any rate's in
// validation in the design rules, which may not see the test.
constexpr bool is_solved(double accuracy, double tau) { return accuracy >= tau; }

// One learning rate of a seed.
struct Rate {
  double accuracy_validation = 0;  // judged
  double learning_rate = 0;
};

// Whether `a` stands for the seed rather than `b`: the better validation accuracy, of equals the
// lower learning rate.
constexpr bool better(const Rate& a, const Rate& b) {
  if (a.accuracy_validation != b.accuracy_validation)
    return a.accuracy_validation > b.accuracy_validation;
  return a.learning_rate < b.learning_rate;
}

}  // namespace surd::law
