// Accuracy against state size: the cells, their Pareto front, and the figure that shows them.
#include "analysis/findings/states.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "analysis/report/figure_files.hpp"
#include "analysis/report/figures/figures.hpp"
#include "analysis/report/fit_output.hpp"
#include "analysis/support.hpp"

namespace surd::analysis {
namespace {

using test::csv;

const std::string text =
    "task,architecture,length,hidden,seed,accuracy_validation,accuracy_test,state_bytes\n"
    "lis,standard,16,8,1,.2,.2,1000\n"
    "lis,standard,16,8,2,.4,.4,1000\n"
    "lis,standard,16,16,1,.9,.9,2000\n"
    "lis,standard,16,16,2,.8,.8,2000\n"
    "lis,linear,16,8,1,.3,.3,500\n"
    "lis,linear,16,16,1,.85,.85,2000\n"
    "lis,linear,16,32,1,.6,.6,8000\n"
    "lis,linear,32,8,1,.1,.1,500\n";

TEST_CASE("every cell has the mean accuracy of its seeds, and the front is not beaten") {
  const Findings findings = fit_what_there_is(csv(text), {});
  REQUIRE(findings.states.size() == 6);
  std::string front;
  for (const StateCell& cell : findings.states) {
    if (cell.on_front)
      front += fmt::format("{} {} {} {:.2f}; ", cell.architecture, cell.length, cell.state_bytes,
                           cell.accuracy);
  }
  // .3 at 500; standard's .3 at 1000 is beaten; both .85 at 2000; .6 at 8000 is beaten. A length
  // has a front of its own.
  CHECK(front ==
        "linear 16 500 0.30; linear 16 2000 0.85; standard 16 2000 0.85; linear 32 500 0.10; ");
  CHECK(findings.states[3].architecture == "standard");
  CHECK(findings.states[3].accuracy == Approx(0.3));
  CHECK(findings.states[3].seeds == 2);
  CHECK(findings.states[3].hidden == 8);
}

TEST_CASE("counted seeds give the share solved, and an input without states nothing") {
  const Findings counted =
      fit_what_there_is(csv("task,architecture,length,hidden,seeds,solved,state_bytes\n"
                            "lis,linear,16,8,4,1,100\nlis,linear,16,16,0,0,200\n"),
                        {});
  REQUIRE(counted.states.size() == 1);
  CHECK(counted.states[0].accuracy == 0.25);
  CHECK(fit_what_there_is(csv("task,architecture,length,hidden,seeds,solved\n"
                              "lis,linear,16,8,4,1\n"),
                          {})
            .states.empty());
}

TEST_CASE("the figure shows the numbers of the JSON") {
  const Input input = csv(text);
  const Findings findings = fit_what_there_is(input, {});
  const Json cells = to_json(findings)["states"];
  REQUIRE(cells.size() == 6);
  const Figures all = figures(input, findings);
  REQUIRE(all.groups.size() == 1);
  REQUIRE(all.groups[0].states.size() == 2);
  const Figure& figure = all.groups[0].states[1];  // the largest length first
  CHECK(figure.choice == std::vector<std::string>{"16"});
  std::size_t marks = 0;
  for (const Series& series : figure.columns[0].panels[0].series) {
    if (series.kind != Kind::marks) continue;
    for (const Point& point : series.points) {
      ++marks;
      CHECK(std::any_of(cells.begin(), cells.end(), [&](const Json& cell) {
        return cell["length"] == 16 && cell["architecture"] == series.of &&
               cell["state_bytes"] == point.x &&
               100 * cell["accuracy"].get<double>() == Approx(*point.y);
      }));
    }
  }
  CHECK(marks == 5);
  // Steps of the front: up at 2000, then on to the right.
  const Series& front = figure.columns[0].panels[0].series[0];
  CHECK(front.name == "Pareto front");
  REQUIRE(front.points.size() >= 3);
  CHECK(*front.points.front().y == Approx(30));
  CHECK(*front.points.back().y == Approx(85));
  const auto files = figure_files(all);
  CHECK(std::count_if(files.begin(), files.end(), [](const auto& file) {
          return file.first == "lis-L16-state.svg" || file.first == "lis-L32-state.svg";
        }) == 2);
}

}  // namespace
}  // namespace surd::analysis
