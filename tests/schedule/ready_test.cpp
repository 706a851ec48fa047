#include "schedule/ready.hpp"

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "schedule/studies.hpp"

namespace surd::schedule {
namespace {

using test::Trials;

// groups of `seeds` x `rates` trials of equal cost, in study order; all put.
struct Pool {
  Pool(std::size_t groups, std::size_t seeds, std::size_t rates,
       std::vector<double> priorities = {})
      : ready(make(groups, seeds, rates), pad(std::move(priorities), groups)) {
    std::vector<TrialIndex> all;
    for (std::size_t i = 0; i < groups * seeds * rates; ++i) all.push_back({i});
    ready.put(all);
  }
  static std::vector<double> pad(std::vector<double> priorities, std::size_t groups) {
    priorities.resize(groups, 1);
    return priorities;
  }
  static Indexed<TrialIndex, Ready::Trial> make(std::size_t groups, std::size_t seeds,
                                                std::size_t rates) {
    Indexed<TrialIndex, Ready::Trial> trials;
    for (std::size_t g = 0; g < groups; ++g) {
      for (std::size_t i = 0; i < seeds * rates; ++i) trials.push_back({g, i / rates, 1.0});
    }
    return trials;
  }
  Trials take(Cut cut, std::size_t fit = 1000) {
    return ready.take(cut, [fit](TrialIndex) { return fit; });
  }
  Ready ready;
};

TEST_CASE("with plenty of work a bundle is a whole cell") {
  Pool pool(10, 3, 2);
  CHECK(pool.take({.idle = 2, .workers = 2, .most = 100}) == Trials{0, 1, 2, 3, 4, 5});
  CHECK(pool.take({.idle = 1, .workers = 2, .most = 100}) == Trials{6, 7, 8, 9, 10, 11});
  CHECK(pool.ready.count() == 48);
  CHECK(pool.ready.groups() == 8);
}

TEST_CASE(
    "with more workers than cells a cell is cut, between seeds where that gives everybody work") {
  Pool pool(1, 3, 2);
  std::vector<Trials> bundles;
  for (std::size_t idle = 3; idle > 0; --idle)
    bundles.push_back(pool.take({.idle = idle, .workers = 3, .most = 100}));
  CHECK(bundles ==
        std::vector<Trials>{
            {0}, {1}, {2}});  // half of a fair share is one trial: the rest balances the end
  Pool large(1, 12, 2);
  CHECK(large.take({.idle = 2, .workers = 2, .most = 100}).size() == 6);
  CHECK(large.take({.idle = 1, .workers = 2, .most = 100}).size() == 4);
}

TEST_CASE("nobody goes without while there are as many trials as idle workers") {
  for (const bool together : {false, true}) {
    for (std::size_t idle = 1; idle <= 24; ++idle) {
      CAPTURE(together, idle);
      Pool pool(2, 4, 3);
      for (std::size_t left = idle; left > 0; --left)
        REQUIRE(
            !pool.take({.idle = left, .workers = idle, .together = together, .most = 100}).empty());
    }
  }
}

TEST_CASE("nearly finished trials do not fill one bundle while others go without") {
  Pool pool(2, 4, 1, {9, 1});
  while (!pool.ready.empty()) pool.take({.together = true, .most = 100});
  for (const TrialIndex trial : Trials{0, 1, 2, 3}) pool.ready.set_flops(trial, 0.1);
  pool.ready.set_flops({4}, 10);
  pool.ready.put(Trials{0, 1, 2, 3, 4});
  CHECK(pool.take({.idle = 3, .workers = 3, .most = 100}) == Trials{0, 1, 2});
  CHECK(pool.take({.idle = 2, .workers = 3, .most = 100}) == Trials{3});
  CHECK(pool.take({.idle = 1, .workers = 3, .most = 100}) == Trials{4});
}

TEST_CASE("lanes trained together fill a bundle up to max_lanes") {
  Pool pool(2, 4, 3);
  CHECK(pool.take({.idle = 1, .workers = 8, .together = true, .most = 100}).size() == 12);
  CHECK(pool.take({.idle = 1, .workers = 8, .together = true, .most = 8}).size() ==
        6);  // 8 would cut a seed
  CHECK(pool.take({.idle = 1, .workers = 8, .together = true, .most = 2}).size() == 2);
}

TEST_CASE("higher priorities first, equal ones in study order") {
  Pool pool(4, 1, 1, {1, 5, 1, 9});
  Trials order{};
  while (!pool.ready.empty()) order.push_back(pool.take({.most = 1}).front());
  CHECK(order == Trials{3, 1, 0, 2});
}

TEST_CASE("what does not fit is passed over") {
  Pool pool(2, 1, 2, {9, 1});
  const auto only_second = [](TrialIndex trial) {
    return trial >= TrialIndex{2} ? std::size_t{1} : std::size_t{0};
  };
  CHECK(pool.ready.take({.most = 10}, only_second) == Trials{2});
  CHECK(pool.ready.take({.most = 10}, only_second) == Trials{3});
  CHECK(pool.ready.take({.most = 10}, only_second).empty());
  CHECK(pool.ready.count() == 2);
}

TEST_CASE("trials that come back are taken first") {
  Pool pool(1, 4, 1);
  CHECK(pool.take({.together = true, .most = 2}) == Trials{0, 1});
  pool.ready.put(Trials{0, 1});
  CHECK(pool.take({.together = true, .most = 3}) == Trials{0, 1, 2});
}

}  // namespace
}  // namespace surd::schedule
