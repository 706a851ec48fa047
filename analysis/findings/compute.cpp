#include "analysis/findings/compute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analysis/findings/findings.hpp"
#include "analysis/report/number.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

const Comparison* comparison_of(const Findings& findings, const law::Series& series) {
  for (const Comparison& one : findings.contrasts) {
    if (one.task == series.task && one.architecture == series.architecture && one.axes == series.axes) return &one;
  }
  return nullptr;
}

Json json_of(const law::Compute& compute) {
  Json json = {{"gamma", number(compute.gamma)},
               {"gamma_low", number(compute.interval.low)},
               {"gamma_high", number(compute.interval.high)},
               {"flops", number(compute.flops)}};
  if (!compute.reason.empty()) json["reason"] = compute.reason;
  return json;
}

Json json_of(const law::Saving& saving) {
  Json json = {{"ratio", number(saving.ratio)}, {"ratio_low", number(saving.interval.low)}, {"ratio_high", number(saving.interval.high)}};
  if (!saving.words.empty()) json["words"] = saving.words;
  if (!saving.reason.empty()) json["reason"] = saving.reason;
  return json;
}

std::string ratio_text(const law::Saving& saving) {
  if (!saving.ratio) return "-";
  const auto end = [](const std::optional<double>& value) { return value ? text3(value) : std::string("open"); };
  return fmt::format("{} [{}, {}]", text3(saving.ratio), end(saving.interval.low), end(saving.interval.high));
}

std::string gamma_text(const law::Compute& compute) {
  return compute.gamma ? fmt::format("{} {}", rounded(*compute.gamma, 2), text(compute.interval)) : "-";
}

}  // namespace

PriceBook::PriceBook(const std::vector<PricedCell>& cells, std::vector<std::string>& notes) {
  struct Lists {
    std::map<std::pair<double, double>, const PricedCell*> cells;
    bool differ = false;
  };
  std::map<std::tuple<std::string, std::string, std::string>, Lists> lists;
  for (const PricedCell& cell : cells) {
    Lists& of_series = lists[{cell.task, cell.axes, cell.architecture}];
    const auto [first, is_new] = of_series.cells.emplace(std::pair(cell.length, cell.hidden), &cell);
    of_series.differ = of_series.differ ||
                       (!is_new && (first->second->flops_forward != cell.flops_forward || first->second->flops_generation != cell.flops_generation));
  }
  for (const auto& [key, of_series] : lists) {
    std::vector<law::Price> forward, generation;
    for (const auto& [place, cell] : of_series.cells) {
      if (cell->flops_forward > 0) forward.push_back({place.first, place.second, cell->flops_forward});
      if (cell->flops_generation > 0) generation.push_back({place.first, place.second, cell->flops_generation});
    }
    prices_.emplace(key, Prices{law::Prices(forward), law::Prices(generation)});
    if (!of_series.differ) continue;
    notes.push_back(fmt::format("{} {}: models of one length and width have different FLOPs; compute to solve takes the first", std::get<0>(key),
                                std::get<2>(key)));
  }
}

const PriceBook::Prices& PriceBook::of(const law::Series& series) const {
  const auto found = prices_.find({series.task, series.axes, series.architecture});
  return found == prices_.end() ? none_ : found->second;
}

Compute PriceBook::compute(const law::Series& series, const law::Options& options, const law::Fit& fit) const {
  const Prices& prices = of(series);
  return {law::compute_to_solve(series.cells, options, fit, prices.forward), law::compute_to_solve(series.cells, options, fit, prices.generation)};
}

Saving PriceBook::saving(const law::Series& efficient, const law::Series& baseline, const law::Contrast& contrast) const {
  const Prices& ours = of(efficient);
  const Prices& theirs = of(baseline);
  return {law::saving(contrast, ours.forward, theirs.forward), law::saving(contrast, ours.generation, theirs.generation)};
}

std::string compute_table(const Findings& findings) {
  const std::string& baseline = findings.settings.baseline;
  Lines lines = {{"task", "architecture", "forward", "generated", fmt::format("forward / {}", baseline), fmt::format("generated / {}", baseline)}};
  std::string sentences;
  for (const Finding& finding : findings.fits) {
    const law::Series& series = finding.series;
    if (!finding.compute.forward.gamma && !finding.compute.generation.gamma) continue;
    const Comparison* compared = comparison_of(findings, series);
    lines.push_back({series.task, full_name(series.architecture, series.axes), gamma_text(finding.compute.forward),
                     gamma_text(finding.compute.generation), compared ? ratio_text(compared->saving.forward) : "-",
                     compared ? ratio_text(compared->saving.generation) : "-"});
    if (!compared || !compared->saving.generation.ratio) continue;
    const law::Saving& saving = compared->saving.generation;
    sentences += fmt::format("  {}: a generated sequence {}\n", law::name(series), saving.words);
  }
  if (lines.size() == 1) return "";
  return "\nCompute to solve, FLOPs at the threshold width ~ L^gamma, and at the largest shared length as a ratio:\n" + aligned(lines) + sentences;
}

Json compute_json(const Findings& findings) {
  Json all = Json::array();
  for (const Finding& finding : findings.fits) {
    const law::Series& series = finding.series;
    Json entry = {{"task", series.task},
                  {"architecture", series.architecture},
                  {"forward", json_of(finding.compute.forward)},
                  {"generation", json_of(finding.compute.generation)}};
    if (!series.axes.empty()) entry["axes"] = series.axes;
    if (const Comparison* compared = comparison_of(findings, series)) {
      const Saving& saving = compared->saving;
      entry["against"] = {{"baseline", compared->baseline},
                          {"length", saving.generation.ratio ? Json(saving.generation.length) : Json()},
                          {"forward", json_of(saving.forward)},
                          {"generation", json_of(saving.generation)}};
    }
    all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace surd::analysis
