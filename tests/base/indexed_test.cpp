#include "base/indexed.hpp"

#include <catch2/catch.hpp>
#include <concepts>
#include <string>

#include "base/id.hpp"

using namespace surd;

namespace {

template <typename Table, typename Index>
concept LooksUp = requires(Table table, Index index) { table[index]; };

using Cells = Indexed<CellIndex, std::string>;
static_assert(LooksUp<Cells, CellIndex>);
static_assert(LooksUp<Cells, std::size_t>);
static_assert(!LooksUp<Cells, TrialIndex>, "a cell is not looked up by the place of a trial");
static_assert(!std::convertible_to<TrialIndex, CellIndex>);
static_assert(!std::convertible_to<std::size_t, CellIndex>);
static_assert(!std::convertible_to<CellIndex, std::size_t>);

}  // namespace

TEST_CASE("a table is looked up by its own index, and its places come in order") {
  Cells cells = {"a", "b", "c"};
  cells[CellIndex{1}] = "B";
  CHECK(cells.at(CellIndex{1}) == "B");
  CHECK_THROWS_AS(cells.at(CellIndex{3}), std::out_of_range);
  std::string all;
  for (const CellIndex cell : cells.places()) all += cells[cell];
  CHECK(all == "aBc");
  Indexed<TrialIndex, bool> settled(2, false);
  settled[TrialIndex{1}] = true;
  CHECK((!settled[0] && settled[1]));
}
