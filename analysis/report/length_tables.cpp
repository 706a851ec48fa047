#include "analysis/report/length_tables.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

#include "analysis/report/columns.hpp"
#include "law/fit.hpp"
#include "law/share.hpp"

namespace surd::analysis {

ResultTable thresholds_table(const Findings& findings, Which which) {
  struct AtLength {
    const Finding* finding = nullptr;
    const Threshold* threshold = nullptr;
  };
  std::vector<AtLength> lengths;
  for (const Finding& finding : findings.fits) {
    if (which == Which::shown && !finding.fit.alpha) continue;
    for (const Threshold& threshold : finding.thresholds) lengths.push_back({&finding, &threshold});
  }
  using T = const AtLength&;
  auto columns = named<AtLength>([](T one) -> const law::Series& { return one.finding->series; });
  append<AtLength>(
      columns,
      {
          {{.key = "length",
            .title = "at L",
            .heading = "at L",
            .means = "one of the lengths that were fitted"},
           [](T one) { return one.threshold->point.length; }},
          {{.key = "threshold",
            .title = "threshold",
            .heading = "threshold",
            .format = Format::three_that_count,
            .means = "the width that the seeds of this length need, which share only kappa and "
                     "lapse with those of the others"},
           [](T one) { return value_of(one.threshold->point.width); }},
          {{.key = "threshold_{}",
            .title = "95 %",
            .heading = "95 %",
            .format = Format::three_that_count,
            .means = "the widths that the seeds of this length allow; looked for as far as 4.5 "
                     "times beyond the widths that were run"},
           [](T one) {
             return one.finding->fit.alpha ? Value(one.threshold->point.interval) : Value();
           }},
          {{.key = "by_law",
            .title = "by the law",
            .heading = "by the law",
            .format = Format::three_that_count,
            .means = "the width that the power law of all lengths says is needed there"},
           [](T one) {
             const law::Fit& fit = one.finding->fit;
             if (!fit.alpha) return Value();
             return Value(*fit.threshold *
                          std::exp(*fit.alpha * (std::log(one.threshold->point.length) -
                                                 law::mean_log(fit.lengths))));
           }},
          {{.key = "solved_from",
            .means = "the smallest width that was run, where every seed of the length is solved"},
           [](T one) { return one.threshold->above ? Value() : value_of(one.threshold->edge); }},
          {{.key = "unsolved_to",
            .means = "the largest width that was run, where no seed of the length is solved"},
           [](T one) { return one.threshold->above ? value_of(one.threshold->edge) : Value(); }},
      });
  return make_table(columns, lengths);
}

ResultTable cells_table(const Findings& findings) {
  struct OfCell {
    const Finding* finding = nullptr;
    law::Cell cell;
  };
  std::vector<OfCell> cells;
  for (const Finding& finding : findings.fits) {
    for (const law::Cell& cell : finding.series.cells) cells.push_back({&finding, cell});
  }
  using C = const OfCell&;
  auto columns = named<OfCell>([](C one) -> const law::Series& { return one.finding->series; });
  append<OfCell>(
      columns,
      {
          {{.key = "length", .means = "of the cell"}, [](C one) { return one.cell.length; }},
          {{.key = "hidden", .means = "its width"}, [](C one) { return one.cell.hidden; }},
          {{.key = "seeds", .means = "that the fit counts in it"},
           [](C one) { return std::int64_t{one.cell.seeds}; }},
          {{.key = "solved", .means = "how many of these are solved"},
           [](C one) { return std::int64_t{one.cell.solved}; }},
          {{.key = "share", .means = "solved over seeds"},
           [](C one) {
             const auto share = law::share_of(one.cell.solved, one.cell.seeds);
             return share ? Value(share->value) : Value();
           }},
          {{.key = "share_{}", .means = "its 95 % interval, of Clopper and Pearson"},
           [](C one) {
             const auto share = law::share_of(one.cell.solved, one.cell.seeds);
             return share ? Value(law::Interval{.low = share->low, .high = share->high}) : Value();
           }},
          {{.key = "by_law", .means = "the chance that a seed is solved, by the fitted law"},
           [](C one) {
             const law::Fit& fit = one.finding->fit;
             return fit.alpha ? Value(law::success(fit, one.cell.length, one.cell.hidden))
                              : Value();
           }},
      });
  return make_table(columns, cells);
}

}  // namespace surd::analysis
