// The design rule: which cells of a study may run and which are skipped, given the results so far.
// It knows nothing of workers or time, so what is run depends on results alone.
//
// ascend: a width is solved where every seed is, a seed where its best validation accuracy over the
// learning rates is >= fit.tau. After two widths in a row with every seed solved, all larger ones
// are skipped. A width opens as soon as no result still to come could skip it: of each two
// neighbours below it one is known to be unsolved. So the two smallest widths are open from the
// start, and the set of cells that run is the same for every order of results.
//
// grid opens all at once; boundary opens nothing here, since its search asks for single trials
// (design/search.hpp).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "grid/study.hpp"
#include "spec/result.hpp"

namespace surd::design {

// The accuracy that the rule judges: validation at the stop (law/solved.hpp).
double judged_accuracy(const spec::TrialResult& result);
// The same on the test, which the audit and the fit judge by and the design rules may not see.
double judged_test_accuracy(const spec::TrialResult& result);

enum class Verdict { unknown, solved, unsolved };

class Columns {
 public:
  // Cells that a result has decided about; each cell is in at most one list over the life of this
  // object.
  struct Change {
    std::vector<CellIndex> opened;
    std::vector<CellIndex> skipped;
  };
  struct Column {
    std::vector<CellIndex> cells;  // ascending width
    std::size_t opened = 0;        // the first so many may run
    bool closed = false;           // the rest is skipped
  };

  // Keeps no reference to the study.
  explicit Columns(const grid::Study& study);

  // What may run before anything is known. Call it once, after the results of earlier runs were
  // told by settle().
  Change start();
  // A trial came to an end with this accuracy; a quarantined one counts 0. Error where told twice.
  // Before start() it changes nothing but what is known.
  Change settle(TrialIndex trial, double accuracy);

  Verdict verdict(CellIndex cell) const { return verdicts_[cell]; }
  std::span<const Column> columns() const { return columns_; }
  std::size_t column_of(CellIndex cell) const { return column_of_[cell]; }

 private:
  struct Seed {
    CellIndex cell;
    std::size_t unsettled = 0;  // learning rates still to come
    bool solved = false;
  };
  void advance(Column& column, Change& change) const;

  grid::Design design_;
  double tau_;
  Indexed<TrialIndex, std::size_t> seed_of_;  // place in seeds_
  Indexed<TrialIndex, bool> settled_;
  std::vector<Seed> seeds_;
  Indexed<CellIndex, std::size_t> unsolved_;  // seeds that are not solved (yet)
  Indexed<CellIndex, Verdict> verdicts_;
  Indexed<CellIndex, std::size_t> column_of_;  // place in columns_
  std::vector<Column> columns_;
  bool started_ = false;
};

enum class Standing {
  settled,  // has a result or is quarantined
  ready,    // may run
  waiting,  // not yet known whether the rule will skip it
  skipped
};

// One a trial. accuracy: judged_accuracy of what is done, 0 for what is quarantined, nothing for
// the rest; in study order. Of design boundary all of the rest waits. Error where sizes differ.
Indexed<TrialIndex, Standing> standings(const grid::Study& study,
                                        const Indexed<TrialIndex, std::optional<double>>& accuracy);

}  // namespace surd::design
