// Numeric expressions over the names of a cell: `when` of exclude, and derive. muparser behind a
// narrow wall.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace surd::grid {

class Expression {
 public:
  // `names` are the variables that it may use. InputError at `where`: malformed, an unknown name
  // (with the nearest one), '=' for '=='.
  Expression(const std::string& text, const std::string& where,
             const std::vector<std::string>& names);
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  // The value with variables in the order of `names`. InputError where it is not finite.
  double evaluate(const std::vector<double>& values) const;
  const std::string& text() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace surd::grid
