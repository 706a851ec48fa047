#include "base/indexed.hpp"

#include <catch2/catch.hpp>
#include <concepts>
#include <stdexcept>
#include <vector>

#include "base/id.hpp"

using namespace surd;

namespace {

template <typename Table, typename Index>
concept LooksUp = requires(Table table, Index index) {
  table[index];
};

using Cells = Indexed<CellIndex, int>;
static_assert(LooksUp<Cells, CellIndex>);
static_assert(LooksUp<Cells, std::size_t>);
static_assert(!LooksUp<Cells, TrialIndex>, "a cell is not looked up by the place of a trial");
static_assert(!std::convertible_to<TrialIndex, CellIndex>);
static_assert(!std::convertible_to<std::size_t, CellIndex>);
static_assert(!std::convertible_to<CellIndex, std::size_t>);

}  // namespace

TEST_CASE("a table is looked up by its own index, and its places come in order") {
  Cells cells = {10, 20, 30};
  cells[CellIndex{1}] = 21;
  CHECK(cells.at(CellIndex{1}) == 21);
  CHECK_THROWS_AS(cells.at(CellIndex{3}), std::out_of_range);
  std::vector<int> all;
  for (const CellIndex cell : cells.places()) all.push_back(cells[cell]);
  CHECK(all == std::vector<int>{10, 21, 30});
  Indexed<TrialIndex, bool> settled(2, false);
  settled[TrialIndex{1}] = true;
  CHECK((!settled[0] && settled[1]));
}
