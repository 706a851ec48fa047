#include "analysis/findings/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "analysis/findings/series_key.hpp"
#include "base/error.hpp"
#include "law/outcome.hpp"

namespace surd::analysis {
namespace {

using CellKey = std::pair<double, double>;  // length, width

struct Curve {
  law::Series series;
  std::map<CellKey, CellResult> cells;
};
using Curves = std::map<SeriesKey, Curve>;

using GroupKey = std::pair<std::string, std::string>;  // task, axes: the architectures of one have
                                                       // one set of learning rates
using Rates = std::vector<double>;                     // ascending

GroupKey group_of(const law::Series& series) { return {series.task, series.axes}; }

std::string words(const Rates& rates) { return fmt::format("{{{}}}", fmt::join(rates, ", ")); }

// An input without a column of rates has the rate 0 throughout, counted seeds have none.
bool are_known(const Rates& rates) {
  return std::any_of(rates.begin(), rates.end(), [](double rate) { return rate != 0; });
}

// Of each task and axes of which an architecture is in both: the learning rates that its seeds were
// judged by. Left out where the cells of one result share none: its own note says so.
std::map<GroupKey, Both<Rates>> rates_of(const Both<law::Evidence>& evidence) {
  std::map<SeriesKey, const law::Series*> others;
  for (const law::Series& series : evidence[1].series) others[key_of(series)] = &series;
  std::map<GroupKey, Both<Rates>> found;
  for (const law::Series& series : evidence[0].series) {
    const auto other = others.find(key_of(series));
    if (other == others.end() || series.share_no_rate || other->second->share_no_rate) continue;
    found[group_of(series)] = {series.learning_rates, other->second->learning_rates};
  }
  return found;
}

Rates shared_of(const Both<Rates>& rates) {
  Rates shared;
  std::copy_if(rates[0].begin(), rates[0].end(), std::back_inserter(shared),
               [&](double rate) { return law::has_rate(rates[1], rate); });
  return shared;
}

bool are_same(const Both<Rates>& rates) {
  return std::equal(rates[0].begin(), rates[0].end(), rates[1].begin(), rates[1].end(),
                    law::same_rate);
}

struct Judged {
  Both<Input> inputs;  // at the learning rates that are used
  Both<law::Evidence> evidence;
  std::set<GroupKey> apart;  // those whose learning rates are known and of which none is in both
};

// Both at the learning rates that both have.
Judged judge(const Both<Input>& inputs, double tau, std::vector<std::string>& notes) {
  Judged judged{.inputs = inputs, .evidence = {}, .apart = {}};
  std::map<GroupKey, Both<Rates>> at_first;
  std::map<GroupKey, Both<Rates>> rates;
  // More than once, since a cell whose every seed is solved does not limit the rates of its task,
  // and with fewer it may no longer be such a cell. It ends: sets only become smaller.
  for (bool again = true; again;) {
    again = false;
    for (const int side : {0, 1}) {
      judged.evidence[side] = evidence_of(judged.inputs[side], tau);
    }
    rates = rates_of(judged.evidence);
    if (at_first.empty()) at_first = rates;
    for (const auto& [group, both] : rates) {
      const Rates shared = shared_of(both);
      if (are_same(both) || shared.empty() || !are_known(both[0]) || !are_known(both[1])) continue;
      again = true;
      for (Input& input : judged.inputs) {
        std::erase_if(input.trials, [&](const law::Trial& trial) {
          return GroupKey(trial.task, trial.axes) == group &&
                 !law::has_rate(shared, trial.learning_rate);
        });
      }
    }
  }
  for (const auto& [group, first] : at_first) {
    if (are_same(first)) continue;
    const std::string where = group.first + (group.second.empty() ? "" : " (" + group.second + ")");
    const Both<bool> known = {are_known(first[0]), are_known(first[1])};
    if (known[0] && known[1]) {
      const auto last = rates.find(group);
      const Rates shared = last == rates.end() ? Rates() : shared_of(last->second);
      if (shared.empty()) judged.apart.insert(group);
      notes.push_back(fmt::format(
          "{}: A has the learning rates {}, B {}; {}", where, words(first[0]), words(first[1]),
          shared.empty()
              ? "none can be used in both, so nothing of it is compared"
              : fmt::format(
                    "only {}, which both have, are used, since the best of more has more luck",
                    words(shared))));
    } else if (known[0] || known[1]) {
      const int side = known[0] ? 0 : 1;
      notes.push_back(fmt::format(
          "{}: {} has the learning rates {}, {} does not say which: the best of more has more luck",
          where, letters[side], words(first[side]), letters[1 - side]));
    }
  }
  return judged;
}

// `trials`: those that the evidence was collected from.
Curves curves_of(law::Evidence evidence, const std::vector<law::Trial>& trials) {
  Curves curves;
  for (law::Series& series : evidence.series) {
    Curve curve;
    for (const law::Cell& cell : series.cells)
      curve.cells[{cell.length, law::width_of(cell)}] = {.seeds = cell.seeds,
                                                         .solved = cell.solved};
    for (const law::Seed& seed : series.seeds) {
      if (seed.outcome != law::Outcome::censored)
        curve.cells.at({seed.length, law::width_of(seed)})
            .accuracies.push_back(law::accuracy(trials[*seed.trial]));
    }
    for (auto& [position, cell] : curve.cells)
      std::sort(cell.accuracies.begin(), cell.accuracies.end());
    SeriesKey key = key_of(series);
    curve.series = std::move(series);
    curves.emplace(std::move(key), std::move(curve));
  }
  return curves;
}

// What `mine` has and `theirs` lacks.
std::vector<Surplus> surplus_of(const Curves& mine, const Curves& theirs) {
  std::vector<Surplus> found;
  for (const auto& [key, curve] : mine) {
    const auto other = theirs.find(key);
    Surplus surplus{.name = law::name(curve.series),
                    .task = curve.series.task,
                    .architecture = curve.series.architecture,
                    .axes = curve.series.axes,
                    .whole = other == theirs.end(),
                    .cells = {}};
    for (const law::Cell& cell : curve.series.cells) {
      if (surplus.whole || !other->second.cells.contains({cell.length, law::width_of(cell)}))
        surplus.cells.push_back(cell);
    }
    if (surplus.whole || !surplus.cells.empty()) found.push_back(std::move(surplus));
  }
  return found;
}

ComparedSeries compare_series(const Curve& a, const Curve& b, bool share_no_rate,
                              const law::Options& options) {
  ComparedSeries compared{
      .task = a.series.task,
      .architecture = a.series.architecture,
      .axes = a.series.axes,
      .share_no_rate = share_no_rate,
      .cells = {},
      .fits = {law::fit(a.series.cells, options), law::fit(b.series.cells, options)},
      .difference = {}};
  if (share_no_rate) {
    compared.difference.reason = "A and B share no learning rate";
    return compared;
  }
  compared.difference = law::contrast(a.series.cells, b.series.cells, options);
  for (const auto& [position, result] : a.cells) {
    const auto other = b.cells.find(position);
    if (other == b.cells.end()) continue;
    ComparedCell cell{
        .length = position.first, .hidden = position.second, .results = {result, other->second}};
    if (result.seeds > 1 && other->second.seeds > 1) {
      cell.test =
          law::fisher(result.solved, result.seeds, other->second.solved, other->second.seeds);
    }
    compared.cells.push_back(std::move(cell));
  }
  // contrast speaks of an efficient architecture and its baseline.
  if (compared.difference.delta || compared.difference.lengths.size() < 2) return compared;
  for (const int i : {1, 0}) {
    if (!compared.fits[i].alpha)
      compared.difference.reason = fmt::format("{} has no exponent", letters[i]);
  }
  return compared;
}

// "sparse" of "sparse {c: 2}" or "sparse(c=2)".
std::string first_word(const std::string& architecture) {
  return architecture.substr(0, architecture.find_first_of(" ({"));
}

void note_similar_labels(Compared& compared) {
  for (const Surplus& a : compared.surplus[0]) {
    for (const Surplus& b : compared.surplus[1]) {
      if (!a.whole || !b.whole || a.task != b.task) continue;
      if (a.axes == b.axes && first_word(a.architecture) == first_word(b.architecture)) {
        compared.notes.push_back(
            fmt::format("{}: not compared, since the labels of their options are not the same: "
                        "'{}' in A, '{}' in B",
                        a.task, a.architecture, b.architecture));
      } else if (a.architecture == b.architecture) {
        compared.notes.push_back(fmt::format(
            "{} {}: not compared, since the further axes are not the same: '{}' in A, '{}' in B",
            a.task, a.architecture, a.axes, b.axes));
      }
    }
  }
}

std::string names_of(const Curves& curves) {
  std::vector<std::string> names;
  for (const auto& [key, curve] : curves) names.push_back(law::name(curve.series));
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::optional<double> CellResult::median() const {
  if (accuracies.empty()) return std::nullopt;
  const std::size_t half = accuracies.size() / 2;
  return accuracies.size() % 2 == 1 ? accuracies[half]
                                    : (accuracies[half - 1] + accuracies[half]) / 2;
}

bool CellResult::half_solved() const { return 2 * std::int64_t{solved} >= seeds; }

bool ComparedCell::differs() const {
  if (test) return test->p < 0.05;
  return results[0].half_solved() != results[1].half_solved();
}

Compared compare(const Both<Input>& inputs, double tau, const law::Options& options) {
  Compared compared{.paths = {inputs[0].path, inputs[1].path},
                    .tau = tau,
                    .scale = inputs[0].scale,
                    .series = {},
                    .surplus = {},
                    .notes = {}};
  Judged judged = judge(inputs, tau, compared.notes);
  for (const int side : {0, 1}) {
    for (const std::string& note : inputs[side].notes)
      compared.notes.push_back(fmt::format("{}: {}", letters[side], note));
    for (const std::string& note : judged.evidence[side].notes)
      compared.notes.push_back(fmt::format("{}: {}", letters[side], note));
  }
  const Curves a = curves_of(std::move(judged.evidence[0]), judged.inputs[0].trials);
  const Curves b = curves_of(std::move(judged.evidence[1]), judged.inputs[1].trials);
  for (const auto& [key, curve] : a) {
    const auto other = b.find(key);
    if (other != b.end())
      compared.series.push_back(compare_series(
          curve, other->second, judged.apart.contains(group_of(curve.series)), options));
  }
  if (compared.series.empty()) {
    throw InputError({.what = "the two have no task, architecture and further axes in common",
                      .where = fmt::format("{} and {}", inputs[0].path, inputs[1].path),
                      .got = fmt::format("A: {}; B: {}", names_of(a), names_of(b)),
                      .advice = "Labels must be the same, options and further axes too"});
  }
  compared.surplus = {surplus_of(a, b), surplus_of(b, a)};
  note_similar_labels(compared);
  for (const ComparedSeries& series : compared.series) {
    for (const ComparedCell& cell : series.cells) {
      ++compared.cells;
      if (!cell.test) continue;
      ++compared.tests;
      compared.below += cell.differs() ? 1 : 0;
      compared.by_chance += cell.test->level;
    }
  }
  return compared;
}

std::optional<Report> undetermined(const Compared& compared) {
  const ComparedSeries& first = compared.series.front();
  for (const ComparedSeries& series : compared.series) {
    if (series.fits[0].alpha || series.fits[1].alpha) return std::nullopt;
  }
  return Report{.what = "neither gives an exponent",
                .where = fmt::format("{} and {}", compared.paths[0], compared.paths[1]),
                .got = fmt::format("{} {}: A: {}; B: {}", first.task, first.architecture,
                                   first.fits[0].reason, first.fits[1].reason)};
}

}  // namespace surd::analysis
