#include "design/columns.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.hpp"
#include "law/solved.hpp"

namespace surd::design {

double judged_accuracy(const spec::TrialResult& result) {
  return law::judged_accuracy(result.outcome == spec::Outcome::diverged,
                              result.accuracy_validation);
}

double judged_test_accuracy(const spec::TrialResult& result) {
  return law::judged_accuracy(result.outcome == spec::Outcome::diverged, result.accuracy_test);
}

Columns::Columns(const grid::Study& study)
    : design_(study.run.design),
      tau_(study.fit.tau),
      settled_(study.trials.size(), false),
      unsolved_(study.cells.size(), 0),
      verdicts_(study.cells.size(), Verdict::unknown),
      columns_(study.columns) {
  std::map<std::pair<CellIndex, std::uint64_t>, std::size_t> known;  // (cell, seed) -> seeds_
  for (const grid::StudyTrial& entry : study.trials) {
    if (entry.cell.value >= study.cells.size())
      throw Error("a trial names a cell that the study does not have");
    const auto [place, is_new] = known.try_emplace({entry.cell, entry.seed}, seeds_.size());
    if (is_new) {
      seeds_.push_back({.cell = entry.cell});
      ++unsolved_[entry.cell];
    }
    ++seeds_[place->second].unsettled;
    seed_of_.push_back(place->second);
  }
  for (const CellIndex cell : study.cells.places()) {
    const std::size_t column = study.cells[cell].column;
    if (column >= columns_.size())
      throw Error("a cell names a column that the study does not have");
    column_of_.push_back(column);
    columns_[column].cells.push_back(cell);
  }
  for (Column& column : columns_) {
    std::stable_sort(column.cells.begin(), column.cells.end(), [&](CellIndex a, CellIndex b) {
      return study.cells[a].hidden < study.cells[b].hidden;
    });
  }
}

void Columns::advance(Column& column, Change& change) const {
  if (design_ == grid::Design::boundary) return;  // a search opens trials, not cells
  const auto at = [&](std::size_t place) { return verdicts_[column.cells[place]]; };
  while (!column.closed && column.opened < column.cells.size()) {
    const std::size_t next = column.opened;
    if (design_ == grid::Design::ascend && next >= 2) {
      // Neighbours further down are settled already: else `next - 1` would not be open.
      if (at(next - 2) == Verdict::solved && at(next - 1) == Verdict::solved) {
        column.closed = true;
        change.skipped.insert(change.skipped.end(),
                              column.cells.begin() + static_cast<std::ptrdiff_t>(next),
                              column.cells.end());
        return;
      }
      if (at(next - 2) != Verdict::unsolved && at(next - 1) != Verdict::unsolved) return;
    }
    change.opened.push_back(column.cells[next]);
    ++column.opened;
  }
}

Columns::Change Columns::start() {
  started_ = true;
  Change change;
  for (Column& column : columns_) advance(column, change);
  return change;
}

Columns::Change Columns::settle(TrialIndex trial, double accuracy) {
  if (settled_.at(trial))
    throw Error({.what = "a trial ended twice",
                 .got = "trial " + std::to_string(trial.value) + " of the study"});
  settled_[trial] = true;
  Seed& seed = seeds_[seed_of_[trial]];
  --seed.unsettled;
  Verdict& verdict = verdicts_[seed.cell];
  const Verdict before = verdict;
  if (!seed.solved && law::is_solved(accuracy, tau_)) {
    seed.solved = true;
    if (--unsolved_[seed.cell] == 0) verdict = Verdict::solved;
  }
  if (!seed.solved && seed.unsettled == 0) verdict = Verdict::unsolved;
  Change change;
  if (started_ && verdict != before) advance(columns_[column_of_[seed.cell]], change);
  return change;
}

Indexed<TrialIndex, Standing> standings(
    const grid::Study& study, const Indexed<TrialIndex, std::optional<double>>& accuracy) {
  if (accuracy.size() != study.trials.size()) {
    throw Error({.what = "one accuracy a trial is wanted",
                 .expected = std::to_string(study.trials.size()),
                 .got = std::to_string(accuracy.size())});
  }
  Columns columns(study);
  for (const TrialIndex trial : accuracy.places()) {
    if (accuracy[trial]) columns.settle(trial, *accuracy[trial]);
  }
  const Columns::Change change = columns.start();
  Indexed<CellIndex, Standing> of_cell(study.cells.size(), Standing::waiting);
  for (const CellIndex cell : change.opened) of_cell[cell] = Standing::ready;
  for (const CellIndex cell : change.skipped) of_cell[cell] = Standing::skipped;
  Indexed<TrialIndex, Standing> of_trial;
  of_trial.reserve(accuracy.size());
  for (const TrialIndex trial : accuracy.places()) {
    of_trial.push_back(accuracy[trial] ? Standing::settled : of_cell[study.trials[trial].cell]);
  }
  return of_trial;
}

}  // namespace surd::design
