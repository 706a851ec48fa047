// The search of design boundary: a study's seeds are run in rounds, each where the results so far
// say that it narrows the exponents most per FLOP (law/next.hpp).
//
// Curves that are asked for together, all of a task under goal delta, one each under goal alpha,
// form a group, and a group goes in rounds of its own. Round k is proposed from the results of the
// rounds up to k - 2, so that two run at a time, and from those that no round asked for (a grid, or
// another study, left them in the folder). So what is run is a function of study, results and
// earlier rounds, never of workers, timing or interruption. A round may be empty: its results are
// waited for, or the half-width is reached; two empty ones in a row end the search of a group, the
// second having seen everything.
//
// Where the study has windows of learning rates, the first that a cell runs is its pilot, a seed
// that never counts, with all rates. As soon as it has ended, the window is chosen: the neighbours
// with the least validation losses (law/window.hpp). Each seed that counts runs the whole window.
//
// It judges by the test, as the fit does, whose interval it stops by: that is no choice among
// results, since all of them go into the fit.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "base/indexed.hpp"
#include "grid/study.hpp"
#include "law/look.hpp"
#include "law/next.hpp"
#include "spec/result.hpp"

namespace surd::design {

struct Round {
  std::string group;
  int number = 0;                    // from 1 within its group
  std::vector<TrialIndex> trials{};  // ascending; of a seed that counts all learning rates, though
                                     // only those of the window run
  std::string reason{};              // why it is empty, or smaller than it may be
};

// The learning rates of a cell.
struct Window {
  CellIndex cell;
  std::vector<TrialIndex> pilots;  // by learning rate
  std::vector<double> rates;       // ascending
};

// A number that the search is after, as the fit would report it now.
struct Sought {
  std::string name;  // "alpha linear", "delta alpha linear"
  law::Number number;
};

// How far the search of a group is, as of its last round.
struct Progress {
  std::string group;
  int rounds = 0;
  std::size_t seeds = 0;                 // asked for
  double flops = 0;                      // spent on them, and planned for those that run
  std::optional<double> budget_flops{};  // that they may cost; none: no bound
  std::vector<Sought> sought{};          // in study order
  std::vector<std::string> open{};       // "linear above the widths: L 48, 64"
  bool over = false;
  bool reached = false;  // the half-width was, at the last look
  std::string reason{};  // of the last round
};

class Search {
 public:
  // The study, which must outlive it, is of design boundary.
  explicit Search(const grid::Study& study);

  // Before the first go_on(): the next round that an earlier run asked for, in its order. One of
  // a group that the study does not have says nothing.
  void remember(const Round& round);
  // A trial came to its end; a quarantined one has no result. Error where told twice.
  void settle(TrialIndex trial, const spec::TrialResult* result);

  struct Step {
    std::vector<Window> windows;  // chosen
    std::vector<Round> rounds;    // asked for
    std::vector<TrialIndex> run;  // what may run now, without an end so far; each trial once over
                                  // the life of this object
  };
  // Chooses the windows and asks for the rounds that can be now. Takes seconds where there is much
  // to fit.
  Step go_on();
  // Whether results have come that go_on() may go on from.
  bool is_due() const;
  bool over() const;
  std::vector<Progress> progress() const;

 private:
  struct Known {
    enum class Kind { unknown, done, failed };
    Kind kind = Kind::unknown;
    double accuracy_validation = 0;  // judged
    double accuracy_test = 0;
    double loss = 0;   // in validation; infinite where it diverged
    double flops = 0;  // spent
  };
  struct Seed {
    std::vector<TrialIndex> trials;
    int round = 0;  // that asked for it; 0: none did
    bool opened = false;
  };
  struct Cell {
    CellIndex index;
    double flops = 0;             // of a trial on all its steps
    std::optional<Seed> pilot{};  // none: there are no windows
    std::vector<double> window{};
    std::vector<Seed> seeds{};
  };
  struct Curve {
    std::string label;
    std::vector<Cell> cells;
  };
  struct Group {
    std::string name;
    std::vector<Curve> curves;  // the baseline last, where they are compared with one
    bool compares = false;
    std::optional<double> budget_flops;
    // Of each round the cells with seeds that it asked for.
    std::vector<std::vector<std::pair<std::size_t, std::size_t>>> rounds;  // (curve, cell)
    Progress progress;

    bool is_over() const;
  };
  // Where a trial stands.
  struct Place {
    std::size_t group = 0, curve = 0, cell = 0, seed = 0;
    bool pilot = false;
  };
  enum class Outcome { unknown, solved, unsolved, censored };

  void make_groups();
  void share_budget();
  Cell& cell_of(const Place& place) {
    return groups_[place.group].curves[place.curve].cells[place.cell];
  }
  bool has_ended(TrialIndex trial) const { return known_[trial].kind != Known::Kind::unknown; }
  bool is_run(const Cell& cell, TrialIndex trial) const;
  bool is_settled(const Cell& cell, const Seed& seed) const;
  bool is_pilot_settled(const Cell& cell) const;
  bool can_choose(const Cell& cell) const;
  bool can_go_on(const Group& group) const;
  Outcome outcome_of(const Cell& cell, const Seed& seed) const;
  std::vector<double> window_of(const Cell& cell) const;
  std::vector<law::Curve> curves_of(const Group& group, int without) const;
  double rates_of(const Cell& cell) const;
  double flops_of(const Group& group) const;
  Round next_round(Group& group);
  void ask(Group& group, const std::vector<law::Pick>& picks, Round& round);
  void ask_for(Group& group, std::size_t curve, std::size_t cell, Seed& seed, int round);
  void open(Cell& cell, std::vector<TrialIndex>& run);
  void note_progress(Group& group, const law::Look& look, const std::vector<law::Open>& open) const;

  const grid::Study& study_;
  std::vector<Place> undecided_;  // cells whose pilot was asked for and whose window is open
  bool fresh_ = true;             // nothing was opened yet
  std::vector<Group> groups_;
  Indexed<TrialIndex, Place> places_;
  Indexed<TrialIndex, Known> known_;
};

}  // namespace surd::design
