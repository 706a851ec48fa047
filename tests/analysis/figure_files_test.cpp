#include "analysis/report/figure_files.hpp"

#include <unistd.h>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "analysis/input/csv.hpp"
#include "analysis/input/source.hpp"
#include "analysis/report/palette.hpp"
#include "analysis/report/svg.hpp"
#include "analysis/support.hpp"
#include "base/files.hpp"
#include "folder.hpp"
#include "law/thresholds.hpp"

namespace surd::analysis {
namespace {

using test::data;

using Tree = boost::property_tree::ptree;

// Throws where it is no well-formed XML.
Tree parsed(const std::string& svg) {
  std::istringstream stream(svg);
  Tree tree;
  boost::property_tree::read_xml(stream, tree);
  return tree.get_child("svg");
}

// Of an input: its findings, which the figures point into, and their files.
struct DrawnFiles {
  Input input;
  Findings findings = fit_what_there_is(input, {});
  Figures all = figures(input, findings);
  std::map<std::string, std::string> files = files_of(all);

  static std::map<std::string, std::string> files_of(const Figures& figures) {
    const auto list = figure_files(figures);
    std::map<std::string, std::string> files(list.begin(), list.end());
    CHECK(files.size() == list.size());  // no name twice
    return files;
  }
};

std::vector<std::pair<double, double>> points_of(const Tree& line) {
  std::vector<std::pair<double, double>> points;
  std::istringstream stream(line.get<std::string>("<xmlattr>.points"));
  char comma = 0;
  for (double x = 0, y = 0; stream >> x >> comma >> y;) points.emplace_back(x, y);
  return points;
}

TEST_CASE(
    "every figure of Figure 1 is a file of its own, well-formed and without script or outside "
    "address") {
  const DrawnFiles drawn{read_input(data / "figure1.csv")};
  const auto& files = drawn.files;
  std::set<std::string> names;
  for (const auto& [name, svg] : files) {
    CAPTURE(name);
    names.insert(name);
    const Tree tree = parsed(svg);
    CHECK(tree.get<double>("<xmlattr>.width") > 300);
    CHECK(svg.find("script") == std::string::npos);
    CHECK(svg.find("href") == std::string::npos);
    CHECK(svg.find("nan") == std::string::npos);
    CHECK(svg.find("inf") == std::string::npos);
  }
  for (const char* name :
       {"exponents.svg", "differences.svg", "arithmetic-standard-accuracy.svg",
        "lis-sparse-accuracy.svg", "edit_distance-thresholds.svg", "edit_distance-profile.svg"}) {
    CAPTURE(name);
    CHECK(names.contains(name));
  }
}

TEST_CASE("a heat map's file has every cell with its accuracy in words and colour") {
  const DrawnFiles drawn{read_input(data / "figure1.csv")};
  for (const Figures::OfGroup& group : drawn.all.groups) {
    for (const Figure& map : group.maps) {
      CAPTURE(map.file);
      const Tree tree = parsed(drawn.files.at(map.file + ".svg"));
      std::map<std::string, std::string> fills;  // of the cells, by what they say
      for (const auto& [tag, child] : tree) {
        if (tag == "rect" && child.count("title") > 0) {
          fills[child.get<std::string>("title")] = child.get<std::string>("<xmlattr>.fill");
        }
      }
      const std::vector<HeatCell>& cells = map.columns[0].panels[0].cells;
      CHECK(fills.size() == cells.size());
      for (const HeatCell& cell : cells) {
        REQUIRE(fills.contains(cell.hover));
        CHECK(fills[cell.hover] == colour_of(*cell.share));
        if (*cell.share == 1) CHECK(fills[cell.hover] == "#0b1f5c");
        if (*cell.share == 0) CHECK(fills[cell.hover] == "#fffbe0");
      }
    }
  }
}

TEST_CASE(
    "a fitted power law is a straight line in the thresholds' file, through the places that the "
    "axes name") {
  const DrawnFiles drawn{read_input(data / "figure1.csv")};
  const Tree tree = parsed(drawn.files.at("arithmetic-thresholds.svg"));
  const Finding& linear = *drawn.all.groups[0].group.series[1].finding;
  std::map<std::string, std::pair<double, double>> ticks;
  std::vector<std::vector<std::pair<double, double>>> lines;
  for (const auto& [tag, child] : tree) {
    if (tag == "text")
      ticks[child.data()] = {child.get<double>("<xmlattr>.x"), child.get<double>("<xmlattr>.y")};
    if (tag == "polyline" && points_of(child).size() > 20) lines.push_back(points_of(child));
  }
  REQUIRE(lines.size() == 3);  // standard, linear, sparse
  const auto& line = lines[1];
  const double slope =
      (line.back().second - line.front().second) / (line.back().first - line.front().first);
  for (const auto& [x, y] : line)
    CHECK(y == Approx(line.front().second + slope * (x - line.front().first)).margin(0.02));
  CHECK(line.front().first == Approx(ticks.at("87").first).margin(0.02));
  CHECK(line.back().first == Approx(ticks.at("505").first).margin(0.02));
  // The width at the first length, between the ticks of two widths that were run.
  const double per_e = (ticks.at("512").second - ticks.at("128").second) / std::log(512.0 / 128);
  const double expected =
      ticks.at("128").second - 4 +
      per_e * std::log(*law::predict(linear.series.cells, {}, linear.fit, 87).width / 128);
  CHECK(line.front().second == Approx(expected).margin(0.05));
}

TEST_CASE(
    "the forest file's bars reach from end to end of each interval, with the exponent inside") {
  const DrawnFiles drawn{read_input(data / "figure1.csv")};
  for (const char* name : {"exponents.svg", "differences.svg"}) {
    const Tree tree = parsed(drawn.files.at(name));
    std::map<double, std::vector<double>> thin, thick;  // height -> ends
    for (const auto& [tag, child] : tree) {
      if (tag != "polyline") continue;
      const auto width = child.get<double>("<xmlattr>.stroke-width");
      const auto points = points_of(child);
      if (points.front().second != points.back().second) continue;  // a tick below a bar
      for (const auto& [x, y] : points) {
        if (width == 1.5) thin[y].push_back(x);
        if (width == 4) thick[y].push_back(x);
      }
    }
    CHECK(thin.size() == thick.size());
    CHECK(thin.size() >= 3);
    for (const auto& [y, ends] : thick) {
      REQUIRE(thin.contains(y));
      CHECK(thin[y][0] <= ends[0]);
      CHECK(thin[y][1] >= ends[1]);
    }
  }
}

TEST_CASE(
    "marks tell what did not run, and hostile names stay text and become harmless file names") {
  const std::string evil = "../</svg><script>\"&";
  std::string quoted;
  for (const char c : evil) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  const std::string start = "\"" + quoted + "\",\"" + quoted + "\",";
  const std::string text =
      "task,architecture,length,hidden,seed,learning_rate,accuracy_validation,accuracy_test,"
      "status\n" +
      start + "16,4,1,0.1,0.2,0.2,finished\n" + start + "16,8,1,0.1,1,1,finished\n" + start +
      "16,16,1,0.1,0,0,skipped\n" + start + "16,32,1,0.1,0,0,failed\n" + start +
      "16,64,1,0.1,0,0,missing\n";
  const DrawnFiles drawn{input_from_csv(parse_csv(text, "small.csv"))};
  const auto& files = drawn.files;
  for (const auto& [name, svg] : files) {
    UNSCOPED_INFO(name);
    CHECK(name.find_first_of("/<>&\"") == std::string::npos);
    CHECK(name.front() != '.');
    CHECK(svg.find("<script") == std::string::npos);
    CHECK_NOTHROW(parsed(svg));
  }
  REQUIRE(files.contains("svg-script-..-svg-script-accuracy.svg"));
  const std::string& map = files.at("svg-script-..-svg-script-accuracy.svg");
  for (const char* words :
       {">\u2013<", ">\u00d7<", ">?<", "\u2013 skipped", "\u00d7 failed", "? not run yet"}) {
    CAPTURE(words);
    CHECK(map.find(words) != std::string::npos);
  }
}

TEST_CASE(
    "two series with the same file name get a number, and the files are written into a new "
    "folder") {
  const std::string text =
      "task,architecture,length,hidden,seeds,solved\nlookup,a b,16,4,4,1\nlookup,a "
      "b,16,8,4,4\nlookup,a/b,16,4,4,1\nlookup,a/b,16,8,4,4\n";
  const DrawnFiles drawn{input_from_csv(parse_csv(text, "small.csv"))};
  const auto& files = drawn.files;
  CHECK(files.contains("lookup-a-b-accuracy.svg"));
  CHECK(files.contains("lookup-a-b-accuracy-2.svg"));
  const surd::test::Folder folder;
  const auto paths = write_figure_files(folder / "deep", drawn.all);
  CHECK(paths.size() == files.size());
  for (const auto& path : paths) CHECK(files.contains(path.filename()));
  for (const auto& [name, svg] : files) CHECK(read_file(folder / "deep" / name) == svg);
  write_file_atomically(folder / "file", "x");
  CHECK_THROWS_WITH(write_figure_files(folder / "file" / "x", drawn.all),
                    Catch::Matchers::Contains("cannot make the folder"));
}

TEST_CASE("shapes of a drawing are what they are called") {
  Svg svg(100, 50);
  svg.line(1, 2, 3.456, 4, {.colour = "#ff0000", .width = 2, .dash = "3,4"});
  svg.text(10, 20, "a < b & c", {.size = 9, .anchor = Anchor::end, .bold = true, .upwards = true});
  for (const char* shape :
       {"circle", "square", "diamond", "cross", "x", "star", "up", "down", "left", "right", "tick"})
    svg.mark(shape, 50, 25, 10, "#00ff00");
  const std::string text = svg.finished();
  const Tree tree = parsed(text);
  CHECK(tree.get<std::string>("polyline.<xmlattr>.points") == "1,2 3.46,4");
  CHECK(tree.get<std::string>("polyline.<xmlattr>.stroke-dasharray") == "3,4");
  CHECK(tree.get<std::string>("text") == "a < b & c");
  CHECK(tree.get<std::string>("text.<xmlattr>.transform") == "rotate(-90 10 20)");
  CHECK(tree.count("circle") == 1);
  CHECK(tree.count("rect") == 2);      // the paper and the square
  CHECK(tree.count("polygon") == 6);   // diamond, star, up, down, left, right
  CHECK(tree.count("polyline") == 6);  // the line, two each of cross and x, the tick
}

}  // namespace
}  // namespace surd::analysis
