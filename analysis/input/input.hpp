// What an analysis works on, whatever file it came from.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "analysis/input/late.hpp"
#include "law/outcome.hpp"

namespace surd::analysis {

// As in the column `status`, in the order of law::Status.
inline const std::vector<std::string> status_words = {"finished", "diverged", "failed", "skipped",
                                                      "missing"};

// A trial that a budget audit drew, with twice the steps.
struct Audited {
  std::string id;  // of the original
  law::Status status = law::Status::missing;
  double accuracy_validation = 0;
  double accuracy_test = 0;
};

// What models are sized in: --scale.
enum class SizeScale { hidden, parameters, state_bytes, flops_forward };

// What a cell's model costs and how large it is, where the input knows it.
struct PricedCell {
  std::string task;
  std::string architecture;
  std::string axes;
  double length = 0;
  double hidden = 0;
  double flops_forward = 0;     // of one mean training sequence; 0 where not known
  double flops_generation = 0;  // of one generated sequence of the full length; 0 where not known
  double parameters = 0;        // 0 where not known
  double state_bytes = 0;       // after the full length; 0 where not known
};

struct Input {
  std::string path;                             // as given by the user
  std::vector<law::Trial> trials;               // either these ...
  std::vector<law::CountedCell> counted;        // ... or seeds counted by cell; never both
  std::vector<std::size_t> without_accuracy{};  // places of trials that have none, ascending: taken
                                                // as missing, though they may have diverged
  std::vector<Audited> audited{};               // of trials
  std::vector<double> flops{};  // of each trial's training; 0 where it was not trained or does not
                                // say; empty where none says
  std::vector<Late> late{};     // of each trial's curve; empty where there are no curves
  std::vector<PricedCell> prices{};     // a cell may come more than once
  SizeScale scale = SizeScale::hidden;  // of `hidden` throughout: see in_scale
  std::optional<double> tau{};          // what the study itself asks for: see Choices
  std::optional<std::string> baseline{};
  std::vector<std::string> notes;  // what was odd about the file, one sentence each
};

// Its seeds, of trials judged at the test accuracy tau; of counted cells tau says nothing.
law::Evidence evidence_of(const Input& input, double tau);

// Of the first trial or cell: that which the study, or the file, names first. Empty where there are
// none.
std::string first_architecture(const Input& input);

}  // namespace surd::analysis
