// The numbers behind every figure, from the description that the page embeds, are those of the
// findings.
#include "analysis/report/figures/figures.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "analysis/input/csv.hpp"
#include "analysis/input/source.hpp"
#include "analysis/report/figure_svg.hpp"
#include "analysis/support.hpp"
#include "base/error.hpp"
#include "law/thresholds.hpp"

namespace surd::analysis {
namespace {

using test::csv;
using test::data;

struct Drawn {
  Input input;
  Findings findings = fit_what_there_is(input, {});
  Figures all = figures(input, findings);
};

Drawn figure1() { return {read_input(data / "figure1.csv")}; }

Json series_in(const Figure& figure) {
  return to_json(figure)["columns"][0]["panels"][0]["series"];
}

// Those of one kind that belong to one architecture.
std::vector<Json> of(const Json& all, const std::string& kind, const std::string& architecture) {
  std::vector<Json> found;
  for (const Json& series : all) {
    if (series["kind"] == kind && series.value("of", "") == architecture) found.push_back(series);
  }
  return found;
}

Json end(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

// The cell that a map names (length, width), as JSON {"share", "words", "hover"}.
Json cell_at(const Figure& map, const std::string& length, const std::string& hidden) {
  const Json column = to_json(map)["columns"][0];
  const Json& cells = column["panels"][0]["cells"];
  for (std::size_t i = 0; i < cells["x"].size(); ++i) {
    const auto name = [](const Json& axis, const Json& at) {
      return axis["ticks"][at.get<std::size_t>()]["words"];
    };
    if (name(column["x"], cells["x"][i]) != length ||
        name(column["panels"][0]["y"], cells["y"][i]) != hidden)
      continue;
    return {
        {"share", cells["share"][i]}, {"words", cells["words"][i]}, {"hover", cells["hovers"][i]}};
  }
  throw Error("no such cell");
}

TEST_CASE("the maps have every accuracy") {
  const Drawn drawn = figure1();
  REQUIRE(drawn.all.groups.size() == 3);
  std::size_t cells = 0;
  for (const Figures::OfGroup& one : drawn.all.groups) {
    CHECK(one.group.series[0].finding->series.architecture == "standard");  // the baseline first
    for (std::size_t i = 0; i < one.maps.size(); ++i) {
      const law::Series& series = one.group.series[i].finding->series;
      for (const law::Trial& trial : drawn.input.trials) {
        if (trial.task != one.group.task || trial.architecture != series.architecture) continue;
        const Json cell = cell_at(one.maps[i], std::to_string(static_cast<int>(trial.length)),
                                  std::to_string(static_cast<int>(trial.hidden)));
        CHECK(cell["share"] == trial.accuracy_test);
        const std::string solved =
            trial.accuracy_test >= 0.9 ? "solved 1 of 1 seeds" : "solved 0 of 1 seeds";
        CHECK(cell["hover"].get<std::string>().find(solved) != std::string::npos);
        ++cells;
      }
    }
  }
  CHECK(cells == drawn.input.trials.size());
}

TEST_CASE("thresholds, lines and bands are the law's own") {
  const Drawn drawn = figure1();
  std::size_t open = 0;
  for (const Figures::OfGroup& one : drawn.all.groups) {
    const Json all = series_in(one.thresholds);
    for (const Shown& shown : one.group.series) {
      const Finding& finding = *shown.finding;
      const std::string& name = finding.series.architecture;
      CAPTURE(law::name(finding.series));
      const Json marks = of(all, "marks", name).back();
      if (!finding.fit.alpha) {
        CHECK(of(all, "band", name).empty());
        continue;
      }
      const auto points = law::free_thresholds(finding.series.cells);
      REQUIRE(marks["x"].size() == points.size());
      const Json bars = of(all, "upright", name).at(0);
      std::size_t bar = 0;
      for (std::size_t i = 0; i < points.size(); ++i) {
        CHECK(marks["x"][i] == points[i].length);
        if (!points[i].width) continue;
        CHECK(marks["y"][i] == *points[i].width);
        CHECK(bars["low"][bar] == end(points[i].interval.low));
        CHECK(bars["high"][bar++] == end(points[i].interval.high));
      }
      const law::Point last =
          law::predict(finding.series.cells, {}, finding.fit, finding.fit.lengths.back());
      std::vector<Json> lines, edges;
      for (const Json& drawn_line : of(all, "line", name))
        (drawn_line.value("dotted", false) ? edges : lines).push_back(drawn_line);
      REQUIRE(lines.size() == 1);
      CHECK(lines[0]["x"].back().get<double>() == Approx(finding.fit.lengths.back()));
      CHECK(lines[0]["y"].back().get<double>() == Approx(*last.width));
      if (!last.interval.closed()) {  // one end alone, and no area
        CHECK(of(all, "band", name).empty());
        REQUIRE_FALSE(edges.empty());
        CHECK(edges.back()["y"].back().get<double>() == Approx(*last.interval.low));
        const Json arrows = of(all, "marks", name).at(0);
        CHECK(arrows["symbols"] == Json::array({"up", "up", "up"}));
        ++open;
        continue;
      }
      CHECK(edges.empty());
      const Json band = of(all, "band", name).at(0);
      CHECK(band["x"].size() == lines[0]["x"].size());
      CHECK(band["low"].back().get<double>() == Approx(*last.interval.low));
      CHECK(band["high"].back().get<double>() == Approx(*last.interval.high));
    }
  }
  CHECK(open == 1);  // edit distance with sparse attention
  // LIS sparse: nothing is solved, so no line, and the side is told on which the threshold lies.
  const Json none = of(series_in(drawn.all.groups[2].thresholds), "marks", "sparse").at(0);
  CHECK(none["y"][0] == 1024);
  CHECK(none["symbols"][0] == "up");
  CHECK(none["hovers"][0] == "sparse\nlength 83: no width up to 1024 is solved");
}

TEST_CASE("profiles reach the critical value at the ends of the interval, and nothing at alpha") {
  const Drawn drawn = figure1();
  std::size_t profiles = 0;
  for (const Figures::OfGroup& one : drawn.all.groups) {
    const Json all = series_in(one.profile);
    for (const Shown& shown : one.group.series) {
      const law::Fit& fit = shown.finding->fit;
      const auto lines = of(all, "line", shown.finding->series.architecture);
      REQUIRE(lines.size() == (fit.alpha ? 1U : 0U));
      if (!fit.alpha) continue;
      ++profiles;
      const auto alpha = lines[0]["x"].get<std::vector<double>>();
      const auto deviance = lines[0]["y"].get<std::vector<double>>();
      CHECK(std::is_sorted(alpha.begin(), alpha.end()));
      const auto at = [&](double value) {
        return deviance[static_cast<std::size_t>(std::find(alpha.begin(), alpha.end(), value) -
                                                 alpha.begin())];
      };
      CHECK(at(*fit.alpha) == 0);
      if (fit.interval.low)
        CHECK(at(*fit.interval.low) == Approx(fit.criterion.critical).margin(1e-3));
      if (fit.interval.high)
        CHECK(at(*fit.interval.high) == Approx(fit.criterion.critical).margin(1e-3));
      const Json bar = of(all, "across", shown.finding->series.architecture).at(0);
      CHECK(bar["y"][0] == fit.criterion.critical);
      CHECK(bar["low"][0] == end(fit.interval.low));
      CHECK(bar["high"][0] == end(fit.interval.high));
    }
  }
  CHECK(profiles == 8);
}

// The bars of a forest figure, thin and thick, from the top: {value, interval, unwidened}.
void check_rows(const Figure& figure,
                const std::vector<std::tuple<double, law::Interval, law::Interval>>& rows) {
  std::vector<Json> bars, marks;
  for (const Json& series : series_in(figure)) {
    if (series["kind"] == "across") bars.push_back(series);
    if (series["kind"] == "marks" && !series["style"].is_null()) marks.push_back(series);
  }
  REQUIRE(bars.size() == 2 * rows.size());
  REQUIRE(marks.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& [value, interval, unwidened] = rows[i];
    CHECK(marks[i]["x"][0] == value);
    for (const auto& [bar, ends] :
         {std::pair(&bars[2 * i], &interval), {&bars[2 * i + 1], &unwidened}}) {
      CHECK((*bar)["low"][0] == end(ends->low));
      CHECK((*bar)["high"][0] == end(ends->high));
      CHECK((*bar)["y"] == marks[i]["y"]);
    }
  }
}

TEST_CASE("the forest plots have the exponents, the differences and the other choices") {
  const Drawn drawn = figure1();
  std::vector<std::tuple<double, law::Interval, law::Interval>> exponents, differences;
  std::size_t ticks = 0;
  for (const Figures::OfGroup& one : drawn.all.groups) {
    for (const Shown& shown : one.group.series) {
      const law::Fit& fit = shown.finding->fit;
      if (fit.alpha) exponents.emplace_back(*fit.alpha, fit.interval, fit.unwidened);
      const Comparison* comparison = comparison_of(drawn.findings.contrasts, shown.finding->series);
      if (comparison && comparison->contrast.delta) {
        differences.emplace_back(*comparison->contrast.delta, comparison->contrast.interval,
                                 comparison->contrast.unwidened);
      }
      for (const SensitiveSeries& series : drawn.findings.sensitivity.series) {
        if (!fit.alpha || series.name != law::name(shown.finding->series)) continue;
        for (const Otherwise& other : series.tau)
          ticks += other.alpha && other.choice != drawn.findings.settings.tau ? 1 : 0;
      }
    }
  }
  CHECK(exponents.size() == 8);
  CHECK(differences.size() == 5);
  check_rows(drawn.all.exponents, exponents);
  check_rows(drawn.all.differences, differences);
  std::size_t found = 0;
  for (const Json& series : series_in(drawn.all.exponents))
    found += series.contains("symbols") ? series["x"].size() : 0;
  CHECK(ticks > 0);
  CHECK(found == ticks);
  CHECK(to_json(drawn.all.exponents)["columns"][0]["panels"][0]["labels"][0]["words"] ==
        "no exponent");  // LIS sparse
}

TEST_CASE(
    "a cell shows its seeds at their best learning rate; what did not run is marked as what it "
    "is") {
  const Drawn drawn{csv(
      "task,architecture,length,hidden,seed,learning_rate,accuracy_validation,accuracy_test,"
      "status\n"
      "lookup,standard,16,4,1,0.1,0.9,0.95,finished\nlookup,standard,16,4,1,0.2,0.5,0.99,finished\n"
      "lookup,standard,16,4,2,0.1,0.2,0.25,finished\nlookup,standard,16,4,2,0.2,0,0,diverged\n"
      "lookup,standard,16,4,3,0.1,0.3,0.3,finished\nlookup,standard,16,4,3,0.2,0,0,failed\n"
      "lookup,standard,16,8,1,0.1,0,0,skipped\nlookup,standard,16,8,1,0.2,0,0,skipped\n"
      "lookup,standard,32,8,1,0.1,0,0,failed\nlookup,standard,32,8,1,0.2,0,0,missing\n"
      "lookup,standard,32,4,1,0.1,0,0,missing\nlookup,standard,32,4,1,0.2,0,0,skipped\n")};
  const Figure& map = drawn.all.groups[0].maps[0];
  const Json trained = cell_at(map, "16", "4");
  CHECK(trained["share"].get<double>() == Approx(0.5));
  CHECK(trained["words"] == "50*");
  CHECK(trained["hover"] ==
        "length 16, width 4\nmean 50 %, median 30 %\nsolved 1 of 2 seeds\n1 censored: another "
        "learning rate has no result\n"
        "seed 1: 95 % at learning rate 0.1\nseed 2: 25 % at learning rate 0.1\nseed 3: 30 % at "
        "learning rate 0.1");
  CHECK(cell_at(map, "16", "8") == Json({{"share", nullptr},
                                         {"words", "\u2013"},
                                         {"hover", "length 16, width 8\nskipped by the design"}}));
  CHECK(cell_at(map, "32", "8")["hover"] == "length 32, width 8\nfailed");
  CHECK(cell_at(map, "32", "4")["hover"] == "length 32, width 4\nnot run yet");
  CHECK(map.note == "\u2013 skipped\u2003\u00d7 failed\u2003? not run yet\u2003* seeds censored");
}

TEST_CASE("counted seeds are shown as shares") {
  const Drawn drawn{
      csv("task,architecture,length,hidden,seeds,solved\nlookup,standard,16,4,4,1\nlookup,standard,"
          "16,8,4,4\n")};
  CHECK(cell_at(drawn.all.groups[0].maps[0], "16", "4")["share"] == 0.25);
  CHECK(cell_at(drawn.all.groups[0].maps[0], "16", "8")["hover"] ==
        "length 16, width 8\nsolved 4 of 4 seeds");
  CHECK(drawn.all.differences.empty());
  CHECK(drawn.all.groups[0].profile.empty());
}

TEST_CASE("ticks: round ones, powers of ten, and none where they would crowd") {
  const auto words = [](const std::vector<Tick>& ticks) {
    std::string out;
    for (const Tick& tick : ticks) out += tick.words + " ";
    return out;
  };
  CHECK(words(round_ticks(-0.3, 1.1)) == "\u22120.2 0 0.2 0.4 0.6 0.8 1 ");
  CHECK(words(round_ticks(0, 1020, 4)) == "0 500 1000 ");
  CHECK(words(power_ticks(0.02, 30)) == "10\u207b\u00b9 10\u2070 10\u00b9 ");
  CHECK(words(power_ticks(0.6, 3)) == "10\u2070 2\u00b710\u2070 ");
  const Axis axis{
      .scale = Scale::logarithmic, .low = 1, .high = 100, .ticks = ticks_at({1, 2, 10, 11, 100})};
  CHECK(words(spaced(axis, 100, 20)) == "1 10 100 ");
  CHECK(share_of(axis, 10) == Approx(0.5));
  CHECK(share_of({.scale = Scale::root, .low = 0, .high = 4}, 1) == Approx(0.5));
}

TEST_CASE("a figure of several panels is drawn as a file too") {
  Panel panel{.y = {.title = "up"},
              .series = {{.style = 1, .points = {{.x = 0, .y = 0}, {.x = 0.5}, {.x = 1, .y = 1}}}},
              .labels = {{.words = "here"}}};
  Figure figure{.file = "f", .title = "t", .subtitle = "s"};
  figure.columns = {{.title = "left", .panels = {panel, panel}},
                    {.title = "right", .panels = {panel, panel}}};
  const std::string svg = to_svg(figure);
  for (const char* words : {">left<", ">right<", ">up<", ">here<"}) {
    CAPTURE(words);
    CHECK(svg.find(words) != std::string::npos);
  }
}

}  // namespace
}  // namespace surd::analysis
