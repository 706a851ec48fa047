// When a seed is solved, and which of its learning rates stands for it: the one definition of the
// design rules, the audit, the tables and the fit.
#pragma once

namespace surd::law {

// An accuracy as it is judged: 0 where training diverged, and where it is no number.
constexpr double judged_accuracy(bool diverged, double accuracy) {
  return !diverged && accuracy > 0 ? accuracy : 0.0;
}

// Accuracies closer than this are equal: they pass through files in single precision, which rounds
// .9 to .8999999762 (off by 3e-8 at most below 1), or with six or seven digits. Two accuracies k /
// n and j / m that differ do so by 1 / (n m) or more: .9 and a test of up to 100,000 instances by
// 1e-6, so no seed that missed .9 by one instance is taken in.
inline constexpr double accuracy_tolerance = 1e-6;

// Of a judged accuracy: the best rate's on the test in the fit and the audit, any rate's in
// validation in the design rules, which may not see the test.
constexpr bool is_solved(double accuracy, double tau) {
  return accuracy >= tau - accuracy_tolerance;
}

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
