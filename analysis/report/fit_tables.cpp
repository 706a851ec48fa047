#include "analysis/report/fit_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ranges>

#include "analysis/report/columns.hpp"
#include "analysis/report/page.hpp"

namespace surd::analysis {
namespace {

Value if_fitted(const law::Fit& fit, const Value& value) { return fit.alpha ? value : Value(); }
std::int64_t whole(std::size_t value) { return static_cast<std::int64_t>(value); }

// "0.26 on 3", its degrees of freedom.
std::string lack_of_fit(const law::Fit& fit) {
  return fmt::format("{} on {}", rounded(fit.lack_of_fit, 2), std::max(0, fit.lack_of_fit_degrees));
}

const law::Series& series_of(const Finding& finding) { return finding.series; }

Value estimate(const std::optional<double>& value, const law::Interval& interval) {
  return value ? Value(Estimate{*value, interval}) : Value();
}

// As HTML.
std::string of_law(const std::string& name) {
  if (name == "L^.25") return "L<sup>\u00bc</sup>";
  if (name == "sqrt L") return "\u221aL";
  if (name == "sqrt(L) ln L") return "\u221aL ln L";
  return escaped(name);
}

using F = const Finding&;

std::vector<TableColumnOf<Finding>> law_columns() {
  return {
      {{.heading = "verdict", .left = true},
       [](F f) { return law::to_string(f.judgement.verdict); }},
      {{.key = "lengths", .heading = "lengths"}, [](F f) { return f.fit.lengths; }},
      {{.key = "alpha", .title = "alpha", .heading = "\u03b1", .format = Format::two_digits},
       [](F f) { return value_of(f.fit.alpha); }},
      {{.title = "95 %", .heading = "95 %"},
       [](F f) {
         return f.fit.alpha || f.fit.interval.low || f.fit.interval.high ? Value(f.fit.interval)
                                                                         : Value();
       }},
      {{.title = "unwidened", .heading = "95 % unwidened"},
       [](F f) { return if_fitted(f.fit, f.fit.unwidened); }},
      {{.key = "alpha_{}"}, [](F f) { return f.fit.interval; }},
      {{.key = "alpha_{}_unwidened"}, [](F f) { return f.fit.unwidened; }},
      {{.key = "threshold",
        .title = "threshold",
        .heading = "width",
        .format = Format::three_that_count},
       [](F f) { return value_of(f.fit.threshold); }},
      {{.title = "at L", .heading = "at L", .format = Format::whole},
       [](F f) {
         return f.fit.threshold ? Value(std::exp(law::mean_log(f.fit.lengths))) : Value();
       }},
      {{.key = "kappa", .title = "kappa", .heading = "\u03ba", .format = Format::three_that_count},
       [](F f) { return value_of(f.fit.kappa); }},
      {{.key = "lapse", .title = "lapse", .heading = "lapse", .format = Format::three_digits},
       [](F f) { return value_of(f.fit.lapse); }},
  };
}

std::vector<TableColumnOf<Finding>> quality_columns() {
  return {
      {{.key = "log_likelihood"},
       [](F f) { return f.fit.threshold ? Value(f.fit.log_likelihood) : Value(); }},
      {{.key = "lack_of_fit"}, [](F f) { return if_fitted(f.fit, f.fit.lack_of_fit); }},
      {{.key = "lack_of_fit_df"},
       [](F f) { return whole(std::max(0, f.fit.lack_of_fit_degrees)); }},
      {{.key = "dispersion", .title = "h", .heading = "h", .format = Format::two_digits},
       [](F f) { return if_fitted(f.fit, f.fit.criterion.dispersion); }},
      {{.key = "critical_value", .title = "q", .heading = "q", .format = Format::two_digits},
       [](F f) { return if_fitted(f.fit, f.fit.criterion.critical); }},
      {{.heading = "lack of fit"}, [](F f) { return if_fitted(f.fit, lack_of_fit(f.fit)); }},
      {{.title = "lengths"}, [](F f) { return f.fit.lengths; }},
      {{.key = "verdict"}, [](F f) { return law::to_string(f.judgement.verdict); }},
      {{.key = "reason", .where_it_has = true}, [](F f) { return words_or_none(f.fit.reason); }},
      {{.key = "seeds_solved", .csv = false}, [](F f) { return whole(f.series.solved); }},
      {{.key = "solved_at_lowest_rate", .csv = false},
       [](F f) { return whole(f.series.solved_at_lowest_rate); }},
      {{.key = "solved_at_highest_rate", .csv = false},
       [](F f) { return whole(f.series.solved_at_highest_rate); }},
      {{.key = "words", .csv = false}, [](F f) { return f.judgement.words; }},
  };
}

}  // namespace

ResultTable exponents_table(const Findings& findings) {
  auto columns = named<Finding>(series_of);
  append(columns, law_columns());
  append(columns, quality_columns());
  return make_table(columns, findings.fits);
}

ResultTable differences_table(const Findings& findings, Which which) {
  using C = const Comparison&;
  const auto if_compared = [](C c, const Value& value) {
    return c.contrast.delta ? value : Value();
  };
  auto columns = named<Comparison>([](C c) -> C { return c; });
  append<Comparison>(
      columns,
      {
          {{.key = "baseline", .heading = "against", .left = true}, [](C c) { return c.baseline; }},
          {{.key = "delta_alpha",
            .title = "delta alpha",
            .heading = "\u0394\u03b1",
            .format = Format::signed_two_digits},
           [](C c) { return value_of(c.contrast.delta); }},
          {{.key = "delta_{}", .title = "95 %", .heading = "95 %"},
           [](C c) { return c.contrast.interval; }},
          {{.key = "delta_{}_unwidened", .title = "unwidened", .heading = "95 % unwidened"},
           [](C c) { return c.contrast.unwidened; }},
          {{.key = "dispersion", .title = "h", .heading = "h", .format = Format::two_digits},
           [=](C c) { return if_compared(c, c.contrast.criterion.dispersion); }},
          {{.key = "critical_value", .title = "q", .heading = "q", .format = Format::two_digits},
           [=](C c) { return if_compared(c, c.contrast.criterion.critical); }},
          {{.key = "lengths", .title = "lengths", .heading = "lengths"},
           [](C c) { return c.contrast.lengths; }},
          {{.key = "reason", .where_it_has = true},
           [](C c) { return words_or_none(c.contrast.reason); }},
      });
  return make_table(columns, findings.contrasts | std::views::filter([=](C c) {
                               return which == Which::all || c.contrast.delta.has_value();
                             }));
}

ResultTable laws_table(const Findings& findings) {
  auto beside =
      findings.fits | std::views::filter([](F f) { return !f.beside.references.laws.empty(); });
  auto columns = named<Finding>(series_of);
  if (beside.empty()) return make_table(columns, beside);
  const auto& laws = beside.front().beside.references.laws;
  for (std::size_t i = 0; i < laws.size(); ++i) {
    columns.push_back(
        {{.title = laws[i].name, .heading = of_law(laws[i].name), .format = Format::two_digits},
         [i](F f) {
           const auto& all = f.beside.references.laws;
           const double most = std::ranges::max(all, {}, &law::ReferenceLaw::weight).weight;
           return all[i].weight == most ? Value(Strong{most}) : Value(all[i].weight);
         }});
  }
  append<Finding>(
      columns,
      {
          {{.title = "d0 of d0 + a sqrt(L)"},
           [](F f) {
             const auto& [low, high] = f.beside.offset.offset_interval;
             return fmt::format("{} [{}, {}]", text3(f.beside.offset.offset), text3(low),
                                text3(high));
           }},
          {{.heading = "d<sub>0</sub>", .format = Format::three_that_count},
           [](F f) { return estimate(f.beside.offset.offset, f.beside.offset.offset_interval); }},
      });
  return make_table(columns, beside);
}

ResultTable held_out_table(const Findings& findings, Which which) {
  auto columns = named<Finding>(series_of);
  append<Finding>(
      columns,
      {
          {{.key = "length", .title = "at L", .heading = "at L"},
           [](F f) {
             return f.beside.held_out.length > 0 ? Value(f.beside.held_out.length) : Value();
           }},
          {{.title = "predicted", .heading = "predicted width", .format = Format::three_that_count},
           [](F f) {
             return estimate(f.beside.held_out.predicted.width,
                             f.beside.held_out.predicted.interval);
           }},
          {{.title = "found", .heading = "found", .format = Format::three_that_count},
           [](F f) {
             return estimate(f.beside.held_out.observed.width, f.beside.held_out.observed.interval);
           }},
          {{.key = "predicted"}, [](F f) { return value_of(f.beside.held_out.predicted.width); }},
          {{.key = "predicted_{}"}, [](F f) { return f.beside.held_out.predicted.interval; }},
          {{.key = "observed"}, [](F f) { return value_of(f.beside.held_out.observed.width); }},
          {{.key = "observed_{}"}, [](F f) { return f.beside.held_out.observed.interval; }},
          {{.key = "miss", .title = "miss", .heading = "miss", .format = Format::signed_two_digits},
           [](F f) {
             const std::optional<double> miss = f.beside.held_out.miss;
             return miss && std::abs(*miss) > 1 ? Value(Strong{*miss}) : value_of(miss);
           }},
          {{.key = "reason", .where_it_has = true},
           [](F f) { return words_or_none(f.beside.held_out.reason); }},
      });
  return make_table(columns, findings.fits | std::views::filter([=](F f) {
                               return which == Which::all || f.beside.held_out.miss.has_value();
                             }));
}

ResultTable compute_table(const Findings& findings) {
  const std::string& baseline = findings.settings.baseline;
  const auto saving = [&findings](F f) {
    const Comparison* compared = comparison_of(findings.contrasts, f.series);
    return compared ? compared->saving : Saving{};
  };
  const auto gamma = [](const law::Compute& one) { return estimate(one.gamma, one.interval); };
  const auto ratio = [](const law::Saving& one) { return estimate(one.ratio, one.interval); };
  auto columns = named<Finding>(series_of);
  append<Finding>(
      columns,
      {
          {{.title = "forward", .heading = "\u03b3 forward", .format = Format::two_digits},
           [=](F f) { return gamma(f.compute.forward); }},
          {{.title = "generated", .heading = "\u03b3 generated", .format = Format::two_digits},
           [=](F f) { return gamma(f.compute.generation); }},
          {{.heading = "at L"},
           [=](F f) {
             const auto [forward, generation] = saving(f);
             const double length = generation.ratio ? generation.length : forward.length;
             return length > 0 ? Value(length) : Value();
           }},
          {{.title = "forward / " + baseline,
            .heading = "forward / " + escaped(baseline),
            .format = Format::three_that_count},
           [=](F f) { return ratio(saving(f).forward); }},
          {{.title = "generated / " + baseline,
            .heading = "generated / " + escaped(baseline),
            .format = Format::three_that_count},
           [=](F f) { return ratio(saving(f).generation); }},
      });
  return make_table(columns, findings.fits | std::views::filter([](F f) {
                               return f.compute.forward.gamma || f.compute.generation.gamma;
                             }));
}

}  // namespace surd::analysis
