#include "analysis/findings/compare.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <utility>

#include "analysis/input/csv.hpp"
#include "analysis/findings/findings.hpp"
#include "analysis/input/source.hpp"
#include "analysis/report/compare_output.hpp"
#include "base/error.hpp"

namespace surd::analysis {
namespace {

Input of(const std::string& text, const std::string& name) {
  return input_from_csv(parse_csv(text, name));
}

// Counted seeds of one architecture: width d is solved from `needed` on.
std::string counted(const std::string& architecture, const std::vector<double>& lengths,
                    double alpha, double width_at_16, int seeds) {
  std::string rows;
  for (const double length : lengths) {
    for (const int hidden : {4, 8, 16, 32, 64, 128}) {
      const bool enough = hidden >= width_at_16 * std::pow(length / 16, alpha);
      rows += fmt::format("lookup,{},{},{},{},{}\n", architecture, length, hidden, seeds,
                          enough ? seeds : 0);
    }
  }
  return rows;
}

const std::string compared_header = "task,architecture,length,hidden,seeds,solved\n";

TEST_CASE(
    "two results: cells that both have, Fisher's p, what differs and what is expected by chance") {
  const Input a = of(compared_header +
                         "lookup,linear,16,8,4,4\nlookup,linear,16,16,4,4\nlookup,linear,16,32,1,"
                         "1\nlookup,linear,32,8,3,3\n",
                     "a.csv");
  const Input b = of(compared_header +
                         "lookup,linear,16,8,4,0\nlookup,linear,16,16,4,3\nlookup,linear,16,32,3,"
                         "0\nlookup,linear,64,8,3,3\n",
                     "b.csv");
  const Compared compared = compare({a, b}, 0.9);
  REQUIRE(compared.series.size() == 1);
  const auto& cells = compared.series[0].cells;
  REQUIRE(cells.size() == 3);
  CHECK(cells[0].test->p == Approx(2.0 / 70));
  CHECK(cells[0].differs());
  CHECK(cells[1].test->p == 1);
  CHECK_FALSE(cells[1].differs());
  CHECK_FALSE(cells[2].test);  // one seed in A
  CHECK(cells[2].differs());   // but solved there, and not by half the seeds of B
  CHECK(compared.tests == 2);
  CHECK(compared.below == 1);
  CHECK(compared.by_chance == Approx(2.0 / 70));  // the second cell's totals allow no small p
  REQUIRE(compared.surplus[0].size() == 1);
  CHECK(compared.surplus[0][0].cells[0].length == 32);
  CHECK(compared.surplus[1][0].cells[0].length == 64);
  CHECK_FALSE(compared.surplus[0][0].whole);
  const std::string text = table(compared);
  CHECK(text.find("1 of 2 cells with several seeds in both have p < .05; by chance alone 0.03 "
                  "would be expected") != std::string::npos);
  CHECK(text.find(
            "1 of 1 cells with one seed in one of them are solved in one and not in the other") !=
        std::string::npos);
  CHECK(text.find("  A lookup linear: 1 cell, L 32, widths 8\n  B lookup linear: 1 cell, L 64, "
                  "widths 8\n") != std::string::npos);
}

TEST_CASE(
    "exponents side by side, and the difference as law::contrast has it at the shared lengths") {
  const Input a = of(compared_header + counted("linear", {16, 32, 64, 128}, 0.5, 8, 3) +
                         counted("standard", {16, 32, 64}, 0, 8, 3),
                     "a.csv");
  const Input b = of(compared_header + counted("linear", {16, 32, 64, 256}, 0, 8, 3) +
                         counted("sparse", {16, 32, 64}, 0.5, 8, 3),
                     "b.csv");
  const Compared compared = compare({a, b}, 0.9);
  REQUIRE(compared.series.size() == 1);
  const ComparedSeries& linear = compared.series[0];
  CHECK(linear.difference.lengths == std::vector<double>{16, 32, 64});
  const auto cells = [](const Input& input) {
    std::vector<law::Cell> found;
    for (const law::CountedCell& one : input.counted) {
      if (one.architecture == "linear") found.push_back(one.cell);
    }
    return found;
  };
  const law::Contrast expected = law::contrast(cells(a), cells(b));
  REQUIRE(expected.delta);
  CHECK(linear.difference.delta == expected.delta);
  CHECK(linear.difference.interval.low == expected.interval.low);
  CHECK(linear.difference.interval.high == expected.interval.high);
  CHECK(*linear.difference.delta > 0);
  CHECK(linear.fits[0].alpha == law::fit(cells(a)).alpha);
  CHECK(linear.fits[1].alpha == law::fit(cells(b)).alpha);
  const Compared turned = compare({b, a}, 0.9);
  CHECK(*turned.series[0].difference.delta == Approx(-*expected.delta).margin(1e-6));
  CHECK(compared.surplus[0][1].whole);
  CHECK(compared.surplus[0][1].name == "lookup standard");
  CHECK(compared.surplus[1].back().name == "lookup sparse");
}

TEST_CASE(
    "the accuracies are those of the seeds that the fit counts, at their best learning rate; a "
    "censored seed has no part") {
  const Input a = of(
      "task,architecture,length,hidden,seed,learning_rate,accuracy_validation,accuracy_test,"
      "status\n"
      "lookup,linear,16,8,1,0.01,0.5,0.45,finished\nlookup,linear,16,8,1,0.02,0.7,0.75,finished\n"
      "lookup,linear,16,8,2,0.01,0.95,0.93,finished\nlookup,linear,16,8,2,0.02,,,missing\n"
      "lookup,linear,16,8,3,0.01,0.4,0.4,finished\nlookup,linear,16,8,3,0.02,,,failed\n"
      "lookup,linear,16,8,4,0.01,0.3,0.3,diverged\nlookup,linear,16,8,4,0.02,0.3,0.3,diverged\n",
      "a.csv");
  const Compared compared = compare({a, a}, 0.9);
  const CellResult& result = compared.series[0].cells[0].results[0];
  CHECK(result.seeds == 3);
  CHECK(result.solved == 1);
  CHECK(result.accuracies == std::vector<double>{0, 0.75, 0.93});
  CHECK(result.median() == 0.75);
  const Json cell = to_json(compared)["cells"][0];
  CHECK(cell["accuracy_a"] == 0.75);
  CHECK(cell["accuracies_b"].size() == 3);
  CHECK(cell["p"] == 1);
}

TEST_CASE("the published figure is one run a cell: accuracies and solved flags, no tests") {
  const Input figure = read_input("figure1");
  Input mine = figure;
  mine.path = "mine";
  mine.trials.erase(mine.trials.begin() + 60, mine.trials.end());  // arithmetic only
  mine.trials[1].accuracy_test = mine.trials[1].accuracy_validation = 0.2;
  const Compared compared = compare({mine, figure}, 0.9);
  CHECK(compared.cells == 60);
  CHECK(compared.tests == 0);
  int differ = 0;
  for (const ComparedSeries& series : compared.series) {
    for (const ComparedCell& cell : series.cells) {
      CHECK_FALSE(cell.test);
      CHECK(cell.results[1].accuracies.size() == 1);
      differ += cell.differs() ? 1 : 0;
    }
  }
  CHECK(differ == 1);
  CHECK(compared.surplus[0].empty());
  CHECK(compared.surplus[1].size() == 6);
  CHECK(table(compared).find(
            "1 of 60 cells with one seed in one of them are solved in one and not in the other") !=
        std::string::npos);
  CHECK(table(compared).find(
            "B lis sparse: 24 cells, L 83 223 353 503, widths 32 64 128 256 512 1024") !=
        std::string::npos);
}

TEST_CASE(
    "labels with other options or axes are not compared, which is noted; nothing in common is "
    "refused with what each has") {
  const Input a =
      of(compared_header + "lookup,sparse(c=1),16,8,3,0\nlookup,linear,16,8,3,0\n", "a.csv");
  const Input b =
      of(compared_header + "lookup,sparse(c=2),16,8,3,0\nlookup,linear,16,8,3,0\n", "b.csv");
  const Compared compared = compare({a, b}, 0.9);
  REQUIRE(compared.notes.size() == 1);
  CHECK(compared.notes[0] ==
        "lookup: not compared, since the labels of their options are not the same: 'sparse(c=1)' "
        "in A, 'sparse(c=2)' in B");
  const Input deep =
      of("task,architecture,model.layers,length,hidden,seeds,solved\nlookup,linear,2,16,8,3,0\n",
         "deep.csv");
  CHECK_THROWS_AS(compare({a, deep}, 0.9), InputError);
  CHECK_THROWS_WITH(
      compare({a, deep}, 0.9),
      Catch::Contains(
          "a.csv and deep.csv: the two have no task, architecture and further axes in common") &&
          Catch::Contains(
              "A: lookup linear, lookup sparse(c=1); B: lookup linear (model.layers=2)"));
}

TEST_CASE("the CSV has a row a cell, and the JSON null and a reason where there is no difference") {
  const Input a =
      of(compared_header + "lookup,linear,16,8,3,0\nlookup,linear,16,16,3,3\n", "a.csv");
  const Compared compared = compare({a, a}, 0.9);
  const Table rows = parse_csv(to_csv(compared), "cells.csv");
  REQUIRE(rows.rows.size() == 2);
  CHECK(rows.rows[1][6].text == "3");
  CHECK(rows.rows[1][7].text.empty());  // counted seeds have no accuracies
  const Json json = to_json(compared);
  CHECK(json["exponents"][0]["difference"].is_null());
  CHECK(json["exponents"][0].contains("reason"));
  CHECK(json["tests"]["tested"] == 2);
  CHECK(json["tests"]["expected_by_chance"] == 0);
  CHECK(table(compared).find("with so few seeds no p can be that small") != std::string::npos);
}

// Two lengths by three widths, one seed; at rate r the cell has accuracies[r].
Input with_rates(const std::vector<std::pair<double, double>>& accuracies,
                 const std::string& name) {
  std::string rows =
      "task,architecture,length,hidden,seed,learning_rate,accuracy_validation,accuracy_test\n";
  for (const int length : {16, 32}) {
    for (const int hidden : {4, 8, 16}) {
      for (const auto& [rate, accuracy] : accuracies)
        rows +=
            fmt::format("t,linear,{},{},1,{},{},{}\n", length, hidden, rate, accuracy, accuracy);
    }
  }
  return of(rows, name);
}

TEST_CASE(
    "only the learning rates that both have are used, so that neither is the best of more, and a "
    "note names both sets") {
  const Input three = with_rates({{0.001, 0.5}, {0.002, 0.6}, {0.004, 0.95}}, "three.csv");
  const Input one = with_rates({{0.001, 0.5}}, "one.csv");
  for (const bool turned : {false, true}) {
    const Compared compared = turned ? compare({one, three}, 0.9) : compare({three, one}, 0.9);
    REQUIRE(compared.series.size() == 1);
    CHECK(compared.cells == 6);
    for (const ComparedCell& cell : compared.series[0].cells) {
      CHECK_FALSE(cell.differs());
      for (const CellResult& result : cell.results)
        CHECK(result.accuracies == std::vector<double>{0.5});
    }
    REQUIRE(compared.notes.size() == 1);
    CHECK(compared.notes[0] == fmt::format("t: A has the learning rates {}, B {}; only {{0.001}}, "
                                           "which both have, are used, since the best of more "
                                           "has more luck",
                                           turned ? "{0.001}" : "{0.001, 0.002, 0.004}",
                                           turned ? "{0.001, 0.002, 0.004}" : "{0.001}"));
  }
  const Compared same = compare({three, three}, 0.9);
  for (const std::string& note : same.notes) CHECK(note.find("best of more") == std::string::npos);
  CHECK(same.series[0].cells[0].results[0].accuracies == std::vector<double>{0.95});
}

TEST_CASE(
    "results that share no learning rate are not compared, neither cells nor exponents, and are no "
    "surplus") {
  const Compared compared =
      compare({with_rates({{0.001, 0.5}}, "a.csv"), with_rates({{0.002, 0.95}}, "b.csv")}, 0.9);
  REQUIRE(compared.series.size() == 1);
  CHECK(compared.series[0].share_no_rate);
  CHECK(compared.series[0].cells.empty());
  CHECK_FALSE(compared.series[0].difference.delta);
  CHECK(compared.series[0].difference.reason == "A and B share no learning rate");
  CHECK(compared.surplus[0].empty());
  CHECK(compared.surplus[1].empty());
  REQUIRE(compared.notes.size() == 1);
  CHECK(compared.notes[0] ==
        "t: A has the learning rates {0.001}, B {0.002}; none can be used in both, so nothing of "
        "it is compared");
  CHECK(table(compared).find("No cell is in both with the same learning rates") !=
        std::string::npos);
  CHECK(to_json(compared)["exponents"][0]["difference"].is_null());
}

TEST_CASE("where only one of the two names its learning rates all are used, and a note says so") {
  const Input counted_seeds = of(compared_header + "t,linear,16,8,3,3\n", "b.csv");
  const Compared compared =
      compare({with_rates({{0.001, 0.5}, {0.002, 0.95}}, "a.csv"), counted_seeds}, 0.9);
  CHECK(compared.series[0].cells[0].results[0].solved == 1);
  REQUIRE(compared.notes.size() == 1);
  CHECK(compared.notes[0] ==
        "t: A has the learning rates {0.001, 0.002}, B does not say which: the best of more has "
        "more luck");
}

TEST_CASE("a cell with half its seeds solved counts as solved") {
  const ComparedCell half{
      .length = 16,
      .hidden = 8,
      .results = {CellResult{.seeds = 4, .solved = 2}, CellResult{.seeds = 1, .solved = 0}}};
  CHECK(half.differs());
  const ComparedCell both{
      .length = 16,
      .hidden = 8,
      .results = {CellResult{.seeds = 4, .solved = 2}, CellResult{.seeds = 1, .solved = 1}}};
  CHECK_FALSE(both.differs());
}

}  // namespace
}  // namespace surd::analysis
