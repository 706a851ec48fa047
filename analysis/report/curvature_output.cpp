#include "analysis/report/curvature_output.hpp"

#include <fmt/format.h>

#include <ranges>

#include "analysis/report/columns.hpp"

namespace surd::analysis {
namespace {

using FitRow = const Finding&;
using Local = std::optional<law::LocalExponent>;

Value exponent_of(const Local& local) { return local ? Value(local->exponent) : Value(); }
Value interval_of(const Local& local) { return local ? Value(local->interval) : Value(); }
Value estimate_of(const Local& local) {
  return local ? Value(Estimate{local->exponent, local->interval}) : Value();
}

constexpr const char* curvature_meaning =
    "gamma: how the exponent changes with the length, half of what it gains as L grows e-fold. 0: "
    "one power throughout; below 0 the growth slows down";
constexpr const char* curvature_interval_meaning =
    "its 95 % interval; without 0 the law is no single power";
constexpr const char* first_meaning =
    "the exponent at the shortest length, by the law with a curvature";
constexpr const char* last_meaning = "the same at the longest";

}  // namespace

std::vector<TableColumnOf<Finding>> curvature_columns() {
  return {
      {{.key = "curvature", .means = curvature_meaning},
       [](FitRow f) { return value_of(f.beside.curvature.gamma); }},
      {{.key = "curvature_{}", .means = curvature_interval_meaning},
       [](FitRow f) {
         const law::Curvature& one = f.beside.curvature;
         return one.gamma ? Value(one.interval) : Value();
       }},
      {{.key = "first_exponent", .means = first_meaning},
       [](FitRow f) { return exponent_of(f.beside.curvature.first); }},
      {{.key = "first_exponent_{}", .means = "its 95 % interval"},
       [](FitRow f) { return interval_of(f.beside.curvature.first); }},
      {{.key = "last_exponent", .means = last_meaning},
       [](FitRow f) { return exponent_of(f.beside.curvature.last); }},
      {{.key = "last_exponent_{}", .means = "its 95 % interval"},
       [](FitRow f) { return interval_of(f.beside.curvature.last); }},
      {{.key = "curvature_words",
        .csv = false,
        .where_it_has = true,
        .means = "the curvature in a sentence, as under Local exponent"},
       [](FitRow f) { return words_or_none(f.beside.curvature.words); }},
  };
}

ResultTable curvature_table(const Findings& findings) {
  auto columns = named<Finding>([](FitRow f) -> const law::Series& { return f.series; });
  append<Finding>(columns,
                  {
                      {{.title = "curvature",
                        .heading = "curvature",
                        .format = Format::signed_two_digits,
                        .means = curvature_meaning},
                       [](FitRow f) { return value_of(f.beside.curvature.gamma); }},
                      {{.title = "95 %", .heading = "95 %", .means = curvature_interval_meaning},
                       [](FitRow f) { return f.beside.curvature.interval; }},
                      {{.title = "at the shortest L",
                        .heading = "\u03b1 at the shortest L",
                        .format = Format::two_digits,
                        .means = first_meaning},
                       [](FitRow f) { return estimate_of(f.beside.curvature.first); }},
                      {{.title = "at the longest L",
                        .heading = "\u03b1 at the longest L",
                        .format = Format::two_digits,
                        .means = last_meaning},
                       [](FitRow f) { return estimate_of(f.beside.curvature.last); }},
                  });
  return make_table(columns, findings.fits | std::views::filter([](FitRow f) {
                               return f.beside.curvature.gamma.has_value();
                             }));
}

std::string curvature_text(const Findings& findings) {
  const std::string table = for_terminal(curvature_table(findings));
  if (table.empty()) return "";
  std::string out = "\nLocal exponent, by a law with a curvature:\n" + table;
  for (const Finding& finding : findings.fits) {
    if (!finding.beside.curvature.words.empty())
      out += item(law::name(finding.series) + ": " + finding.beside.curvature.words);
  }
  return out;
}

}  // namespace surd::analysis
