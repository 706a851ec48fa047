// What fit and report hand to other programs: tidy tables, LaTeX, the plain page; each against the
// findings, or the JSON.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <regex>
#include <set>
#include <sstream>

#include "analysis/input/source.hpp"
#include "analysis/report/all_tables.hpp"
#include "analysis/report/figure_svg.hpp"
#include "analysis/report/figures/figures.hpp"
#include "analysis/report/fit_output.hpp"
#include "analysis/report/latex.hpp"
#include "analysis/report/page.hpp"
#include "analysis/report/text.hpp"
#include "analysis/support.hpp"
#include "base/files.hpp"
#include "folder.hpp"
#include "law/thresholds.hpp"

namespace surd::analysis {
namespace {

using test::data;

Findings findings_in(const std::string& name, const Choices& choices = {}) {
  return fit_everything(read_input(data / (name + ".csv")), choices);
}

Json number(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

TEST_CASE("the thresholds in JSON are the free thresholds of each curve beside its law") {
  const Findings findings = findings_in("quickstart");
  const Json rows = to_json(findings)["thresholds"];
  std::size_t at = 0;
  for (const Finding& finding : findings.fits) {
    for (const law::Point& point : law::free_thresholds(finding.series.cells)) {
      const Json& row = rows.at(at++);
      CAPTURE(row.dump());
      CHECK(row["architecture"] == finding.series.architecture);
      CHECK(row["length"] == point.length);
      CHECK(row["threshold"] == number(point.width));
      CHECK(row["threshold_low"] == number(point.interval.low));
      CHECK(row["threshold_high"] == number(point.interval.high));
      CHECK(row["by_law"].get<double>() ==
            Approx(*law::predict(finding.series.cells, {}, finding.fit, point.length).width));
    }
  }
  CHECK(rows.size() == at);
}

TEST_CASE("a length where no seed is solved has no threshold but the largest width that was run") {
  std::size_t found = 0;
  const Json all = to_json(fit_everything(read_input("figure1"), {}));
  for (const Json& row : all["thresholds"]) {
    const bool unsolved =
        row["architecture"] == "sparse" && (row["task"] == "lis" || (row["length"] == 506));
    CAPTURE(row.dump());
    CHECK(row["threshold"].is_null() == unsolved);
    CHECK(row["unsolved_to"] == (unsolved ? Json(1024.0) : Json(nullptr)));
    CHECK(row["solved_from"].is_null());
    CHECK(row["by_law"].is_null() == (row["task"] == "lis" && row["architecture"] == "sparse"));
    found += unsolved ? 1 : 0;
  }
  CHECK(found == 5);
  // Every width solves the shorter length, none the longer.
  const Json rows = to_json(fit_what_there_is(
      test::csv("task,architecture,length,hidden,seeds,solved\nt,a,16,8,2,2\nt,a,16,4,2,2\n"
                "t,a,32,4,2,0\nt,a,32,8,2,0\n"),
      {}))["thresholds"];
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["solved_from"] == 4);
  CHECK(rows[0]["unsolved_to"].is_null());
  CHECK(rows[1]["solved_from"].is_null());
  CHECK(rows[1]["unsolved_to"] == 8);
}

TEST_CASE("the cells in JSON count every seed, beside the chance that the fitted law gives") {
  for (const std::string name : {"figure1", "reference_counts", "quickstart"}) {
    const Findings findings = findings_in(name);
    const Json rows = to_json(findings)["cells"];
    std::size_t at = 0;
    for (const Finding& finding : findings.fits) {
      const law::Likelihood likelihood = law::power_law(finding.series.cells, {});
      for (std::size_t i = 0; i < finding.series.cells.size(); ++i) {
        const law::Cell& cell = finding.series.cells[i];
        const Json& row = rows.at(at++);
        CAPTURE(row.dump());
        CHECK(row["length"] == cell.length);
        CHECK(row["hidden"] == cell.hidden);
        CHECK(row["seeds"] == cell.seeds);
        CHECK(row["solved"] == cell.solved);
        CHECK(row["share"] == static_cast<double>(cell.solved) / cell.seeds);
        CHECK(row["share_low"] <= row["share"]);
        CHECK(row["share_high"] >= row["share"]);
        CHECK(row["by_law"].is_null() == !finding.fit.alpha);
        if (finding.fit.alpha)
          CHECK(row["by_law"].get<double>() ==
                Approx(likelihood.probability(finding.fit.optimum.theta, static_cast<int>(i)))
                    .margin(1e-9));
      }
    }
    CHECK(rows.size() == at);
  }
}

TEST_CASE("the width ratio at a named length is that of the two laws, and its interval holds it") {
  const Findings findings = findings_in("quickstart", {.at = {16, 64}});
  const Json json = to_json(findings);
  const Json& rows = json["width_ratios"];
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["length"] == 16);
  CHECK(rows[1]["length"] == 64);
  CHECK(rows[1]["width_ratio"] == json["contrasts"][0]["width_ratio"]);
  CHECK(rows[1]["width_ratio_low"] == json["contrasts"][0]["width_ratio_low"]);
  CHECK(rows[0]["width_ratio_low"] < rows[0]["width_ratio"]);
  CHECK(rows[0]["width_ratio_high"] > rows[0]["width_ratio"]);
  // Both ratios lie on one line of slope delta alpha.
  const double slope =
      std::log(rows[1]["width_ratio"].get<double>() / rows[0]["width_ratio"].get<double>()) /
      std::log(64.0 / 16);
  CHECK(slope == Approx(json["contrasts"][0]["delta_alpha"].get<double>()).epsilon(1e-6));
  CHECK(to_text(findings, Detail::main).find("at the lengths of --at") != std::string::npos);
  CHECK(to_text(findings_in("quickstart"), Detail::all).find("--at") == std::string::npos);
  try {
    findings_in("quickstart", {.at = {17}});
    FAIL("a length that was not run");
  } catch (const InputError& error) {
    const std::string words = error.what();
    CHECK(words.find("length 17 was not run") != std::string::npos);
    CHECK(words.find("16, 24, 32, 48, 64") != std::string::npos);
  }
}

std::vector<std::string> csv_fields(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
  return fields;
}

TEST_CASE("every list of the JSON is a file of --csv-dir with its members as columns") {
  const test::Folder folder;
  const Findings findings = findings_in("quickstart", {.at = {16}});
  write_all_tables(folder / "new" / "tables", findings);
  const Json json = to_json(findings);
  const std::vector<std::pair<std::string, Json>> lists = {
      {"exponents", json["fits"]},
      {"contrasts", json["contrasts"]},
      {"width_ratios", json["width_ratios"]},
      {"thresholds", json["thresholds"]},
      {"cells", json["cells"]},
      {"held_out", json["held_out"]},
      {"unused", json["unused"]},
      {"laws", json["laws"][0]["laws"]},
      {"offsets", Json::array({json["laws"][0]["offset"]})},
      {"compute", Json::array({json["compute"][0]["forward"]})},
      {"sensitivity_tau", json["sensitivity"]["tau"]},
      {"sensitivity_rate", json["sensitivity"]["learning_rate"]}};
  for (const auto& [name, list] : lists) {
    CAPTURE(name);
    std::istringstream lines(read_file(folder / "new" / "tables" / (name + ".csv")));
    std::string header;
    REQUIRE(std::getline(lines, header));
    const std::vector<std::string> columns = csv_fields(header);
    CHECK(std::set<std::string>(columns.begin(), columns.end()).size() == columns.size());
    for (const Json& row : list) {
      for (const auto& [key, value] : row.items()) {
        CAPTURE(key);
        CHECK(std::ranges::count(columns, key) == 1);
      }
    }
    const bool whole = name != "laws" && name != "offsets" && name != "compute";
    std::size_t rows = 0;
    for (std::string line; std::getline(lines, line);) ++rows;
    if (whole) CHECK(rows == list.size());
    if (!whole) CHECK(rows >= findings.fits.size());
  }
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator(folder / "new" / "tables"))
    ++files;
  CHECK(files == all_tables(findings).size());
  CHECK(read_file(folder / "new" / "tables" / "cells.csv")
            .starts_with("task,architecture,axes,length,hidden,seeds,solved,share,share_low,"
                         "share_high,by_law\n\"lookup\",\"linear\",,16,"));
}

TEST_CASE("LaTeX: numbers in math mode, words escaped, a row a curve") {
  CHECK(latex_words("a_b & 50 % {x} #1 $ ^ ~ \\") ==
        "a\\_b \\& 50 \\% \\{x\\} \\#1 \\$ \\textasciicircum{} \\textasciitilde{} "
        "\\textbackslash{}");
  const ResultTable table = {
      .columns = {{.title = "task", .part = Part::names, .means = "a"},
                  {.title = "alpha", .format = Format::two_digits, .means = "b"},
                  {.title = "95 %", .means = "c"},
                  {.title = "kappa", .part = Part::details, .means = "d"},
                  {.key = "for_machines", .means = "e"}},
      .rows = {{"edit_distance", -0.5, law::Interval{.low = -1.0, .high = {}}, 3.0, 1.0},
               {"lis", Value(), Value(), 3.0, 1.0}}};
  CHECK(for_latex(table) ==
        "\\begin{tabular}{lrr}\n\\toprule\ntask & $\\alpha$ & 95\\,\\% \\\\\n\\midrule\n"
        "edit\\_distance & $-0.50$ & $[-1.00, \\mathrm{open})$ \\\\\nlis & -- & -- \\\\\n"
        "\\bottomrule\n\\end{tabular}\n");
  CHECK(for_latex({.columns = table.columns, .rows = {}}).empty());
  const Findings findings = findings_in("quickstart");
  const std::string both = to_latex(findings);
  CHECK(both.find("lookup & linear & $1.04$ & $[0.67, 1.46]$") != std::string::npos);
  const law::Contrast& contrast = findings.contrasts[0].contrast;
  CHECK(both.find(fmt::format("lookup & linear & ${}$ & ${}$", with_sign(*contrast.delta, 2),
                              text(contrast.interval))) != std::string::npos);
}

TEST_CASE("the success figure has every cell and the law's curve") {
  const Input input = read_input(data / "figure1.csv");
  const Findings findings = fit_what_there_is(input, {});
  const Figures all = figures(input, findings);
  const Json cells = to_json(findings)["cells"];
  REQUIRE(all.success.columns.size() == 3);
  std::size_t marks = 0;
  std::size_t curves = 0;
  for (std::size_t column = 0; column < 3; ++column) {
    REQUIRE(all.success.columns[column].panels.size() == 3);
    for (std::size_t row = 0; row < 3; ++row) {
      const Panel& panel = all.success.columns[column].panels[row];
      const Group& group = all.groups[row].group;
      const Finding& finding = *group.series[column].finding;
      CHECK(all.success.columns[column].title == finding.series.architecture);
      for (const Series& series : panel.series) {
        if (series.kind == Kind::line) ++curves;
        for (const Point& point : series.points) {
          if (series.kind == Kind::line) {
            CHECK(*point.y > 0);
            CHECK(*point.y < 1);
          }
          if (series.kind != Kind::marks) continue;
          ++marks;
          const auto same = std::count_if(cells.begin(), cells.end(), [&](const Json& cell) {
            return cell["task"] == group.task &&
                   cell["architecture"] == finding.series.architecture &&
                   cell["hidden"] == point.x && cell["share"] == *point.y;
          });
          CHECK(same > 0);
        }
      }
    }
  }
  CHECK(marks == cells.size());  // of no more lengths than a panel shows
  CHECK(curves > 10);
}

TEST_CASE("the plain page is small, without script, and says the same numbers") {
  for (const std::string name : {"figure1", "quickstart", "reference_counts"}) {
    CAPTURE(name);
    const Input input = read_input(data / (name + ".csv"));
    const Findings findings = fit_what_there_is(input, {});
    const Figures all = figures(input, findings);
    const Origin origin{
        .run = {}, .training = {}, .command = "surd-fit report", .written = "now", .file_time = ""};
    const std::string plain = page(input, findings, all, origin, analysis::Drawn::svg);
    const std::string whole = page(input, findings, all, origin);
    CHECK(plain.size() < 400'000);
    CHECK(plain.find("<script") == std::string::npos);
    CHECK(plain.find("script-src") == std::string::npos);
    CHECK(plain.find("too large for a page") == std::string::npos);
    // Tables and verdicts to the letter.
    const std::regex row("<tr>.*</tr>|<p class=\"(alpha|verdict|against)\">.*</p>");
    std::size_t rows = 0;
    const std::string words = whole.substr(0, whole.find("<script id=\"plotly\">"));
    for (std::sregex_iterator one(words.begin(), words.end(), row), end; one != end; ++one) {
      ++rows;
      CHECK(plain.find(one->str()) != std::string::npos);
    }
    CHECK(rows > 5);
    // Each figure once, with names of its own inside.
    std::set<std::string> names;
    const std::regex clip("<clipPath id=\"([^\"]*)\"");
    std::size_t clips = 0;
    for (std::sregex_iterator one(plain.begin(), plain.end(), clip), end; one != end; ++one) {
      names.insert((*one)[1]);
      ++clips;
    }
    CHECK(clips > 0);
    CHECK(names.size() == clips);
  }
}

TEST_CASE("a figure for a paper is as wide as its column, without a title inside") {
  const Input input = read_input(data / "figure1.csv");
  const Findings findings = fit_what_there_is(input, {});
  const Figures all = figures(input, findings);
  for (const auto& [width_in, words] :
       {std::pair(3.25, "width=\"3.25in\""), {6.75, "width=\"6.75in\""}}) {
    for (const Figure* figure : {&all.success, &all.exponents, &all.groups[0].thresholds}) {
      const std::string svg = to_svg(*figure, {.titled = false, .width_in = width_in});
      CHECK(svg.find(words) != std::string::npos);
      CHECK(svg.find("font-weight=\"bold\">" + figure->title + "<") == std::string::npos);
      CHECK(svg.find("<title>" + escaped(figure->title)) != std::string::npos);
    }
  }
  CHECK(to_svg(all.exponents).find("font-weight=\"bold\">Exponents<") != std::string::npos);
  CHECK(caption_of(all.groups[0].thresholds) ==
        "Threshold width; arithmetic; bars and bands: 95 %");
}

}  // namespace
}  // namespace surd::analysis
