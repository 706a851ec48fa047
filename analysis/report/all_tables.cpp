#include "analysis/report/all_tables.hpp"

#include "analysis/report/audit_output.hpp"
#include "analysis/report/budgets_output.hpp"
#include "analysis/report/columns.hpp"
#include "analysis/report/compute_output.hpp"
#include "analysis/report/figure_files.hpp"
#include "analysis/report/length_tables.hpp"
#include "analysis/report/beside_tables.hpp"
#include "analysis/report/fit_tables.hpp"
#include "analysis/report/laws_output.hpp"
#include "analysis/report/sensitivity_output.hpp"
#include "base/files.hpp"

namespace surd::analysis {
namespace {

// The tables of several series below each other, the names of the series before each row.
class Joined {
 public:
  // `measure`: the word of a further column; none where empty.
  void add(const law::Series& series, const std::string& measure, const ResultTable& table) {
    const ResultTable names = make_table(
        named<law::Series>([](const law::Series& one) -> const law::Series& { return one; }),
        std::span(&series, 1));
    if (all_.columns.empty()) {
      all_.columns = names.columns;
      if (!measure.empty()) all_.columns.push_back({.key = "measure", .means = "of FLOPs"});
      all_.columns.insert(all_.columns.end(), table.columns.begin(), table.columns.end());
    }
    for (const std::vector<Value>& row : table.rows) {
      all_.rows.push_back(names.rows[0]);
      if (!measure.empty()) all_.rows.back().emplace_back(measure);
      all_.rows.back().insert(all_.rows.back().end(), row.begin(), row.end());
    }
  }
  const ResultTable& table() const { return all_; }

 private:
  ResultTable all_;
};

// The columns of one beside those of the other; as many rows in both.
ResultTable beside_each_other(ResultTable left, const ResultTable& right) {
  left.columns.insert(left.columns.end(), right.columns.begin(), right.columns.end());
  for (std::size_t i = 0; i < left.rows.size(); ++i)
    left.rows[i].insert(left.rows[i].end(), right.rows[i].begin(), right.rows[i].end());
  return left;
}

ResultTable laws_of_each(const Findings& findings) {
  Joined all;
  all.add({}, "", references_table({}));
  for (const Finding& finding : findings.fits)
    all.add(finding.series, "", references_table(finding.beside.references.laws));
  return all.table();
}

ResultTable offsets_of_each(const Findings& findings) {
  Joined all;
  all.add({}, "", offset_table({}));
  for (const Finding& finding : findings.fits)
    all.add(finding.series, "", offset_table(std::span(&finding.beside.offset, 1)));
  return all.table();
}

ResultTable compute_of_each(const Findings& findings) {
  Joined all;
  all.add({}, "forward", growth_table({}));
  for (const Finding& finding : findings.fits) {
    all.add(finding.series, "forward", growth_table(std::span(&finding.compute.forward, 1)));
    all.add(finding.series, "generation", growth_table(std::span(&finding.compute.generation, 1)));
  }
  return all.table();
}

ResultTable savings_of_each(const Findings& findings) {
  Joined all;
  all.add({}, "forward", beside_each_other(against_table({}), saving_table({})));
  for (const Finding& finding : findings.fits) {
    const Comparison* one = comparison_of(findings.contrasts, finding.series);
    if (!one) continue;
    const ResultTable against = against_table(std::span(one, 1));
    all.add(finding.series, "forward",
            beside_each_other(against, saving_table(std::span(&one->saving.forward, 1))));
    all.add(finding.series, "generation",
            beside_each_other(against, saving_table(std::span(&one->saving.generation, 1))));
  }
  return all.table();
}

}  // namespace

std::vector<std::pair<std::string, ResultTable>> all_tables(const Findings& findings) {
  return {{"exponents", exponents_table(findings)},
          {"contrasts", differences_table(findings, Which::all)},
          {"width_ratios", width_ratios_table(findings)},
          {"budgets", budgets_table(findings.budgets)},
          {"thresholds", thresholds_table(findings, Which::all)},
          {"cells", cells_table(findings)},
          {"laws", laws_of_each(findings)},
          {"offsets", offsets_of_each(findings)},
          {"held_out", held_out_table(findings, Which::all)},
          {"compute", compute_of_each(findings)},
          {"compute_against", savings_of_each(findings)},
          {"sensitivity_tau", taus_table(findings.sensitivity)},
          {"sensitivity_rate", rates_table(findings.sensitivity)},
          {"audit", audit_by_series(findings.audit.value_or(Audit{}))},
          {"unused", unused_table(findings)}};
}

void write_all_tables(const std::filesystem::path& folder, const Findings& findings) {
  make_folder(folder, "the tables", "--csv-dir");
  for (const auto& [name, table] : all_tables(findings))
    write_file_atomically(folder / (name + ".csv"),
                          to_csv(table, Whole::without_point, Fields::all));
}

}  // namespace surd::analysis
