#include "law/near.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "law/fit.hpp"

namespace surd::law {
namespace {

// Threshold at width 1.4 L: widths from 2 L on are solved but for one lapse; one seed of L is.
std::vector<Cell> near_curve() {
  std::vector<Cell> cells;
  for (const double length : {16.0, 32.0, 64.0, 128.0}) {
    for (const double hidden : {4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0}) {
      Cell cell{.length = length, .hidden = hidden, .seeds = 4};
      if (hidden == length) cell.solved = 1;
      if (hidden > length) cell.solved = hidden == 512 ? 3 : 4;
      cells.push_back(cell);
    }
  }
  return cells;
}

const Nearness& at(const std::vector<Cell>& cells, const std::vector<Nearness>& all, double length,
                   double hidden) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].length == length && cells[i].hidden == hidden) return all[i];
  }
  throw std::out_of_range("no such cell");
}

}  // namespace

TEST_CASE("cells are near where the width is next to the threshold on either side") {
  const auto cells = near_curve();
  const auto all = nearness(cells);
  REQUIRE(all.size() == cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const double ratio = cells[i].hidden / cells[i].length;
    CAPTURE(cells[i].length, cells[i].hidden, all[i].log_odds);
    CHECK(all[i].near == (ratio == 1));  // of ratio 2 they all lie a little beyond 3.5
    CHECK((all[i].log_odds > 0) == (ratio > 1));
    CHECK(all[i].influence >= 0);
    CHECK(all[i].influence <= 1);
  }
  CHECK(at(cells, all, 16, 512).log_odds > at(cells, all, 16, 64).log_odds);
}

TEST_CASE("the influence of a seed is what alpha moves by when it is solved") {
  auto cells = near_curve();
  const auto all = nearness(cells);
  const double alpha = fit(cells).alpha.value();
  double most = 0;
  std::vector<std::pair<double, double>> moved;  // refitted, by the influence
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!all[i].near || cells[i].solved == cells[i].seeds) continue;
    ++cells[i].solved;
    const double move = std::abs(fit(cells).alpha.value() - alpha);
    --cells[i].solved;
    most = std::max(most, move);
    moved.emplace_back(move, all[i].influence);
  }
  REQUIRE(moved.size() == 4);
  for (const auto& [move, influence] : moved) {
    CAPTURE(move, influence);
    CHECK(influence == Approx(move / most).margin(0.25));  // one Newton step of a larger way
  }
  CHECK(at(cells, all, 16, 16).influence > at(cells, all, 32, 32).influence);
}

TEST_CASE("without a law cells are near by the widths of their own length alone") {
  std::vector<Cell> cells = {{16, 4, 3, 0}, {16, 8, 3, 1}, {16, 16, 3, 3},
                             {32, 4, 3, 0}, {32, 8, 3, 0}, {32, 16, 3, 0}};
  const auto near = [&](std::size_t place) { return nearness(cells)[place].near; };
  CHECK_FALSE(near(0));
  CHECK(near(1));
  CHECK_FALSE(near(2));
  CHECK_FALSE(near(3));
  CHECK(near(4));
  CHECK(near(5));
  CHECK(nearness(cells)[1].influence == 1);
  CHECK(nearness(cells)[1].log_odds == 0);
  CHECK(nearness({}).empty());
  CHECK_FALSE(nearness({{.length = 16, .hidden = 4, .seeds = 0}})[0].near);
}

}  // namespace surd::law
