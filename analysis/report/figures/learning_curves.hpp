// Which learning curves of a run are shown, and the figures of them.
#pragma once

#include <vector>

#include "analysis/report/figures/figures.hpp"

namespace surd::analysis {

// A list a group; `sampled` says how many of how many. The same choice each time.
std::vector<std::vector<Figure>> learning_curves(const Training& training, const Input& input,
                                                 const Findings& findings,
                                                 const std::vector<Group>& groups,
                                                 const Sampling& sampling, Sampled& sampled);

// `most` of `size` positions: evenly spaced, the first and the last among them.
std::vector<std::size_t> evenly(std::size_t size, std::size_t most);

}  // namespace surd::analysis
