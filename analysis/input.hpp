// What an analysis works on, whatever file it came from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "law/outcome.hpp"

namespace surd::analysis {

// As in the column `status`, in the order of law::Status.
inline const std::vector<std::string> status_words = {"finished", "diverged", "failed", "skipped", "missing"};

// A trial that a budget audit drew, with twice the steps.
struct Audited {
  std::string id;  // of the original
  law::Status status = law::Status::missing;
  double accuracy_validation = 0;
  double accuracy_test = 0;
};

struct Input {
  std::string path;                       // as given by the user
  std::vector<law::Trial> trials;         // either these ...
  std::vector<law::CountedCell> counted;  // ... or seeds counted by cell; never both
  std::vector<Audited> audited{};         // of trials
  std::optional<double> tau{};            // what the study itself asks for: see Settings
  std::optional<std::string> baseline{};
  std::vector<std::string> notes;  // what was odd about the file, one sentence each
};

}  // namespace surd::analysis
