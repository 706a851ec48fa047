// Which neighbouring learning rates a cell's seeds run, from what its pilot found at all of them.
#pragma once

#include <cstddef>
#include <vector>

namespace surd::law {

// The place of the first of `size` neighbours whose validation losses have the least sum: noise of
// one loss moves that seldom, where it would move the one least loss often. A loss that is not
// finite, of a rate that diverged or has no result, counts as the largest that is. Of equal sums
// those with the most finite losses, then those nearest to the middle, then the lower ones.
// `losses`: by learning rate, ascending. Error where `size` is not in [1, number of losses].
std::size_t first_of_window(const std::vector<double>& losses, std::size_t size);

}  // namespace surd::law
