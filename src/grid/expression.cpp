#include "grid/expression.hpp"

#include <fmt/format.h>
#include <muParser.h>

#include <cmath>

#include "grid/document.hpp"

namespace surd::grid {

struct Expression::Parser {
  std::string text;
  std::string where;
  std::vector<double> values;  // muparser reads variables through pointers, so this never moves
  mu::Parser parser;
};

namespace {

// A lone '=' would assign, and silently change the cell.
std::size_t find_assignment(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') continue;
    if (i + 1 < text.size() && text[i + 1] == '=') {
      ++i;
      continue;
    }
    if (i > 0 && (text[i - 1] == '<' || text[i - 1] == '>' || text[i - 1] == '!')) continue;
    return i;
  }
  return std::string::npos;
}

[[noreturn]] void fail(const std::string& text, const std::string& where,
                       const mu::Parser::exception_type& error,
                       const std::vector<std::string>& names) {
  const std::string& token = error.GetToken();
  const bool named = !token.empty() && (std::isalpha(static_cast<unsigned char>(token.front())) ||
                                        token.front() == '_');
  const std::string reason = named ? fmt::format("'{}' at character {} is unknown or out of place",
                                                 token, error.GetPos() + 1)
                                   : error.GetMsg();
  throw InputError(
      {.what = fmt::format("wrong expression \"{}\": {}", text, reason),
       .where = where,
       .expected = "a formula of numbers and names such as length, size, hidden, model.layers",
       .got = token.empty() ? text : token,
       .advice = named ? did_you_mean(token, names) : ""});
}

}  // namespace

Expression::Expression(const std::string& text, const std::string& where,
                       const std::vector<std::string>& names)
    : parser_(std::make_unique<Parser>(
          Parser{text, where, std::vector<double>(names.size(), 1.0), {}})) {
  if (const std::size_t position = find_assignment(text); position != std::string::npos) {
    throw InputError(
        {.what = fmt::format("wrong expression \"{}\": '=' at character {} would assign", text,
                             position + 1),
         .where = where,
         .expected = "==, <= or >=",
         .got = "="});
  }
  mu::Parser& parser = parser_->parser;
  try {
    parser.DefineNameChars("0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.");
    parser.DefineFun("floor", static_cast<mu::value_type (*)(mu::value_type)>(
                                  [](mu::value_type x) { return std::floor(x); }));
    parser.DefineFun("ceil", static_cast<mu::value_type (*)(mu::value_type)>(
                                 [](mu::value_type x) { return std::ceil(x); }));
    parser.DefineFun("round", static_cast<mu::value_type (*)(mu::value_type)>(
                                  [](mu::value_type x) { return std::round(x); }));
    for (std::size_t i = 0; i < names.size(); ++i) parser.DefineVar(names[i], &parser_->values[i]);
    parser.SetExpr(text);
    int results = 0;
    parser.Eval(results);  // parses; the variables are 1 so far
    if (results != 1)
      throw InputError({.what = fmt::format("wrong expression \"{}\"", text),
                        .where = where,
                        .expected = "one value",
                        .got = fmt::format("{}", results)});
  } catch (const mu::Parser::exception_type& error) {
    fail(text, where, error, names);
  }
}

Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

const std::string& Expression::text() const { return parser_->text; }

double Expression::evaluate(const std::vector<double>& values) const {
  parser_->values.assign(values.begin(), values.end());  // the same size as before: no reallocation
  double value = 0;
  try {
    value = parser_->parser.Eval();
  } catch (const mu::Parser::exception_type& error) {
    fail(parser_->text, parser_->where, error, {});
  }
  if (!std::isfinite(value)) {
    throw InputError({.what = fmt::format("expression \"{}\" has no finite value", parser_->text),
                      .where = parser_->where,
                      .expected = "a number",
                      .got = fmt::format("{}", value)});
  }
  return value;
}

}  // namespace surd::grid
