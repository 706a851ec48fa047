#include "analysis/report/audit_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "analysis/report/columns.hpp"

namespace surd::analysis {
namespace {

std::vector<TableColumnOf<AuditCounts>> counted_columns() {
  using C = const AuditCounts&;
  return {
      {{.key = "seeds_unsolved",
        .title = "unsolved",
        .heading = "unsolved",
        .means = "seeds that the study did not solve"},
       [](C c) { return c.unsolved; }},
      {{.key = "seeds_audited",
        .title = "trained anew",
        .heading = "trained anew",
        .means = "of these, drawn by the budget audit and trained with twice the steps"},
       [](C c) { return c.seeds; }},
      {{.key = "seeds_solved",
        .title = "solved now",
        .heading = "solved now",
        .means = "of these, solved with twice the steps: they lacked steps, not width"},
       [](C c) { return c.solved; }},
      {{.key = "trials_audited",
        .means = "trials with a result with twice the steps, a seed's several learning rates each"},
       [](C c) { return c.trials; }},
      {{.key = "trials_solved", .means = "of these, at least tau on the test now"},
       [](C c) { return c.trials_solved; }},
      {{.key = "share",
        .title = "share",
        .heading = "share",
        .format = Format::two_digits,
        .means = "solved now over trained anew"},
       [](C c) {
         const auto share = c.share();
         return share ? Value(share->value) : Value();
       }},
      {{.key = "share_{}",
        .title = "95 %",
        .heading = "95 %",
        .means = "the interval of that share"},
       [](C c) {
         const auto share = c.share();
         return share ? Value(law::Interval{share->low, share->high}) : Value();
       }},
  };
}

using A = const AuditedSeries&;

std::vector<TableColumnOf<AuditedSeries>> refitted_columns() {
  return {
      {{.key = "alpha",
        .title = "alpha with them",
        .heading = "\u03b1 with them",
        .format = Format::two_digits,
        .means = "the exponent with the new outcomes of these seeds"},
       [](A one) { return value_of(one.fit.alpha); }},
      {{.key = "alpha_{}", .means = "its 95 % interval"}, [](A one) { return one.fit.interval; }},
      {{.key = "shift",
        .title = "shift",
        .heading = "shift",
        .format = Format::signed_two_digits,
        .means = "of alpha by that; it grows with the share that is trained anew"},
       [](A one) { return value_of(one.shift); }},
  };
}

ResultTable audited_series_table(std::span<const AuditedSeries> series) {
  auto columns = named<AuditedSeries>([](A one) -> const law::Series& { return one.series; });
  append(columns, counted_columns(), [](A one) { return one.counts; });
  append(columns, refitted_columns());
  return make_table(columns, series);
}

}  // namespace

ResultTable audit_table(const Audit& audit) {
  std::vector<AuditedSeries> series = audit.series;
  std::erase_if(series, [](A one) { return one.counts.unsolved == 0 && one.counts.trials == 0; });
  AuditedSeries& all = series.emplace_back();
  all.series.task = "all";
  all.counts = audit.all;
  ResultTable table = audited_series_table(series);
  std::fill_n(table.rows.back().rbegin(), 3, Value(""));  // all together have no exponent
  return table;
}

std::vector<std::string> sentences_of(const Audit& audit) {
  std::vector<std::string> sentences;
  for (const AuditedSeries& one : audit.series) {
    if (!one.warning.empty()) sentences.push_back(law::name(one.series) + ": " + one.warning);
  }
  if (!audit.warning.empty()) sentences.push_back("all together: " + audit.warning);
  if (audit.left > 0) {
    sentences.push_back(
        fmt::format("the audit is not finished: {} of its trials have no result", audit.left));
  }
  return sentences;
}

ResultTable audit_by_series(const Audit& audit) { return audited_series_table(audit.series); }

Json to_json(const Audit& audit) {
  Json json = to_json(make_table(counted_columns(), std::span(&audit.all, 1)))[0];
  json["trials_left"] = audit.left;
  json["series"] = to_json(audited_series_table(audit.series));
  json["warnings"] = sentences_of(audit);
  return json;
}

}  // namespace surd::analysis
