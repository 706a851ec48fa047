// What a scheduler says of its state: counts, outcome, time left.
#include <algorithm>
#include <map>

#include "schedule/scheduler.hpp"

namespace surd::schedule {

Counts Scheduler::counts() const { return counts_; }

Exit Scheduler::outcome() const {
  if (broken_) return Exit::error;
  if (counts_.left > 0 || counts_.running > 0 || searching_) return Exit::stopped;
  return counts_.failed > 0 ? Exit::quarantined : Exit::complete;
}

std::optional<double> Scheduler::forecast_left_s(double now_s) const {
  std::map<std::pair<std::string, bool>, double> kinds;  // of workers -> how many
  for (const auto& [rank, seat] : seats_)
    kinds[{seat.worker.device, seat.worker.lanes_together}] += 1;

  double widths_opened = 1;
  double columns_closed = 1;
  for (const design::Columns::Column& column : columns_.columns()) {
    widths_opened += column.opened > 2 ? static_cast<double>(column.opened - 2) : 0.0;
    columns_closed += column.closed ? 1.0 : 0.0;
  }
  const double q = widths_opened / (widths_opened + columns_closed);

  const bool searches = study_.run.design == grid::Design::boundary;
  double left_s = 0;
  for (const design::Columns::Column& column : columns_.columns()) {
    double weight = 1;
    for (std::size_t place = 0;
         place < column.cells.size() && !(column.closed && place >= column.opened); ++place) {
      if (place >= column.opened && !searches) weight *= q;
      const CellIndex cell = column.cells[place];
      double flops = 0;
      for (const TrialIndex trial : of_cell_[cell]) {
        const TrialState state = trials_[trial].state;
        if (state == TrialState::waiting || state == TrialState::ready ||
            state == TrialState::running)
          flops += flops_of(trial, trials_[trial].step, -1);
      }
      if (flops <= 0) continue;
      double rate_flops_s = 0;
      for (const auto& [kind, workers] : kinds) {
        const std::size_t lanes =
            kind.second ? std::min(options_.max_lanes, of_cell_[cell].size()) : 1;
        rate_flops_s += workers * forecast_.rate_flops_s(kind.first, cell, lanes).value_or(0);
      }
      if (!(rate_flops_s > 0)) return std::nullopt;
      left_s += weight * forecast_.expected_share(cell) * flops / rate_flops_s;
    }
  }

  for (const auto& [rank, seat] : seats_) {
    if (!seat.running) continue;
    const CellIndex cell = study_.trials[seat.running->trials.front()].cell;
    const std::size_t lanes = seat.worker.lanes_together ? seat.running->trials.size() : 1;
    const std::optional<double> rate = forecast_.rate_flops_s(seat.worker.device, cell, lanes);
    if (!rate) continue;
    double flops = seat.running->flops_done;
    for (const TrialIndex trial : seat.running->trials) {
      if (trials_[trial].state == TrialState::running)
        flops += forecast_.expected_share(cell) * flops_of(trial, trials_[trial].step, -1);
    }
    left_s = std::max(left_s, flops / *rate - (now_s - seat.running->start_s));
  }
  return left_s;
}

}  // namespace surd::schedule
