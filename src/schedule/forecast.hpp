// How long work will take: counted FLOPs, divided by a rate that starts at a calibration and
// follows what was measured.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "grid/study.hpp"

namespace surd::schedule {

// Lanes that a device of `memory_bytes` trains together, at least 1 (spec::lane_bytes; a tenth is
// left free).
std::size_t lanes_that_fit(const grid::Cell& cell, double memory_bytes);

// FLOP/s by device and shape. The median of the last few measurements of the nearest class that has
// any: device, task, architecture, octave of hidden, octave of length and octave of the lanes
// trained together; then device, task and architecture; then the device alone; then the
// calibration, times the ranks of a team. A median, since one bundle on a disturbed node must not
// move a forecast.
class Forecast {
 public:
  // calibration: device name -> FLOP/s of one rank. Devices that are not in it have no rate until
  // something was measured on them.
  Forecast(const grid::Study& study, std::map<std::string, double> calibration);

  // Of one trial of the cell that runs all its steps (grid::trial_cost, computed once).
  double trial_flops(CellIndex cell) const { return flops_[cell]; }

  // lanes: trained together; 1 where they run one after the other.
  std::optional<double> rate_flops_s(const std::string& device, CellIndex cell,
                                     std::size_t lanes) const;
  // `flops` of work on `cell` took `seconds` of a whole team. Ignored where either is not positive
  // and finite.
  void measured(const std::string& device, CellIndex cell, std::size_t lanes, double flops,
                double seconds);

  // Share of their steps that trials like those of the cell need, since solved ones stop early: the
  // mean over the finished ones of the same task and architecture and one imagined trial that needs
  // all.
  double expected_share(CellIndex cell) const;
  void finished(CellIndex cell, double share_of_steps);

 private:
  struct Rates {  // the last few, oldest overwritten
    std::vector<double> flops_s;
    std::size_t next = 0;
    double median = 0;
    void add(double value);
  };
  struct Share {
    double sum = 1;
    double count = 1;
  };
  std::uint64_t shape_class(std::uint64_t device, CellIndex cell, std::size_t lanes) const;
  std::uint64_t family_class(std::uint64_t device, CellIndex cell) const;

  Indexed<CellIndex, double> flops_;
  Indexed<CellIndex, std::uint32_t> family_;   // task and architecture
  Indexed<CellIndex, std::uint32_t> octaves_;  // of hidden and length
  std::vector<Share> shares_;                  // family
  std::map<std::string, double> calibration_;
  double ranks_ = 1;
  std::map<std::string, std::uint64_t> devices_;
  std::unordered_map<std::uint64_t, Rates> rates_;
};

}  // namespace surd::schedule
