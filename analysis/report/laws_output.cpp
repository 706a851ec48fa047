#include "analysis/report/laws_output.hpp"

#include <fmt/format.h>

#include "analysis/report/columns.hpp"
#include "analysis/report/beside_tables.hpp"

namespace surd::analysis {
namespace {

std::vector<TableColumnOf<law::ReferenceLaw>> reference_columns() {
  using L = const law::ReferenceLaw&;
  return {
      {{.key = "name", .means = "of f in width = constant * f(L)"}, [](L law) { return law.name; }},
      {{.key = "threshold", .means = "the width needed at the geometric mean of the lengths"},
       [](L law) { return law.threshold; }},
      {{.key = "log_likelihood", .means = "the maximum, with the penalties"},
       [](L law) { return law.log_likelihood; }},
      {{.key = "aicc", .means = "Akaike's criterion, corrected for few cells"},
       [](L law) { return value_of(law.aicc); }},
      {{.key = "weight", .means = "of this law among these; they sum to 1"},
       [](L law) { return law.weight; }},
  };
}

std::vector<TableColumnOf<law::Offset>> offset_columns() {
  using O = const law::Offset&;
  return {
      {{.key = "share",
        .means = "how much of the width at the geometric mean length is d0: 0 is sqrt(L), 1 a "
                 "constant width"},
       [](O one) { return value_of(one.share); }},
      {{.key = "share_{}", .means = "its 95 % interval"}, [](O one) { return one.share_interval; }},
      {{.key = "offset", .means = "d0"}, [](O one) { return value_of(one.offset); }},
      {{.key = "offset_{}", .means = "d0 at the ends of the share's interval"},
       [](O one) { return one.offset_interval; }},
      {{.key = "slope", .means = "a"}, [](O one) { return value_of(one.slope); }},
      {{.key = "log_likelihood_gain", .means = "over the power law, which has as many parameters"},
       [](O one) { return one.share ? Value(one.gain) : Value(); }},
      {{.key = "reason", .where_it_has = true, .means = "why there is none"},
       [](O one) { return one.reason; }},
  };
}

std::vector<TableColumnOf<law::Saturation>> saturation_columns() {
  using S = const law::Saturation&;
  const auto if_any = [](S one, const Value& value) { return one.half ? value : Value(); };
  return {
      {{.key = "half", .means = "K, the length at which half of the final width is needed"},
       [](S one) { return value_of(one.half); }},
      {{.key = "half_least",
        .means = "the least K that was looked at; there the law is a constant width"},
       [=](S one) { return if_any(one, one.half_least); }},
      {{.key = "half_most", .means = "the most; there the law is L"},
       [=](S one) { return if_any(one, one.half_most); }},
      {{.key = "log_likelihood", .means = "the maximum, with the penalties"},
       [=](S one) { return if_any(one, one.log_likelihood); }},
      {{.key = "log_likelihood_gain", .means = "over the power law, which has as many parameters"},
       [=](S one) { return if_any(one, one.gain); }},
      {{.key = "over_sqrt",
        .means = "log likelihood over that of sqrt(L), which has a parameter less: above -.5 no "
                 "verdict is sqrt"},
       [=](S one) { return if_any(one, one.over_sqrt); }},
      {{.key = "excluded", .means = "by the criterion that makes the interval of alpha"},
       [=](S one) { return if_any(one, one.excluded); }},
      {{.key = "reason", .where_it_has = true, .means = "why there is none"},
       [](S one) { return words_or_none(one.reason); }},
  };
}

std::vector<TableColumnOf<Finding>> series_columns() {
  using F = const Finding&;
  auto columns = named<Finding>([](F f) -> const law::Series& { return f.series; });
  append<Finding>(columns,
                  {
                      {{.key = "words",
                        .where_it_has = true,
                        .means = "which laws remain (weight .1 or more), in a sentence"},
                       [](F f) { return f.beside.references.words; }},
                      {{.key = "reason", .where_it_has = true, .means = "why there are none"},
                       [](F f) { return f.beside.references.reason; }},
                  });
  return columns;
}

}  // namespace

ResultTable references_table(std::span<const law::ReferenceLaw> laws) {
  return make_table(reference_columns(), laws);
}

ResultTable offset_table(std::span<const law::Offset> offsets) {
  return make_table(offset_columns(), offsets);
}

ResultTable saturation_table(std::span<const law::Saturation> saturations) {
  return make_table(saturation_columns(), saturations);
}

ResultTable references_by_series(const Findings& findings) {
  return make_table(series_columns(), findings.fits);
}

std::string laws_text(const Findings& findings) {
  const std::string table = for_terminal(laws_table(findings));
  if (table.empty()) return "";
  std::string sentences;
  for (const Finding& finding : findings.fits) {
    const law::References& references = finding.beside.references;
    if (!references.laws.empty())
      sentences += item(law::name(finding.series) + ": " + references.words);
  }
  return "\nLaws without a free exponent, by weight (AICc), the additive offset, and "
         "saturation:\n" +
         table + sentences;
}

std::string held_out_text(const Findings& findings) {
  const std::string table = for_terminal(held_out_table(findings, Which::shown));
  if (table.empty()) return "";
  return "\nThe largest length, predicted by the others (a miss beyond 1: the law does not carry "
         "on):\n" +
         table;
}

Json laws_json(const Findings& findings) {
  Json all = to_json(references_by_series(findings));
  for (std::size_t i = 0; i < findings.fits.size(); ++i) {
    const Beside& beside = findings.fits[i].beside;
    all[i]["laws"] = to_json(references_table(beside.references.laws));
    all[i]["offset"] = to_json(offset_table(std::span(&beside.offset, 1)))[0];
    all[i]["saturation"] = to_json(saturation_table(std::span(&beside.saturation, 1)))[0];
  }
  return all;
}

}  // namespace surd::analysis
