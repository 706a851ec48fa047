// Curves at several budgets: the exponent at each beside the one that remains, in every output.
#include "analysis/findings/budgets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "all_text.hpp"
#include "analysis/input/source.hpp"
#include "analysis/report/all_tables.hpp"
#include "analysis/report/budgets_output.hpp"
#include "analysis/report/figures/figures.hpp"
#include "analysis/support.hpp"
#include "base/files.hpp"

namespace surd::analysis {
namespace {

struct BudgetColumn {
  std::string axes;      // fields of the further columns
  double multiple = 1;   // of the steps
  double shortest = 16;  // lengths from here
};

// Widths needed are 8 sqrt(L) (1 + (S0 / S)^2), S0 = L / `reach`; all seeds of a cell agree.
std::string counts_at(const std::string& header, const std::vector<BudgetColumn>& budgets,
                      double reach) {
  std::string text = "task,architecture,length,hidden,seeds,solved," + header + "\n";
  for (const BudgetColumn& budget : budgets) {
    for (double length = budget.shortest; length <= 256; length *= 2) {
      const double needed =
          8 * std::sqrt(length) * (1 + std::pow(length / reach / budget.multiple, 2));
      for (double width = 8; width <= 4096; width *= 1.5) {
        text += fmt::format("lookup,linear,{},{},3,{},{}\n", length, std::round(width),
                            width > needed ? 3 : 0, budget.axes);
      }
    }
  }
  return text;
}

Findings fit_of_csv(const std::string& text) { return fit_what_there_is(test::csv(text), {}); }

TEST_CASE("budgets of a study: alpha at each, what remains, and never the latter alone") {
  const Findings findings =
      fit_of_csv(counts_at("recipe.budgets", {{"1", 1}, {"2", 2}, {"4", 4}}, 128));
  REQUIRE(findings.budgets.size() == 1);
  const BudgetCurve& curve = findings.budgets.front();
  CHECK(curve.budget_key == "recipe.budgets");
  CHECK(curve.axes.empty());
  CHECK(curve.fit.budgets == std::vector<double>{1, 2, 4});
  REQUIRE(curve.fit.alpha);
  CHECK(*curve.fit.alpha == Approx(0.5).margin(0.1));
  CHECK(*curve.fit.fits.front().alpha > 0.7);
  CHECK(curve.fit.fits.front().alpha == findings.fits.front().fit.alpha);

  const std::string text = to_text(findings, Detail::main);
  for (const char* words : {"\nAlpha against the budget, recipe.budgets:\n", "remains",
                            "lookup linear: the exponent that remains"}) {
    CAPTURE(words);
    CHECK(text.find(words) != std::string::npos);
  }
  const Json rows = to_json(findings)["budgets"];
  REQUIRE(rows.size() == 4);
  CHECK(rows[0]["budget"] == 1);
  CHECK(rows[0]["alpha"] == *curve.fit.fits.front().alpha);
  CHECK_FALSE(rows[0].contains("too_short"));
  CHECK(rows[3]["budget"].is_null());
  CHECK(rows[3]["alpha"] == *curve.fit.alpha);
  CHECK(rows[3]["too_short"] == !curve.fit.tells());
  CHECK(rows[3]["words"] == curve.fit.words);
  const auto tables = all_tables(findings);
  const auto file = std::ranges::find(tables, "budgets", [](const auto& one) { return one.first; });
  REQUIRE(file != tables.end());
  CHECK(file->second.rows.size() == 4);
  CHECK(to_latex(findings).find("remains") != std::string::npos);
}

TEST_CASE(
    "the figure of the budgets has each exponent with its interval and the one that remains") {
  const Input input = test::csv(counts_at("recipe.budgets", {{"1", 1}, {"2", 2}, {"4", 4}}, 128));
  const Findings findings = fit_what_there_is(input, {});
  const Figures all = figures(input, findings);
  REQUIRE(all.budgets.size() == 1);
  const Json panel = to_json(all.budgets.front())["columns"][0]["panels"][0];
  const law::BudgetFit& fit = findings.budgets.front().fit;
  for (const Json& series : panel["series"]) {
    const bool is_line = series["kind"] == "line";
    const std::size_t points = is_line ? 3 : 4;
    REQUIRE(series["y"].size() == points);
    for (std::size_t i = 0; i < 3; ++i) CHECK(series["y"][i] == *fit.fits[i].alpha);
    if (is_line) continue;
    CHECK(series["x"] == Json::array({1.0, 2.0, 4.0, 8.0}));
    CHECK(series["y"][3] == *fit.alpha);
    if (series["kind"] == "upright") CHECK(series["low"][3] == *fit.interval.low);
  }
  CHECK(panel["series"].size() == 3);
}

TEST_CASE("the page on reading the fit shows the budgets as they are printed") {
  const Findings findings = fit_what_there_is(read_input(test::data / "budgets.csv"), {});
  const std::string page = read_file(std::string(SURD_SOURCE_DIR) + "/docs/reading-the-fit.md");
  CHECK(page.find(budgets_text(findings)) != std::string::npos);
}

TEST_CASE("budgets that are too short say so in the text") {
  const Findings findings =
      fit_of_csv(counts_at("recipe.budgets", {{"1", 1}, {"2", 2}, {"4", 4}}, 16));
  REQUIRE(findings.budgets.size() == 1);
  CHECK_FALSE(findings.budgets.front().fit.tells());
  CHECK(all_text(findings).find("lookup linear: the budgets are too short to tell which exponent "
                                "remains") != std::string::npos);
}

TEST_CASE("steps that all lengths share are budgets, with other axes beside them") {
  const Findings findings =
      fit_of_csv(counts_at("model.layers,recipe.steps",
                           {{"1,500", 1}, {"1,1000", 2}, {"2,500", 1}, {"2,1000", 2}}, 128));
  REQUIRE(findings.budgets.size() == 2);
  CHECK(findings.budgets[0].budget_key == "recipe.steps");
  CHECK(findings.budgets[0].axes == "model.layers=1");
  CHECK(findings.budgets[1].axes == "model.layers=2");
  CHECK(findings.budgets[1].fit.budgets == std::vector<double>{500, 1000});
}

TEST_CASE("steps of each length alone, one budget and words are no budgets") {
  const auto none = [](const std::string& text) {
    const Findings findings = fit_of_csv(text);
    CHECK(findings.budgets.empty());
    CHECK_FALSE(to_json(findings).contains("budgets"));
    CHECK(all_text(findings).find("Alpha against the budget") == std::string::npos);
  };
  none(counts_at("recipe.budgets", {{"1", 1}}, 128));
  none(counts_at("recipe.budgets", {{"few", 1}, {"many", 2}}, 128));
  none(
      "task,architecture,length,hidden,seeds,solved,recipe.steps\n"
      "t,linear,16,8,3,0,100\nt,linear,16,16,3,3,100\n"
      "t,linear,32,8,3,0,200\nt,linear,32,16,3,3,200\n");
}

TEST_CASE("a curve without an exponent at the largest budget gives its reason") {
  const Findings findings = fit_of_csv(counts_at("recipe.budgets", {{"1", 1}, {"2", 2, 256}}, 128));
  REQUIRE(findings.budgets.size() == 1);
  CHECK_FALSE(findings.budgets.front().fit.alpha);
  const Json rows = to_json(findings)["budgets"];
  REQUIRE(rows.size() == 3);
  CHECK(rows[2]["alpha"].is_null());
  CHECK(rows[2]["reason"].get<std::string>().starts_with("there is no exponent at the largest"));
}

}  // namespace
}  // namespace surd::analysis
