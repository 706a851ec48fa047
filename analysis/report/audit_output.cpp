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
      {{.key = "seeds_unsolved_near",
        .title = "near",
        .heading = "near the threshold",
        .means = "of the unsolved ones, those near the threshold, where the exponent hangs"},
       [](C c) { return c.unsolved_near; }},
      {{.key = "seeds_audited_near",
        .title = "anew near",
        .heading = "trained anew near it",
        .means = "of these, trained anew"},
       [](C c) { return c.seeds_near; }},
      {{.key = "seeds_solved_near",
        .title = "solved near",
        .heading = "solved now near it",
        .means = "of these, solved with twice the steps"},
       [](C c) { return c.solved_near; }},
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
      {{.key = "shift_all",
        .title = "shift by all",
        .heading = "shift by all",
        .format = Format::signed_two_digits,
        .means = "of alpha, had all unsolved seeds had twice the steps, as those that were trained "
                 "anew let expect"},
       [](A one) { return one.shift_all ? Value(one.shift_all->mean) : Value(); }},
      {{.key = "shift_all_{}",
        .title = "95 %",
        .heading = "95 %",
        .format = Format::signed_two_digits,
        .means = "where it lies with a chance of 95 %"},
       [](A one) {
         return one.shift_all ? Value(law::Interval{one.shift_all->low, one.shift_all->high})
                              : Value();
       }},
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
  std::fill_n(table.rows.back().rbegin(), 5, Value(""));  // all together have no exponent
  return table;
}

std::vector<std::string> sentences_of(const Audit& audit) {
  std::vector<std::string> sentences;
  for (const AuditedSeries& one : audit.series) {
    if (!one.warning.empty()) sentences.push_back(law::name(one.series) + ": " + one.warning);
  }
  if (!audit.warning.empty()) sentences.push_back("all together: " + audit.warning);
  std::vector<std::string> few_near;
  for (const AuditedSeries& one : audit.series) {
    if (one.counts.few_near()) {
      few_near.push_back(fmt::format("{} ({} of {})", law::name(one.series), one.counts.seeds_near,
                                     one.counts.unsolved_near));
    }
  }
  if (!few_near.empty()) {
    sentences.push_back(fmt::format(
        "it trained too few unsolved seeds near the threshold anew to tell whether steps lacked "
        "there: {}; a larger --audit draws more",
        fmt::join(few_near, ", ")));
  }
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
