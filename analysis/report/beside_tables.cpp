#include "analysis/report/beside_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ranges>

#include "analysis/input/scale.hpp"
#include "analysis/report/columns.hpp"
#include "analysis/report/page.hpp"

namespace surd::analysis {
namespace {

using FitRow = const Finding&;

const law::Series& series_beside(const Finding& finding) { return finding.series; }

// As HTML.
std::string of_law(const std::string& name) {
  if (name == "L^.25") return "L<sup>\u00bc</sup>";
  if (name == "sqrt L") return "\u221aL";
  if (name == "sqrt(L)/ln L") return "\u221aL / ln L";
  if (name == "sqrt(L ln L)") return "\u221a(L ln L)";
  if (name == "sqrt(L) ln L") return "\u221aL ln L";
  return escaped(name);
}

// A column a law of references, of the same meaning.
std::vector<TableColumnOf<Finding>> weight_columns() {
  std::vector<TableColumnOf<Finding>> columns;
  const std::vector<std::string>& names = law::reference_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    columns.push_back(
        {{.title = names[i],
          .heading = of_law(names[i]),
          .format = Format::two_digits,
          .means = "the weight of the law width = constant * this, without a free exponent: how "
                   "these laws share the evidence (Akaike's, by AICc)"},
         [i](FitRow f) {
           const auto& all = f.beside.references.laws;
           const double most = std::ranges::max(all, {}, &law::ReferenceLaw::weight).weight;
           return all[i].weight == most ? Value(Strong{most}) : Value(all[i].weight);
         }});
  }
  return columns;
}

}  // namespace

ResultTable laws_table(const Findings& findings) {
  auto columns = named<Finding>(series_beside);
  append(columns, weight_columns());
  const Meaning offset =
      "of width = d0 + a sqrt(L), which grows as sqrt(L) but looks like a smaller exponent: the "
      "part d0 that does not grow, with its 95 % interval; 0 where none is needed";
  const Meaning saturation =
      "of width = a L/(L + K), which grows as L below the length K and no more above it";
  append<Finding>(
      columns,
      {
          {{.title = "d0 of d0 + a sqrt(L)", .means = offset},
           [](FitRow f) {
             const auto& [low, high] = f.beside.offset.offset_interval;
             return fmt::format("{} [{}, {}]", text3(f.beside.offset.offset), text3(low),
                                text3(high));
           }},
          {{.heading = "d<sub>0</sub>", .format = Format::three_that_count, .means = offset},
           [](FitRow f) {
             return estimate(f.beside.offset.offset, f.beside.offset.offset_interval);
           }},
          {{.title = "K of L/(L + K)",
            .heading = "K",
            .format = Format::three_that_count,
            .means = saturation},
           [](FitRow f) { return value_of(f.beside.saturation.half); }},
          {{.title = "over sqrt L",
            .heading = "over \u221aL",
            .format = Format::signed_two_digits,
            .means =
                "the log likelihood of L/(L + K) less that of sqrt(L): above -.5 no verdict is "
                "sqrt"},
           [](FitRow f) {
             return f.beside.saturation.half ? Value(f.beside.saturation.over_sqrt) : Value();
           }},
      });
  return make_table(columns, findings.fits | std::views::filter([](FitRow f) {
                               return !f.beside.references.laws.empty();
                             }));
}

ResultTable held_out_table(const Findings& findings, Which which) {
  const auto& [key, unit, heading, noun] = words_of(findings.settings.scale);
  const Meaning predicted =
      fmt::format("the {} needed there, by the law of the other lengths, with its 95 %", noun);
  const Meaning observed =
      fmt::format("the {} needed there, by the seeds of that length, with its 95 %", noun);
  auto columns = named<Finding>(series_beside);
  append<Finding>(
      columns,
      {
          {{.key = "length",
            .title = "at L",
            .heading = "at L",
            .means = "the largest length, which is left out of the law and predicted by it"},
           [](FitRow f) {
             return f.beside.held_out.length > 0 ? Value(f.beside.held_out.length) : Value();
           }},
          {{.title = "predicted",
            .heading = fmt::format("predicted {}", unit),
            .format = Format::three_that_count,
            .means = predicted},
           [](FitRow f) {
             return estimate(f.beside.held_out.predicted.width,
                             f.beside.held_out.predicted.interval);
           }},
          {{.title = "found",
            .heading = "found",
            .format = Format::three_that_count,
            .means = observed},
           [](FitRow f) {
             return estimate(f.beside.held_out.observed.width, f.beside.held_out.observed.interval);
           }},
          {{.key = "predicted", .means = predicted},
           [](FitRow f) { return value_of(f.beside.held_out.predicted.width); }},
          {{.key = "predicted_{}", .means = predicted},
           [](FitRow f) { return f.beside.held_out.predicted.interval; }},
          {{.key = "observed", .means = observed},
           [](FitRow f) { return value_of(f.beside.held_out.observed.width); }},
          {{.key = "observed_{}", .means = observed},
           [](FitRow f) { return f.beside.held_out.observed.interval; }},
          {{.key = "miss",
            .title = "miss",
            .heading = "miss",
            .format = Format::signed_two_digits,
            .means = "ln(found / predicted) in units of both intervals: beyond 1 in size the law "
                     "does not carry on to that length"},
           [](FitRow f) {
             const std::optional<double> miss = f.beside.held_out.miss;
             return miss && std::abs(*miss) > 1 ? Value(Strong{*miss}) : value_of(miss);
           }},
          {{.key = "reason",
            .where_it_has = true,
            .means = "why there is no miss; only where there is none"},
           [](FitRow f) { return words_or_none(f.beside.held_out.reason); }},
      });
  return make_table(columns, findings.fits | std::views::filter([=](FitRow f) {
                               return which == Which::all || f.beside.held_out.miss.has_value();
                             }));
}

ResultTable compute_table(const Findings& findings) {
  const std::string& baseline = findings.settings.baseline;
  const auto saving = [&findings](FitRow f) {
    const Comparison* compared = comparison_of(findings.contrasts, f.series);
    return compared ? compared->saving : Saving{};
  };
  const auto gamma = [](const law::Compute& one) { return estimate(one.gamma, one.interval); };
  const auto ratio = [](const law::Saving& one) { return estimate(one.ratio, one.interval); };
  const Meaning ratio_meaning =
      "these FLOPs over those of the baseline, each at its own threshold width, at the largest "
      "length that counts; below 1 the architecture saves";
  auto columns = named<Finding>(series_beside);
  append<Finding>(
      columns,
      {
          {{.title = "forward",
            .heading = "\u03b3 forward",
            .format = Format::two_digits,
            .means = "gamma: the FLOPs of a forward pass over one mean training sequence, at the "
                     "threshold width, grow as L^gamma"},
           [=](FitRow f) { return gamma(f.compute.forward); }},
          {{.title = "generated",
            .heading = "\u03b3 generated",
            .format = Format::two_digits,
            .means = "the same of one sequence of the full length, generated token by token"},
           [=](FitRow f) { return gamma(f.compute.generation); }},
          {{.heading = "at L", .means = "the largest length that counts"},
           [=](FitRow f) {
             const auto [forward, generation] = saving(f);
             const double length = generation.ratio ? generation.length : forward.length;
             return length > 0 ? Value(length) : Value();
           }},
          {{.title = "forward / " + baseline,
            .heading = "forward / " + escaped(baseline),
            .format = Format::three_that_count,
            .means = ratio_meaning},
           [=](FitRow f) { return ratio(saving(f).forward); }},
          {{.title = "generated / " + baseline,
            .heading = "generated / " + escaped(baseline),
            .format = Format::three_that_count,
            .means = ratio_meaning},
           [=](FitRow f) { return ratio(saving(f).generation); }},
      });
  return make_table(columns, findings.fits | std::views::filter([](FitRow f) {
                               return f.compute.forward.gamma || f.compute.generation.gamma;
                             }));
}

}  // namespace surd::analysis
