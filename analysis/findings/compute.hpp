// Compute to solve of every task and architecture: does it save?
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "analysis/input/input.hpp"
#include "law/compute.hpp"

namespace surd::analysis {

// Two measures: a forward pass over one mean training sequence, and one generated sequence of the
// full length.
template <typename Value>
struct Measures {
  Value forward;
  Value generation;
};
using Compute = Measures<law::Compute>;
using Saving = Measures<law::Saving>;

// What each architecture's models cost, by task, axes and architecture.
class PriceBook {
 public:
  // Where two models of one cell have different FLOPs the first counts, and `notes` gets a
  // sentence.
  PriceBook(const std::vector<PricedCell>& cells, std::vector<std::string>& notes);

  Compute compute(const law::Series& series, const law::Options& options,
                  const law::Fit& fit) const;
  Saving saving(const law::Series& efficient, const law::Series& baseline,
                const law::Contrast& contrast) const;

 private:
  using Prices = Measures<law::Prices>;
  const Prices& of(const law::Series& series) const;

  std::map<std::tuple<std::string, std::string, std::string>, Prices> prices_;
  Prices none_{law::Prices({}), law::Prices({})};
};

}  // namespace surd::analysis
