#include "schedule/forecast.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "grid/plan.hpp"
#include "spec/memory.hpp"

namespace surd::schedule {

std::size_t lanes_that_fit(const grid::Cell& cell, double memory_bytes) {
  const spec::ModelShape shape = spec::shape(cell);
  const double lane_bytes =
      spec::lane_bytes(shape, spec::load(cell.recipe, cell.mean, false, 1, 1));
  return lane_bytes > 0
             ? static_cast<std::size_t>(std::clamp(0.9 * memory_bytes / lane_bytes, 1.0, 1e6))
             : 1;
}

void Forecast::Rates::add(double value) {
  constexpr std::size_t kept = 9;
  if (flops_s.size() < kept) {
    flops_s.push_back(value);
  } else {
    flops_s[next] = value;
    next = (next + 1) % kept;
  }
  std::vector<double> sorted = flops_s;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  median = *middle;
}

Forecast::Forecast(const grid::Study& study, std::map<std::string, double> calibration)
    : calibration_(std::move(calibration)), ranks_(std::max(1, study.run.data_parallel)) {
  std::map<std::string, std::uint32_t> families;
  for (const grid::Cell& cell : study.cells) {
    flops_.push_back(grid::trial_cost(cell).flops());
    const auto family = families
                            .try_emplace(cell.task.name + ' ' + cell.label,
                                         static_cast<std::uint32_t>(families.size()))
                            .first->second;
    family_.push_back(family);
    const auto octave = [](int value) {
      return static_cast<std::uint32_t>(std::bit_width(static_cast<unsigned>(std::max(value, 0))));
    };
    octaves_.push_back(octave(cell.hidden) << 6 | octave(cell.length));
  }
  shares_.resize(families.size());
}

// Keys: device 16 bits from 1, family 16, octaves of hidden, length, lanes 6 each; what a coarser
// class leaves out is 0, and no octave of lanes is.
std::uint64_t Forecast::family_class(std::uint64_t device, CellIndex cell) const {
  return device << 48 | std::uint64_t{family_[cell] + 1} << 24;
}
std::uint64_t Forecast::shape_class(std::uint64_t device, CellIndex cell, std::size_t lanes) const {
  return family_class(device, cell) | std::uint64_t{octaves_[cell]} << 6 |
         static_cast<std::uint64_t>(std::bit_width(std::max<std::size_t>(lanes, 1)));
}

std::optional<double> Forecast::rate_flops_s(const std::string& device, CellIndex cell,
                                             std::size_t lanes) const {
  if (const auto known = devices_.find(device); known != devices_.end()) {
    for (const std::uint64_t key : {shape_class(known->second, cell, lanes),
                                    family_class(known->second, cell), known->second << 48}) {
      if (const auto rates = rates_.find(key); rates != rates_.end()) return rates->second.median;
    }
  }
  const auto stated = calibration_.find(device);
  if (stated == calibration_.end() || !(stated->second > 0)) return std::nullopt;
  return stated->second * ranks_;
}

void Forecast::measured(const std::string& device, CellIndex cell, std::size_t lanes, double flops,
                        double seconds) {
  if (!(flops > 0) || !(seconds > 0) || !std::isfinite(flops / seconds)) return;
  const std::uint64_t id = devices_.try_emplace(device, devices_.size() + 1).first->second;
  for (const std::uint64_t key : {shape_class(id, cell, lanes), family_class(id, cell), id << 48})
    rates_[key].add(flops / seconds);
}

double Forecast::expected_share(CellIndex cell) const {
  const Share& share = shares_[family_[cell]];
  return share.sum / share.count;
}

void Forecast::finished(CellIndex cell, double share_of_steps) {
  Share& share = shares_[family_[cell]];
  share.sum += std::clamp(share_of_steps, 0.0, 1.0);
  share.count += 1;
}

}  // namespace surd::schedule
