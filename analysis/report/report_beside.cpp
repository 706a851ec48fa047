// Sections of the report's page that stand beside the exponents: other laws, the held-out length,
// what a solution costs.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analysis/report/curvature_output.hpp"
#include "analysis/report/beside_tables.hpp"
#include "analysis/report/budgets_output.hpp"
#include "analysis/report/page.hpp"
#include "analysis/report/report_tables.hpp"
#include "analysis/report/sensitivity_output.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

// Reasons why a series is not in a table, a line each; those that only repeat that there is no
// exponent are left out.
std::string list_of(const std::string& items) {
  return items.empty() ? "" : "<ul>\n" + items + "</ul>\n";
}

std::string item(const law::Series& series, const std::string& words) {
  return fmt::format("<li>{}: {}</li>\n", escaped(law::name(series)), escaped(words));
}

}  // namespace

std::string laws_section(const Findings& findings) {
  const std::string table = for_page(laws_table(findings));
  if (table.empty()) return "";
  std::string sentences;
  for (const Finding& finding : findings.fits) {
    const law::References& references = finding.beside.references;
    if (!references.laws.empty()) sentences += item(finding.series, references.words);
  }
  return "<section>\n<h2>Laws without a free exponent</h2>\n" + table + list_of(sentences) +
         "<p class=\"note\">Akaike weights (AICc) of width \u221d f(L): how these laws share the "
         "evidence among themselves. d<sub>0</sub>: of the "
         "width "
         "d<sub>0</sub> + a\u221aL, which grows as \u221aL but looks like a smaller exponent, with "
         "its 95\u00a0% interval; 0 where no offset is "
         "needed. K: of L/(L + K), a width that stops growing.</p>\n</section>\n";
}

std::string budgets_section(const Findings& findings, const std::string& figures) {
  if (findings.budgets.empty()) return "";
  std::string sentences;
  for (const std::string& sentence : budget_sentences(findings.budgets))
    sentences += "<li>" + escaped(sentence) + "</li>\n";
  return "<section>\n<h2>Alpha against the budget</h2>\n" + figures +
         for_page(budgets_table(findings.budgets)) + list_of(sentences) +
         "<p class=\"note\">remains: the exponent of the width that would be needed where more "
         "steps "
         "change nothing, by all budgets together: width = remaining width \u00d7 (1 + "
         "(S<sub>0</sub>/S)<sup>b</sup>), S<sub>0</sub> a power of L, given at the longest "
         "length.</p>\n</section>\n";
}

std::string curvature_section(const Findings& findings) {
  const std::string table = for_page(curvature_table(findings));
  if (table.empty()) return "";
  std::string sentences;
  for (const Finding& finding : findings.fits) {
    if (const std::string& words = finding.beside.curvature.words; !words.empty())
      sentences += item(finding.series, words);
  }
  return "<section>\n<h2>Does one exponent hold throughout?</h2>\n" + table + list_of(sentences) +
         "<p class=\"note\">By a law with a curvature, ln width = c + \u03b1 x + \u03b3 "
         "x\u00b2: its \u03b3, and the exponent at both ends, with 95\u00a0% "
         "intervals.</p>\n</section>\n";
}

std::string held_out_section(const Findings& findings) {
  const std::string table = for_page(held_out_table(findings, Which::shown));
  if (table.empty()) return "";
  return "<section>\n<h2>Does the law carry on?</h2>\n" + table +
         "<p class=\"note\">The largest length, as the law of the other lengths predicts it and as "
         "its own seeds show it, with 95\u00a0% intervals. "
         "Miss: "
         "ln (found / predicted) in units of the intervals of both; beyond 1 in size they "
         "disagree.</p>\n</section>\n";
}

std::string compute_section(const Findings& findings) {
  const std::string table = for_page(compute_table(findings));
  if (table.empty()) return "";
  std::string sentences;
  for (const Finding& finding : findings.fits) {
    const Comparison* compared = comparison_of(findings.contrasts, finding.series);
    if (!compared || !compared->saving.generation.ratio) continue;
    sentences += item(finding.series, "a generated sequence " + compared->saving.generation.words);
  }
  return "<section>\n<h2>Does it save computation?</h2>\n" + table + list_of(sentences) +
         "<p class=\"note\">FLOPs at the threshold width grow as L<sup>\u03b3</sup>: of a forward "
         "pass over one mean training sequence, and of one "
         "sequence of the full length generated token by token. The ratio compares each "
         "architecture at its own threshold with the baseline at its "
         "own, at the largest length that counts in \u0394\u03b1; below 1 it saves. 95\u00a0% "
         "intervals.</p>\n</section>\n";
}

std::string sensitivity_section(const Findings& findings) {
  const Sensitivity& sensitivity = findings.sensitivity;
  std::set<double> taus, rates;
  for (const SensitiveSeries& series : sensitivity.series) {
    for (const Otherwise& one : series.tau) taus.insert(one.choice);
    for (const Otherwise& one : series.learning_rate) rates.insert(one.choice);
  }
  Rows rows = {{"task", "architecture"}};
  for (const double tau : taus)
    rows.front().push_back(
        fmt::format("\u03c4 {:g}{}", tau, tau == findings.settings.tau ? ", as fitted" : ""));
  for (const double rate : rates) rows.front().push_back(fmt::format("rate {:g} alone", rate));
  std::string sentences;
  bool any = false;
  for (const SensitiveSeries& series : sensitivity.series) {
    rows.push_back({escaped(series.task), escaped(full_name(series.architecture, series.axes))});
    for (const auto& [choices, made] :
         {std::pair(&taus, &series.tau), std::pair(&rates, &series.learning_rate)}) {
      for (const double choice : *choices) {
        const auto one = std::find_if(made->begin(), made->end(), [&](const Otherwise& other) {
          return other.choice == choice;
        });
        const bool found = one != made->end() && one->alpha.has_value();
        any = any || found;
        rows.back().push_back(
            found ? typeset(fmt::format("{} {}", rounded(*one->alpha, 2), text(one->interval)))
                  : "\u2013");
      }
    }
  }
  if (!any) return "";
  for (const std::string& sentence : sensitivity_sentences(findings))
    sentences += fmt::format("<li>{}</li>\n", escaped(sentence));
  return "<section>\n<h2>How much rests on two choices</h2>\n" + table_of(rows, 2) +
         list_of(sentences) +
         "<p class=\"note\">\u03b1 and its 95\u00a0% interval where another test accuracy \u03c4 "
         "counts as solved, and where one learning rate alone "
         "is "
         "used in place of the best of each seed. The ticks below the bars of the first figure are "
         "these.</p>\n</section>\n";
}

}  // namespace surd::analysis
