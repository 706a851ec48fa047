#include "analysis/report/report_tables.hpp"

#include <fmt/format.h>

#include <map>

#include "analysis/input/scale.hpp"
#include "analysis/report/audit_output.hpp"
#include "analysis/report/length_tables.hpp"
#include "analysis/report/fit_tables.hpp"
#include "analysis/report/page.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {

std::string in_words(const law::Interval& interval) {
  if (interval.closed())
    return typeset(rounded(*interval.low, 2)) + " to " + typeset(rounded(*interval.high, 2));
  if (interval.low) return typeset(rounded(*interval.low, 2)) + " or more, open above";
  if (interval.high) return typeset(rounded(*interval.high, 2)) + " or less, open below";
  return "open on both sides";
}

std::string with_sign(double value) {
  return fmt::format("{}{}", value > 0 ? "+" : "", typeset(rounded(value, 2)));
}

std::string against_baseline(const Comparison& comparison) {
  const law::Contrast& contrast = comparison.contrast;
  if (!contrast.delta)
    return fmt::format("Not compared with {}: {}.", comparison.baseline, contrast.reason);
  const char* words = contrast.interval.contains(0) ? "No difference shown from"
                      : *contrast.delta > 0         ? "Grows faster than"
                                                    : "Grows more slowly than";
  return fmt::format("{} {}: \u0394\u03b1 = {}, 95\u00a0% interval {}.", words, comparison.baseline,
                     with_sign(*contrast.delta), in_words(contrast.interval));
}

std::string table_of(const Rows& rows, std::size_t names) {
  std::string out = "<div class=\"scroll\"><table>\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out += "<tr>";
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      const char* tag = i == 0 ? "th" : "td";
      out +=
          fmt::format("<{}{}>{}</{}>", tag, j < names ? "" : " class=\"number\"", rows[i][j], tag);
    }
    out += "</tr>\n";
  }
  return out + "</table></div>\n";
}

std::string numbers_section(const Findings& findings) {
  const auto& [key, unit, heading, noun] = words_of(findings.settings.scale);
  return "<section>\n<h2>Numbers</h2>\n" + for_page(exponents_table(findings)) +
         fmt::format(
             "<p class=\"note\">The {} needed at length L is {} \u00b7 (L / \u201cat "
             "L\u201d)<sup>\u03b1</sup>, \u201cat L\u201d being the geometric mean of the "
             "lengths. \u03ba: steepness of the threshold in the logarithm of the {}. ",
             noun, unit, noun) +
         "Lapse: share of seeds that fail "
         "although the width suffices. h: dispersion, the "
         "lack of fit of "
         "the power law over its degrees of freedom, at least 1; q: how far the profile deviance "
         "may rise inside the interval, 3.84 where h is 1. "
         "The unwidened interval takes q = 3.84: it holds if the power law is "
         "exact.</p>\n</section>\n";
}

std::string contrasts_section(const Findings& findings) {
  if (findings.contrasts.empty()) return "";
  std::string reasons;
  for (const Comparison& comparison : findings.contrasts) {
    if (comparison.contrast.delta) continue;
    const std::string name = full_name(comparison.architecture, comparison.axes);
    reasons += fmt::format("<li>{} {}: {}</li>\n", escaped(comparison.task), escaped(name),
                           escaped(against_baseline(comparison)));
  }
  std::string out = "<section>\n<h2>Differences</h2>\n";
  if (const std::string table = for_page(differences_table(findings, Which::shown));
      !table.empty()) {
    out += table +
           "<p class=\"note\">\u0394\u03b1 = \u03b1 of the architecture \u2212 \u03b1 of the "
           "baseline, over the lengths at which both have widths that most seeds solve and widths "
           "that most do not; what both share, such as logarithms and how hard the task is to "
           "learn, cancels. " +
           fmt::format(
               "{} ratio: the {} that the architecture needs over that which the baseline needs, "
               "at the largest of these lengths.</p>\n",
               words_of(findings.settings.scale).heading, words_of(findings.settings.scale).noun);
  }
  if (const std::string table = for_page(width_ratios_table(findings)); !table.empty())
    out += "<h3>Width ratio at other lengths</h3>\n" + table;
  if (!reasons.empty()) out += "<ul>\n" + reasons + "</ul>\n";
  return out + "</section>\n";
}

std::string thresholds_section(const Findings& findings) {
  const std::string table = for_page(thresholds_table(findings, Which::shown));
  return table.empty() ? ""
                       : "<section>\n<h2>Thresholds of single lengths</h2>\n<details><summary>All "
                         "of them</summary>\n" +
                             table + "</details>\n</section>\n";
}

std::string audit_section(const Findings& findings) {
  if (!findings.audit) return "";
  std::string out = "<section>\n<h2>Budget audit</h2>\n" + for_page(audit_table(*findings.audit));
  for (const std::string& sentence : sentences_of(*findings.audit))
    out += "<p class=\"warning\">" + escaped(sentence) + "</p>\n";
  return out +
         "<p class=\"note\">A random share of the unsolved seeds, trained anew with twice the "
         "steps: a seed that is solved then lacked steps, not "
         "width. \u03b1 with them: refitted with the new outcomes of these seeds alone; its shift "
         "grows with the share that is trained "
         "anew.</p>\n</section>\n";
}

std::string costs_section(const Training& training, const Input& input, const Findings& findings,
                          const TrainingFigures& figures, const std::string& place) {
  Rows rows = cost_lines(training, input, findings);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows[i].size(); ++j)
      rows[i][j] = j < 2 ? escaped(rows[i][j]) : typeset(rows[i][j]);
  }
  // "1500 of 9000 trials", empty where all are shown.
  const auto in_part = [](const Sampled& one) {
    return one.shown < one.trials ? fmt::format("{} of {} trials", one.shown, one.trials)
                                  : std::string();
  };
  std::string out = "<section>\n<h2>Forecast and cost</h2>\n" + table_of(rows, 2);
  out += place +
         "<p class=\"note\">Planned: training on the full budget, of all trials of the study and "
         "of those that were trained; spent: what these took, "
         "since a solved trial stops early. FLOPs are counted from the shapes (a multiply-add is "
         "two; backward twice forward), without validations "
         "and "
         "test; time is the trials' share of their teams' time, with them.";
  if (const std::string some = in_part(figures.costs_sampled); !some.empty()) {
    out += fmt::format(
        " The figure shows {}, evenly spaced by FLOPs within each task and architecture.", some);
  }
  if (const std::string some = in_part(figures.curves_sampled); !some.empty()) {
    out += fmt::format(
        " The learning curves are those of {}: of each length the widths nearest to its threshold, "
        "of each width first the learning "
        "rate that counts for each seed.",
        some);
  }
  return out + "</p>\n</section>\n";
}

std::string unused_section(const Findings& findings) {
  std::map<std::string, int> counts;
  for (const law::Unused& one : findings.unused) ++counts[one.reason];
  if (counts.empty() && findings.notes.empty()) return "";
  std::string out = "<section>\n<h2>What to know about the data</h2>\n";
  if (!findings.notes.empty()) {
    out += "<ul>\n";
    for (const std::string& note : findings.notes) out += "<li>" + escaped(note) + "</li>\n";
    out += "</ul>\n";
  }
  if (!counts.empty()) {
    Rows rows = {{"trials that the fits do not use, by reason", "trials"}};
    for (const auto& [reason, count] : counts)
      rows.push_back({escaped(reason), std::to_string(count)});
    out += table_of(rows, 1);
  }
  return out + "</section>\n";
}

}  // namespace surd::analysis
