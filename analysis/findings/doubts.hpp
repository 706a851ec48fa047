// What in a curve's data speaks against its exponent: each a sentence that ends its verdict.
#pragma once

#include <string>
#include <vector>

#include "analysis/input/input.hpp"
#include "law/fit.hpp"
#include "law/outcome.hpp"
#include "law/verdict.hpp"

namespace surd::analysis {

// Of one curve; `fit` is that of its cells, with or without an exponent.
std::vector<law::Doubt> doubts_of(const Input& input, const law::Series& series,
                                  const law::Fit& fit);
// That more seeds than usual fail although the width suffices; empty where they do not.
std::string lapse_note(const law::Series& series, const law::Fit& fit);
// Why its seeds give no exponent where that lies in the trials, not in the cells; else empty.
std::string no_exponent(const law::Series& series);

}  // namespace surd::analysis
