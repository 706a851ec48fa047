// Rivals of law::propose, each as a rule for what a round runs, so that they search by the same
// rounds, stop by the same look and report by the same fit. All for one curve and its alpha.
#pragma once

#include <string>
#include <vector>

#include "law/searched.hpp"

namespace surd::bench {

struct SearchPeer {
  std::string name;
  law::Proposing proposing;
};

// law::propose itself; QUEST+ (Watson, J. Vision 17(3):10, 2017), and the same per cost^0.4;
// V-optimal design per cost^0.4, as for scaling laws (arXiv 2604.22753); the full grid, one seed of
// every cell after another, as many rounds as that takes.
std::vector<SearchPeer> search_peers();

}  // namespace surd::bench
