// Trials that have no accuracy: missing, or diverged and left empty by the program that wrote them?
#pragma once

#include <optional>

#include "analysis/input/input.hpp"
#include "law/outcome.hpp"
#include "law/verdict.hpp"

namespace surd::analysis {

// Where more than 5 % of a curve's trials have none: they are taken as missing, and if they
// diverged as their width was too small the exponent would be another.
std::optional<law::Doubt> doubt_of_missing_accuracy(const Input& input, const law::Series& series);

}  // namespace surd::analysis
