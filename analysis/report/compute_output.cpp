#include "analysis/report/compute_output.hpp"

#include <fmt/format.h>

#include "analysis/report/columns.hpp"
#include "analysis/report/beside_tables.hpp"

namespace surd::analysis {
namespace {

std::vector<TableColumnOf<law::Compute>> growth_columns() {
  using C = const law::Compute&;
  return {
      {{.key = "gamma", .means = "the FLOPs at the threshold width grow as L^gamma"},
       [](C one) { return value_of(one.gamma); }},
      {{.key = "gamma_{}", .means = "its 95 % interval"}, [](C one) { return one.interval; }},
      {{.key = "flops", .means = "at the threshold of the largest length"},
       [](C one) { return value_of(one.flops); }},
      {{.key = "reason", .where_it_has = true, .means = "why there is no gamma"},
       [](C one) { return one.reason; }},
  };
}

std::vector<TableColumnOf<law::Saving>> saving_columns() {
  using S = const law::Saving&;
  return {
      {{.key = "ratio",
        .means = "of the FLOPs to those of the baseline, each at its own threshold width; below 1 "
                 "it saves"},
       [](S one) { return value_of(one.ratio); }},
      {{.key = "ratio_{}", .means = "its 95 % interval"}, [](S one) { return one.interval; }},
      {{.key = "words", .where_it_has = true, .means = "whether it saves, in words"},
       [](S one) { return one.words; }},
      {{.key = "reason", .where_it_has = true, .means = "why there is no ratio"},
       [](S one) { return one.reason; }},
  };
}

std::vector<TableColumnOf<Comparison>> against_columns() {
  using C = const Comparison&;
  return {
      {{.key = "baseline", .means = "the architecture that it is compared with"},
       [](C one) { return one.baseline; }},
      {{.key = "length", .means = "the largest that counts in delta alpha, where the ratios hold"},
       [](C one) {
         const law::Saving& generation = one.saving.generation;
         return generation.ratio ? Value(generation.length) : Value();
       }},
  };
}

template <typename Table, typename Row>
Json one_json(Table table, const Row& row) {
  return to_json(table(std::span(&row, 1)))[0];
}

}  // namespace

ResultTable growth_table(std::span<const law::Compute> rows) {
  return make_table(growth_columns(), rows);
}

ResultTable saving_table(std::span<const law::Saving> rows) {
  return make_table(saving_columns(), rows);
}

ResultTable against_table(std::span<const Comparison> rows) {
  return make_table(against_columns(), rows);
}

std::string compute_text(const Findings& findings) {
  const std::string table = for_terminal(compute_table(findings));
  if (table.empty()) return "";
  std::string sentences;
  for (const Finding& finding : findings.fits) {
    const Comparison* compared = comparison_of(findings.contrasts, finding.series);
    if (!compared || !compared->saving.generation.ratio) continue;
    sentences += item(law::name(finding.series) + ": a generated sequence " +
                      compared->saving.generation.words);
  }
  return "\nCompute to solve: FLOPs at the threshold width ~ L^gamma, and over the baseline's at "
         "one length:\n" +
         table + sentences;
}

Json compute_json(const Findings& findings) {
  Json all = to_json(
      make_table(named<Finding>([](const Finding& f) -> const law::Series& { return f.series; }),
                 findings.fits));
  for (std::size_t i = 0; i < findings.fits.size(); ++i) {
    const Finding& finding = findings.fits[i];
    all[i]["forward"] = one_json(growth_table, finding.compute.forward);
    all[i]["generation"] = one_json(growth_table, finding.compute.generation);
    const Comparison* compared = comparison_of(findings.contrasts, finding.series);
    if (!compared) continue;
    Json& against = all[i]["against"] = one_json(against_table, *compared);
    against["forward"] = one_json(saving_table, compared->saving.forward);
    against["generation"] = one_json(saving_table, compared->saving.generation);
  }
  return all;
}

}  // namespace surd::analysis
