// How validation went over the last fifth of a training: whether it had come to rest.
#pragma once

#include <span>

#include "law/rise.hpp"

namespace surd::analysis {

// Points of validation from four fifths of the steps on (with the last before that, where none lies
// there), trends a fifth of the steps.
struct Late {
  law::Rise accuracy;  // of the share of validation instances solved
  law::Rise loss;      // of minus the logarithm of the validation loss: up is better
};

// Of a trial that did so many steps; one value a point of its curve, NaN where nothing was
// validated. `step` ascends.
Late late_of(double steps, std::span<const double> step, std::span<const double> accuracy,
             std::span<const double> loss);

}  // namespace surd::analysis
