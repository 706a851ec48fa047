#include "analysis/report/compare_output.hpp"

#include <fmt/format.h>

#include <functional>
#include <set>

#include "analysis/input/scale.hpp"
#include "analysis/report/columns.hpp"
#include "analysis/report/explain.hpp"

namespace surd::analysis {
namespace {

constexpr Both<const char*> suffixes = {"_a", "_b"};

struct CellRow {
  const ComparedSeries& series;
  const ComparedCell& cell;
};

constexpr const char* accuracy_meaning = "on the test, the median of the cell's seeds";

std::vector<TableColumnOf<CellResult>> result_columns(const std::string& suffix) {
  using R = const CellResult&;
  return {
      {{.key = "seeds" + suffix, .means = "seeds of the cell, as counted in the fit"},
       [](R r) { return r.seeds; }},
      {{.key = "solved" + suffix, .means = "of these, solved"}, [](R r) { return r.solved; }},
      {{.key = "accuracy" + suffix, .means = accuracy_meaning},
       [](R r) { return value_of(r.median()); }},
      {{.key = "accuracies" + suffix, .csv = false, .means = "on the test, of each seed"},
       [](R r) { return Numbers{r.accuracies}; }},
  };
}

std::vector<TableColumnOf<CellRow>> cell_columns() {
  using C = const CellRow&;
  auto columns = named<CellRow>([](C c) -> const ComparedSeries& { return c.series; });
  columns.back().value = [](C c) { return c.series.axes; };  // in CSV also where there are none
  columns.push_back(
      {{.key = "length", .title = "L", .means = "of the cell"}, [](C c) { return c.cell.length; }});
  columns.push_back({{.key = "hidden", .title = "width", .means = "of the cell's models"},
                     [](C c) { return c.cell.hidden; }});
  const auto result = [](int side) {
    return [side](C c) -> const CellResult& { return c.cell.results[side]; };
  };
  for (const int side : {0, 1}) append(columns, result_columns(suffixes[side]), result(side));
  for (const int side : {0, 1}) {
    columns.push_back(
        {{.title = letters[side] + std::string(" solved"), .means = "solved seeds, of all"},
         [of = result(side)](C c) { return fmt::format("{} of {}", of(c).solved, of(c).seeds); }});
  }
  for (const int side : {0, 1}) {
    columns.push_back({{.title = letters[side] + std::string(" accuracy"),
                        .format = Format::three_digits,
                        .means = accuracy_meaning},
                       [of = result(side)](C c) { return value_of(of(c).median()); }});
  }
  const Meaning p = "of Fisher's exact test that both solve the same share of seeds";
  const Meaning differs =
      "p below .05; where one of them has one seed: solved in one and not in the other";
  append<CellRow>(columns,
                  {
                      {{.title = "p", .means = p},
                       [](C c) { return c.cell.test ? rounded(c.cell.test->p, 3) : ""; }},
                      {{.key = "p", .means = p},
                       [](C c) { return c.cell.test ? Value(c.cell.test->p) : Value(); }},
                      {{.title = " ", .means = differs},  // not none, which is not shown
                       [](C c) { return c.cell.differs() ? "differs" : ""; }},
                      {{.key = "differs", .means = differs}, [](C c) { return c.cell.differs(); }},
                  });
  return columns;
}

ResultTable cell_table(const Compared& compared) {
  std::vector<CellRow> rows;
  for (const ComparedSeries& series : compared.series) {
    for (const ComparedCell& cell : series.cells) rows.push_back({series, cell});
  }
  return make_table(cell_columns(), rows);
}

std::vector<TableColumnOf<law::Fit>> fit_columns(int side) {
  const std::string alpha = std::string("alpha") + suffixes[side];
  const Meaning interval = "its 95 % interval";
  using F = const law::Fit&;
  return {
      {{.key = alpha,
        .title = std::string("alpha ") + letters[side],
        .format = Format::two_digits,
        .means = "the exponent of all cells that this input has"},
       [](F f) { return value_of(f.alpha); }},
      {{.title = "95 %", .means = interval},
       [](F f) { return f.alpha ? Value(f.interval) : Value(); }},
      {{.key = alpha + "_{}", .means = interval}, [](F f) { return f.interval; }},
      {{.key = std::string("reason") + suffixes[side],
        .where_it_has = true,
        .means = "why there is no exponent"},
       [](F f) { return f.reason; }},
  };
}

std::vector<TableColumnOf<law::Contrast>> contrast_columns() {
  const Meaning difference =
      "alpha of A less alpha of B, at the lengths that both have and bracket";
  using C = const law::Contrast&;
  return {
      {{.key = "difference", .means = difference}, [](C c) { return value_of(c.delta); }},
      {{.title = "A - B", .means = difference},
       [](C c) { return c.delta ? with_sign(*c.delta, 2) : "-"; }},
      {{.key = "difference_{}", .title = "95 %", .means = "its interval; 0 inside: none is shown"},
       [](C c) { return c.delta ? Value(c.interval) : Value(); }},
      {{.key = "lengths",
        .title = "lengths",
        .means = "that both have and bracket; the table says how many"},
       [](C c) { return Numbers{c.lengths}; }},
      {{.key = "reason", .where_it_has = true, .means = "why there is no difference"},
       [](C c) { return c.reason; }},
  };
}

ResultTable exponent_table(const Compared& compared) {
  using S = const ComparedSeries&;
  auto columns = named<ComparedSeries>(std::identity());
  for (const int side : {0, 1})
    append(columns, fit_columns(side), [side](S s) -> const law::Fit& { return s.fits[side]; });
  append(columns, contrast_columns(), &ComparedSeries::difference);
  return make_table(columns, compared.series);
}

std::string words_of_cells(const Compared& compared) {
  const std::string cells = for_terminal(cell_table(compared));
  if (cells.empty()) return "No cell is in both with the same learning rates.\n";
  return "Cells that both have (accuracy: median of the seeds on the test; p: Fisher's exact test "
         "of the solved seeds):\n" +
         cells;
}

std::string words_of_tests(const Compared& compared) {
  int untested = 0;
  int differ = 0;
  for (const ComparedSeries& series : compared.series) {
    for (const ComparedCell& cell : series.cells) {
      if (cell.test) continue;
      ++untested;
      differ += cell.differs() ? 1 : 0;
    }
  }
  std::string out;
  if (compared.tests > 0) {
    out += fmt::format(
        "  {} of {} cells with several seeds in both have p < .05; by chance alone {} would be "
        "expected{}\n",
        compared.below, compared.tests, rounded(compared.by_chance, 2),
        compared.by_chance > 0 ? "" : ": with so few seeds no p can be that small");
  }
  if (untested > 0)
    out += fmt::format(
        "  {} of {} cells with one seed in one of them are solved in one and not in the other\n",
        differ, untested);
  return out;
}

std::string words_of_exponents(const Compared& compared) {
  std::string reasons;
  for (const ComparedSeries& series : compared.series) {
    if (series.difference.delta) continue;
    reasons += fmt::format("  {} {}: no difference: {}\n", series.task,
                           full_name(series.architecture, series.axes), series.difference.reason);
  }
  return fmt::format("\nExponents{} (the difference at the lengths that both bracket):\n",
                     compared.scale == SizeScale::hidden
                         ? std::string()
                         : fmt::format(" of {}", words_of(compared.scale).unit)) +
         for_terminal(exponent_table(compared)) + reasons;
}

std::string surplus_list(const Compared& compared) {
  std::string out;
  for (const int side : {0, 1}) {
    for (const Surplus& surplus : compared.surplus[side]) {
      std::set<double> lengths, widths;
      for (const law::Cell& cell : surplus.cells)
        lengths.insert(cell.length), widths.insert(law::width_of(cell));
      out += fmt::format("  {} {}: {} cell{}", letters[side], surplus.name, surplus.cells.size(),
                         surplus.cells.size() == 1 ? "" : "s");
      if (!surplus.cells.empty())
        out += fmt::format(", L {}, widths {}", fmt::join(lengths, " "), fmt::join(widths, " "));
      out += "\n";
    }
  }
  return out.empty() ? "" : "\nOnly in one of them:\n" + out;
}

}  // namespace

std::string explain_compare() {
  const Compared none{.paths = {}, .series = {}, .surplus = {}, .notes = {}};
  return explain("surd-fit compare",
                 {{.title = "Cells that both have, a row each",
                   .machines = "cells, --csv",
                   .table = cell_table(none)},
                  {.title = "Exponents, a row a task and architecture that both have",
                   .machines = "exponents",
                   .table = exponent_table(none)}});
}

std::string table(const Compared& compared) {
  return fmt::format(
             "A: {}\nB: {}\nSolved: test accuracy {} or more, where seeds are not counted in the "
             "input\n\n",
             compared.paths[0], compared.paths[1], compared.tau) +
         words_of_cells(compared) + words_of_tests(compared) + words_of_exponents(compared) +
         surplus_list(compared);
}

Json to_json(const Compared& compared) {
  Json json = {{"format_version", 1},
               {"a", compared.paths[0]},
               {"b", compared.paths[1]},
               {"tau", compared.tau},
               {"scale", words_of(compared.scale).key},
               {"cells", to_json(cell_table(compared))},
               {"exponents", to_json(exponent_table(compared))},
               {"tests",
                {{"cells", compared.cells},
                 {"tested", compared.tests},
                 {"below_05", compared.below},
                 {"expected_by_chance", compared.by_chance}}},
               {"notes", compared.notes}};
  for (const int side : {0, 1}) {
    Json only = Json::array();
    for (const Surplus& surplus : compared.surplus[side]) {
      Json entry = {
          {"task", surplus.task}, {"architecture", surplus.architecture}, {"cells", Json::array()}};
      if (!surplus.axes.empty()) entry["axes"] = surplus.axes;
      for (const law::Cell& cell : surplus.cells)
        entry["cells"].push_back({cell.length, law::width_of(cell)});
      only.push_back(std::move(entry));
    }
    json[std::string("only") + suffixes[side]] = std::move(only);
  }
  return json;
}

std::string to_csv(const Compared& compared) {
  return to_csv(cell_table(compared), Whole::without_point);
}

}  // namespace surd::analysis
