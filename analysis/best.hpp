// Which trial of a seed a report shows.
#pragma once

#include <vector>

#include "law/outcome.hpp"

namespace surd::analysis {

// As the law chooses: best validation accuracy among the common learning rates, of equals the lowest rate; any rate where none of those has a result.
// Null where no trial has one.
const law::Trial* best_of(const std::vector<const law::Trial*>& trials, const std::vector<double>& common);

}  // namespace surd::analysis
