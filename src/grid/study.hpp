// A study: what a study file asks for, expanded to cells and trials. Everything that reads YAML
// ends here; other rooms see only these structs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "base/indexed.hpp"
#include "base/json.hpp"
#include "spec/trial.hpp"

namespace surd::grid {

enum class Design {
  grid,     // all trials
  ascend,   // up the widths of a column; two widths in a row with every seed solved skip the larger
            // ones
  boundary  // in rounds, what narrows the exponents most per FLOP
};
std::string to_string(Design value);
const std::vector<std::string>& words(Design);

// What a search of design boundary is after.
enum class Goal {
  delta,  // how much faster the width grows than that of the baseline
  alpha   // the exponent of each curve
};
std::string to_string(Goal value);
const std::vector<std::string>& words(Goal);

struct BoundarySettings {
  Goal goal = Goal::delta;
  std::optional<double> half_width = 0.15;  // of the 95 % intervals, where the search ends; none:
                                            // it goes on
  std::optional<double> budget{};           // FLOPs that it may spend; none: no bound
  int at_once = 16;                         // seeds of a round, at most; two rounds run at a time
  std::optional<int> seeds{};  // that a cell may get: 1 to so many, in place of trials.seeds
  // What `surd plan` takes for true; nothing else depends on it.
  double guess_alpha = 0.5;             // of all but the baseline, whose exponent is 0
  std::optional<double> guess_width{};  // needed at the middle length; none: the middle width
  bool operator==(const BoundarySettings&) const = default;
};

struct RunSettings {
  Design design = Design::ascend;
  int data_parallel = 1;  // ranks that share one bundle's batch
  double checkpoint_s = 60;
  double results_s = 30;
  int retries = 2;                       // further attempts after a bundle's first failure
  std::optional<double> time_limit_s{};  // none: until all is done
  std::optional<double> silent_s = 120;  // that a piece of work may take beyond 5 times its
                                         // forecast before its rank hangs; none: for ever
  bool deterministic = true;
  BoundarySettings boundary;  // of that design
  bool operator==(const RunSettings&) const = default;
};

struct FitSettings {
  double tau = 0.9;        // a seed is solved where its test accuracy is at least tau
  std::string baseline{};  // label of the architecture that the others are compared with; of a
                           // Study never empty: where the file names none, the first that it names
  bool operator==(const FitSettings&) const = default;
};

// A point of the grid, all settings resolved, with what a study knows of it besides.
struct Cell : spec::Cell {
  int paper_length = 0;  // Figure 1's label, 0 where it has none
  std::string label;     // of the architecture, as in columns: "standard", "sparse(c=2)"
  std::vector<std::pair<std::string, Json>>
      further;  // a value for each of Study::further_axes, in their order: a number or a word
  spec::MeanTokens mean;   // tokens and supervised tokens of a training sequence, estimated
  std::size_t column = 0;  // cells of one column differ in their width alone
};

struct StudyTrial {
  CellIndex cell;
  TrialId id;
  double learning_rate = 0;
  std::uint64_t seed = 0;
  bool pilot = false;  // its validation loss helps to choose the rates of its cell; it never counts
};

// The seed of pilots: those that count are others.
constexpr std::uint64_t pilot_seed = 0;

// What a rule of the study file did, for `surd plan`.
struct RuleCount {
  std::string rule;   // "grid", "exclude {...}", "include {...}"
  std::string where;  // file:line:column
  std::int64_t cells = 0;
  std::int64_t seeds = 0;  // of an include: further ones of cells that are there already
};

struct Study {
  std::string name;
  std::string question;
  std::vector<std::string> further_axes;  // e.g. "model.layers"
  Indexed<CellIndex, Cell>
      cells;  // study order: task, length, hidden, architecture, further axes, then included cells
  std::size_t columns = 0;
  Indexed<TrialIndex, StudyTrial> trials;  // cells in order; within one seeds, then learning rates
  std::vector<std::uint64_t> seeds;
  std::vector<double> learning_rates;
  int window = 0;  // so many neighbours of the learning rates, ascending then, are run in a cell,
                   // chosen by its pilot; 0: all are, and there are no pilots
  RunSettings run;
  FitSettings fit;
  std::vector<RuleCount> rules;
  std::string
      text_frozen;  // the study with all defaults written out: YAML that gives the same trial ids
};

// More than so many trials are refused.
constexpr std::int64_t trials_most = 1'000'000;

// Reads and expands a study. An override is "key=value": a dotted path ("recipe.steps",
// "grid.model.layers") and a YAML value. InputError with file:line:column (or the override), what
// was expected and what was got, where anything is wrong.
Study load_study(const std::filesystem::path& path, const std::vector<std::string>& overrides = {});
Study parse_study(const std::string& text, const std::string& file_name,
                  const std::vector<std::string>& overrides = {});

// With the settings of its cell.
spec::Trial whole_trial(const Study& study, const StudyTrial& trial);
// One line that names a cell: "lookup L=16 hidden=8 linear model.layers=2".
std::string describe(const Cell& cell);

// The label that the paper's Figure 1 gives a problem size; 0 where it has none.
int paper_length(const std::string& task, int size);

}  // namespace surd::grid
