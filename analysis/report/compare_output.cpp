#include "analysis/report/compare_output.hpp"

#include <fmt/format.h>

#include <set>

#include "analysis/report/number.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

std::string name_of(const ComparedSeries& series) { return full_name(series.architecture, series.axes); }

std::string share(const CellResult& result) { return fmt::format("{} of {}", result.solved, result.seeds); }

std::string cell_table(const Compared& compared) {
  Lines lines = {{"task", "architecture", "L", "width", "A solved", "B solved", "A accuracy", "B accuracy", "p", ""}};
  for (const ComparedSeries& series : compared.series) {
    for (const ComparedCell& cell : series.cells) {
      lines.push_back({series.task, name_of(series), fmt::format("{}", cell.length), fmt::format("{}", cell.hidden), share(cell.results[0]),
                       share(cell.results[1]), text(cell.results[0].median(), 3), text(cell.results[1].median(), 3),
                       cell.test ? rounded(cell.test->p, 3) : "", cell.differs() ? "differs" : ""});
    }
  }
  if (lines.size() == 1) return "No cell is in both with the same learning rates.\n";
  return "Cells that both have (accuracy: median of the seeds on the test; p: Fisher's exact test of the solved seeds):\n" + aligned(lines);
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
    out += fmt::format("  {} of {} cells with several seeds in both have p < .05; by chance alone {} would be expected{}\n", compared.below,
                       compared.tests, rounded(compared.by_chance, 2), compared.by_chance > 0 ? "" : ": with so few seeds no p can be that small");
  }
  if (untested > 0) out += fmt::format("  {} of {} cells with one seed in one of them are solved in one and not in the other\n", differ, untested);
  return out;
}

std::string exponent_table(const Compared& compared) {
  Lines lines = {{"task", "architecture", "alpha A", "95 %", "alpha B", "95 %", "A - B", "95 %", "lengths"}};
  std::string reasons;
  const auto interval = [](const law::Fit& fit) { return fit.alpha ? text(fit.interval) : "-"; };
  for (const ComparedSeries& series : compared.series) {
    const law::Contrast& difference = series.difference;
    lines.push_back({series.task, name_of(series), text(series.fits[0].alpha, 2), interval(series.fits[0]), text(series.fits[1].alpha, 2),
                     interval(series.fits[1]), difference.delta ? with_sign(*difference.delta, 2) : "-",
                     difference.delta ? text(difference.interval) : "-", std::to_string(difference.lengths.size())});
    if (!difference.delta) reasons += fmt::format("  {} {}: no difference: {}\n", series.task, name_of(series), difference.reason);
  }
  return "\nExponents (the difference at the lengths that both have):\n" + aligned(lines) + reasons;
}

std::string surplus_list(const Compared& compared) {
  std::string out;
  for (const int side : {0, 1}) {
    for (const Surplus& surplus : compared.surplus[side]) {
      std::set<double> lengths, widths;
      for (const law::Cell& cell : surplus.cells) lengths.insert(cell.length), widths.insert(cell.hidden);
      out += fmt::format("  {} {}: {} cell{}", letters[side], surplus.name, surplus.cells.size(), surplus.cells.size() == 1 ? "" : "s");
      if (!surplus.cells.empty()) out += fmt::format(", L {}, widths {}", fmt::join(lengths, " "), fmt::join(widths, " "));
      out += "\n";
    }
  }
  return out.empty() ? "" : "\nOnly in one of them:\n" + out;
}

}  // namespace

std::string table(const Compared& compared) {
  return fmt::format("A: {}\nB: {}\nSolved: test accuracy {} or more, where seeds are not counted in the input\n\n", compared.paths[0],
                     compared.paths[1], compared.tau) +
         cell_table(compared) + words_of_tests(compared) + exponent_table(compared) + surplus_list(compared);
}

Json to_json(const Compared& compared) {
  constexpr Both<const char*> suffixes = {"_a", "_b"};
  Json cells = Json::array();
  Json exponents = Json::array();
  for (const ComparedSeries& series : compared.series) {
    Json start = {{"task", series.task}, {"architecture", series.architecture}};
    if (!series.axes.empty()) start["axes"] = series.axes;
    for (const ComparedCell& cell : series.cells) {
      Json entry = start;
      entry["length"] = cell.length;
      entry["hidden"] = cell.hidden;
      for (const int side : {0, 1}) {
        const CellResult& result = cell.results[side];
        entry[std::string("seeds") + suffixes[side]] = result.seeds;
        entry[std::string("solved") + suffixes[side]] = result.solved;
        entry[std::string("accuracy") + suffixes[side]] = number(result.median());
        entry[std::string("accuracies") + suffixes[side]] = result.accuracies;
      }
      entry["p"] = cell.test ? Json(cell.test->p) : Json();
      entry["differs"] = cell.differs();
      cells.push_back(std::move(entry));
    }
    Json entry = start;
    for (const int side : {0, 1}) {
      const law::Fit& fit = series.fits[side];
      const std::string name = std::string("alpha") + suffixes[side];
      entry[name] = number(fit.alpha);
      entry[name + "_low"] = number(fit.interval.low);
      entry[name + "_high"] = number(fit.interval.high);
      if (!fit.reason.empty()) entry[std::string("reason") + suffixes[side]] = fit.reason;
    }
    entry["difference"] = number(series.difference.delta);
    entry["difference_low"] = number(series.difference.interval.low);
    entry["difference_high"] = number(series.difference.interval.high);
    entry["lengths"] = series.difference.lengths;
    if (!series.difference.reason.empty()) entry["reason"] = series.difference.reason;
    exponents.push_back(std::move(entry));
  }
  Json json = {
      {"format_version", 1},
      {"a", compared.paths[0]},
      {"b", compared.paths[1]},
      {"tau", compared.tau},
      {"cells", std::move(cells)},
      {"exponents", std::move(exponents)},
      {"tests", {{"cells", compared.cells}, {"tested", compared.tests}, {"below_05", compared.below}, {"expected_by_chance", compared.by_chance}}},
      {"notes", compared.notes}};
  for (const int side : {0, 1}) {
    Json only = Json::array();
    for (const Surplus& surplus : compared.surplus[side]) {
      Json entry = {{"task", surplus.task}, {"architecture", surplus.architecture}, {"cells", Json::array()}};
      if (!surplus.axes.empty()) entry["axes"] = surplus.axes;
      for (const law::Cell& cell : surplus.cells) entry["cells"].push_back({cell.length, cell.hidden});
      only.push_back(std::move(entry));
    }
    json[std::string("only") + suffixes[side]] = std::move(only);
  }
  return json;
}

std::string to_csv(const Compared& compared) {
  const auto field = [](const std::optional<double>& value) { return value ? fmt::format("{}", *value) : std::string(); };
  std::string out = "task,architecture,axes,length,hidden,seeds_a,solved_a,accuracy_a,seeds_b,solved_b,accuracy_b,p,differs\n";
  for (const ComparedSeries& series : compared.series) {
    for (const ComparedCell& cell : series.cells) {
      const auto& [a, b] = cell.results;
      out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", quoted_field(series.task), quoted_field(series.architecture),
                         quoted_field(series.axes), cell.length, cell.hidden, a.seeds, a.solved, field(a.median()), b.seeds, b.solved,
                         field(b.median()), cell.test ? fmt::format("{}", cell.test->p) : "", cell.differs() ? 1 : 0);
    }
  }
  return out;
}

}  // namespace surd::analysis
