// One curve of an input, by name.
#pragma once

#include <string>
#include <vector>

#include "law/outcome.hpp"

namespace surd::analysis {

// Empty words fit everything.
struct CurveName {
  std::string task;
  std::string architecture;
  std::string axes;  // label of further axes: "model.layers=2"
};

// The places in `curves` of all that fit.
std::vector<std::size_t> matching(const std::vector<const law::Series*>& curves,
                                  const CurveName& name);

// The place in `curves` of the one that is meant; where no architecture is named and several fit,
// the baseline is not meant. InputError at `where`, with the names there are: none fits, or several
// do.
std::size_t choose(const std::vector<const law::Series*>& curves, const CurveName& name,
                   const std::string& baseline, const std::string& where);

}  // namespace surd::analysis
