#include "analysis/report/latex.hpp"

#include <fmt/format.h>

#include <map>
#include <variant>
#include <vector>

namespace surd::analysis {
namespace {

// Titles of columns that are symbols in print.
std::string latex_heading(const std::string& title) {
  static const std::map<std::string, std::string> symbols = {{"alpha", "$\\alpha$"},
                                                             {"delta alpha", "$\\Delta\\alpha$"},
                                                             {"kappa", "$\\kappa$"},
                                                             {"95 %", "95\\,\\%"},
                                                             {"at L", "at $L$"}};
  const auto symbol = symbols.find(title);
  return symbol == symbols.end() ? latex_words(title) : symbol->second;
}

// Numbers and intervals in math mode, which sets minus signs.
std::string latex_cell(const Value& value, Format format) {
  const std::string words = in_words(value, format);
  if (std::holds_alternative<std::string>(value)) return latex_words(words);
  if (words == "-") return "--";
  std::string math;
  for (std::size_t at = 0; at < words.size();) {
    if (words.compare(at, 4, "open") == 0) {
      math += "\\mathrm{open}";
      at += 4;
    } else {
      math += words[at++];
    }
  }
  return fmt::format("${}$", math);
}

}  // namespace

std::string latex_words(const std::string& words) {
  std::string out;
  for (const char c : words) {
    switch (c) {
      case '\\': out += "\\textbackslash{}"; break;
      case '~': out += "\\textasciitilde{}"; break;
      case '^': out += "\\textasciicircum{}"; break;
      case '<': out += "\\textless{}"; break;
      case '>': out += "\\textgreater{}"; break;
      case '|': out += "\\textbar{}"; break;
      case '"': out += "\\textquotedbl{}"; break;
      case '&':
      case '%':
      case '$':
      case '#':
      case '_':
      case '{':
      case '}': out += fmt::format("\\{}", c); break;
      default: out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
  }
  return out;
}

std::string for_latex(const ResultTable& table) {
  if (table.rows.empty()) return "";
  std::string places, header;
  std::vector<std::string> rows(table.rows.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const TableColumn& column = table.columns[i];
    if (column.title.empty() || column.part == Part::details) continue;
    places += column.part == Part::names ? 'l' : 'r';
    const char* between = header.empty() ? "" : " & ";
    header += between + latex_heading(column.title);
    for (std::size_t j = 0; j < rows.size(); ++j)
      rows[j] += between + latex_cell(table.rows[j][i], column.format);
  }
  return fmt::format(
      "\\begin{{tabular}}{{{}}}\n\\toprule\n{} \\\\\n\\midrule\n{} \\\\\n\\bottomrule\n"
      "\\end{{tabular}}\n",
      places, header, fmt::join(rows, " \\\\\n"));
}

}  // namespace surd::analysis
