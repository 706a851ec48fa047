// Errors: every message says what went wrong, where, what was expected, what was got, and what to
// do.
#pragma once

#include <stdexcept>
#include <string>

namespace surd {

// Exit codes of all programs; the same code stands in RUN/state.json.
enum class Exit : int {
  complete = 0,
  error = 1,
  bad_input = 2,
  stopped = 3,
  quarantined = 4,
  undetermined = 5
};

// The parts of a message; empty parts are left out of it.
struct Report {
  std::string what;     // the rule that was broken, in words
  std::string where{};  // file:line:column, a rank, a path, a record number
  std::string expected{};
  std::string got{};
  std::string advice{};  // what the reader can do about it
};

// "where: what (expected ..., got ...). advice"
std::string to_string(const Report& report);

// Something failed that is not the user's input: a system call, a library, a broken file.
class Error : public std::runtime_error {
 public:
  explicit Error(Report report);
  explicit Error(std::string what) : Error(Report{std::move(what)}) {}
  const Report& report() const noexcept { return report_; }
  virtual Exit exit_code() const noexcept { return Exit::error; }

 private:
  Report report_;
};

// Input that the user can mend: a study file, a flag, a data file. Programs exit with 2.
class InputError : public Error {
 public:
  using Error::Error;
  Exit exit_code() const noexcept override { return Exit::bad_input; }
};

// The candidate that `word` may stand for, for "did you mean": the nearest by edit distance, or one
// that it abbreviates ("ed" of edit_distance, "gla" of gated_linear). Empty where none is near:
// more than a third of the letters differ (of a short word two, and never all).
std::string nearest_word(const std::string& word, const std::string* first,
                         const std::string* last);
template <typename Words>
std::string nearest_word(const std::string& word, const Words& words) {
  return nearest_word(word, std::data(words), std::data(words) + std::size(words));
}

}  // namespace surd
