#include "analysis/report/table.hpp"

#include <catch2/catch.hpp>

namespace surd::analysis {
namespace {

const ResultTable sample_table = {
    .columns = {{.key = "task",
                 .title = "task",
                 .heading = "task",
                 .left = true,
                 .part = Part::names,
                 .means = "a \"name\""},
                {.key = "alpha",
                 .title = "alpha",
                 .heading = "&alpha;",
                 .format = Format::two_digits,
                 .means = "slope"},
                {.key = "alpha_{}_wide", .title = "95 %", .means = "interval"},
                {.title = "width",
                 .heading = "width",
                 .format = Format::three_that_count,
                 .part = Part::details,
                 .means = "needed"},
                {.key = "seeds", .csv = false, .means = "all"},
                {.key = "lengths", .title = "lengths", .means = "fitted"},
                {.key = "reason", .where_it_has = true, .means = "why"}},
    .rows = {{"a <b>", Strong{-1.25}, law::Interval{-2.0, std::nullopt},
              Estimate{12, {8.0, std::nullopt}}, std::int64_t{3}, Lengths{16, 24.5}, Value()},
             {"\"c\"", Value(), Value(), Value(), std::int64_t{0}, Lengths{}, "none, yet"}}};

TEST_CASE("a table for a terminal: words of the columns with a title, in two parts with names") {
  CHECK(for_terminal(sample_table) ==
        "task   alpha  95 %           lengths\n"
        "a <b>  -1.25  [-2.00, open)  2\n"
        "\"c\"    -      -              0\n");
  CHECK(for_terminal(sample_table, Part::details) ==
        "task   width\n"
        "a <b>  12.0 [8.00, open)\n"
        "\"c\"    -\n");
  CHECK(for_terminal({.columns = sample_table.columns, .rows = {}}).empty());
  CHECK(lines_of(sample_table).front() ==
        Lines{{"task", "alpha", "95 %", "width", "lengths"}}.front());
}

TEST_CASE(
    "a table for the page: escaped names, numbers at the right with true minus signs, strong ones "
    "bold, meanings above the headings") {
  CHECK(for_page(sample_table) ==
        "<div class=\"scroll\"><table>\n"
        "<tr><th title=\"a &quot;name&quot;\">task</th><th class=\"number\" "
        "title=\"slope\">&alpha;</th><th class=\"number\" title=\"needed\">width</th></tr>\n"
        "<tr><td>a &lt;b&gt;</td><td class=\"number\"><b>\u22121.25</b></td><td "
        "class=\"number\">12.0 [8.00, open)</td></tr>\n"
        "<tr><td>&quot;c&quot;</td><td class=\"number\">\u2013</td><td "
        "class=\"number\">\u2013</td></tr>\n"
        "</table></div>\n");
}

TEST_CASE("a table for machines: JSON and CSV of the columns with a key") {
  CHECK(to_json(sample_table) == Json::parse(R"([
    {"task": "a <b>", "alpha": -1.25, "alpha_low_wide": -2.0, "alpha_high_wide": null, "seeds": 3, "lengths": [16, 24.5]},
    {"task": "\"c\"", "alpha": null, "alpha_low_wide": null, "alpha_high_wide": null, "seeds": 0, "lengths": [],
     "reason": "none, yet"}])"));
  CHECK(to_csv(sample_table) ==
        "task,alpha,alpha_low_wide,alpha_high_wide,lengths,reason\n"
        "\"a <b>\",-1.25,-2.0,,16 24.5,\n"
        "\"\"\"c\"\"\",,,,,\"none, yet\"\n");
}

TEST_CASE("truth, numbers with a point and no words") {
  const ResultTable few = {
      .columns = {{.key = "differs", .title = "differs", .means = "whether"},
                  {.key = "accuracies", .title = "seeds", .csv = false, .means = "of seeds"},
                  {.key = "length", .means = "of a cell"},
                  {.key = "axes", .where_it_has = true, .means = "further"}},
      .rows = {{true, Numbers{{1, 0.5}}, 16.0, ""}, {false, Numbers{}, 24.5, "depth=2"}}};
  CHECK(lines_of(few) == Lines{{"differs", "seeds"}, {"yes", "2"}, {"no", "0"}});
  CHECK(to_json(few).dump() ==
        R"([{"accuracies":[1.0,0.5],"differs":true,"length":16.0},)"
        R"({"accuracies":[],"axes":"depth=2","differs":false,"length":24.5}])");
  CHECK(to_csv(few) == "differs,length,axes\n1,16.0,\"\"\n0,24.5,\"depth=2\"\n");
  CHECK(to_csv(few, Whole::without_point) ==
        "differs,length,axes\n1,16,\"\"\n0,24.5,\"depth=2\"\n");
}

}  // namespace
}  // namespace surd::analysis
