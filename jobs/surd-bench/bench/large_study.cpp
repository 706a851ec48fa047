#include "bench/large_study.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <stdlib.h>

#include <cmath>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "bench/rate.hpp"
#include "grid/plan.hpp"
#include "law/fit.hpp"
#include "law/outcome.hpp"
#include "schedule/simulate.hpp"
#include "store/history.hpp"
#include "store/journal.hpp"
#include "store/results.hpp"
#include "store/snapshot.hpp"

namespace surd::bench {
namespace {

constexpr int trials_a_length = 10 * 3 * 8 * 4;
constexpr double core_flops_s = 1e10;  // of the simulated workers

// Standard needs a width of 8, the others sqrt(L); seeds differ by a factor of 1.3 or so. A solved
// trial needs a third of its steps.
spec::TrialResult plausible(const spec::Cell& cell, std::uint64_t seed) {
  RandomStream stream(seed, Split::train, static_cast<std::uint64_t>(cell.length),
                      static_cast<std::uint32_t>(cell.hidden));
  const double needed = (cell.architecture.name == "standard" ? 8 : std::sqrt(cell.length)) *
                        std::exp(0.3 * stream.normal());
  spec::TrialResult result;
  const bool solved = cell.hidden >= needed;
  result.stop_reason = solved ? spec::StopReason::solved : spec::StopReason::steps;
  result.steps = solved ? cell.recipe.steps / 3 : cell.recipe.steps;
  result.accuracy_validation = result.accuracy_validation_best = result.accuracy_test =
      solved ? 1 : 0.3;
  for (int step = cell.recipe.eval_every; step <= result.steps; step += cell.recipe.eval_every)
    result.curve.push_back({.step = step});
  return result;
}

class Silent final : public schedule::Outbox {
  void assign(Rank, const schedule::Assignment&) override {}
  void stop(Rank) override {}
  void dismiss(Rank) override {}
  void quarantine(std::span<const TrialIndex>, const std::string&) override {}
  void drain(const std::string&, const std::string&) override {}
};

// A folder of its own, removed at the end.
class Folder {
 public:
  explicit Folder(const std::filesystem::path& parent) {
    std::string name = (parent / "surd-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw InputError({.what = "no folder can be made there",
                        .where = parent.string(),
                        .expected = "a folder that can be written to"});
    }
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path path;
};

}  // namespace

grid::Study large_study(int trials) {
  std::vector<int> lengths;
  for (int i = 0; i < std::max(1, (trials + trials_a_length - 1) / trials_a_length); ++i)
    lengths.push_back(16 + 2 * i);
  return grid::parse_study(fmt::format(R"(study: large
grid:
  task: [lookup]
  length: [{}]
  hidden: [8, 12, 16, 24, 32, 48, 64, 96, 128, 192]
  architecture: [standard, linear, sparse]
trials: {{seeds: 8, learning_rates: [1e-3, 2e-3, 5e-3, 1e-2]}}
run: {{design: grid}}
)",
                                       fmt::join(lengths, ", ")),
                           "large study");
}

Json measure_dispatch(const grid::Study& study, int workers) {
  Indexed<CellIndex, double> step_s;
  for (const grid::Cell& cell : study.cells)
    step_s.push_back(grid::trial_cost(cell).flops() / cell.recipe.steps / core_flops_s);
  Indexed<TrialIndex, spec::TrialResult> results;
  for (const grid::StudyTrial& trial : study.trials)
    results.push_back(plausible(study.cells[trial.cell], trial.seed));
  schedule::Scene scene;
  for (int i = 0; i < workers; ++i)
    scene.workers.push_back(
        {.rank = Rank{i + 1}, .host = "node" + std::to_string(i / 4), .device = "cpu"});
  scene.step_s = [&](TrialIndex trial, std::size_t lanes, const schedule::Worker&) {
    return static_cast<double>(lanes) * step_s[study.trials[trial].cell];
  };
  scene.result = [&](TrialIndex trial) { return results[trial]; };
  Silent silent;
  double started_s = cpu_time_s();
  { const schedule::Scheduler scheduler(study, {}, {}, silent); }
  const double construction_s = cpu_time_s() - started_s;
  started_s = cpu_time_s();
  const schedule::Simulation simulation = schedule::simulate(study, scene);
  const double run_s = cpu_time_s() - started_s - construction_s;
  return {{"trials", study.trials.size()},
          {"workers", workers},
          {"construction_s", construction_s},
          {"events", simulation.events},
          {"events_s", static_cast<double>(simulation.events) / run_s},
          {"messages", simulation.messages}};
}

Json measure_store(const grid::Study& study, const std::filesystem::path& folder) {
  const Folder own(folder);
  const std::filesystem::path journal_path = own.path / "journal.jsonl",
                              results_path = own.path / "results.h5";
  store::History history;
  std::vector<store::Record> records;
  store::CellPool cells;
  std::vector<TrialId> ids;
  for (const grid::StudyTrial& trial : study.trials) ids.push_back(trial.id);
  records.push_back(store::StudyOpened{"bench", "bench", spec::numerics_version, "bench", "bench",
                                       study.text_frozen, 0});
  records.push_back(store::AttemptStarted{AttemptId{1}, ids, {1}, "bench", "cpu", "", 1, 0});
  for (const grid::StudyTrial& trial : study.trials) {
    const spec::Cell& cell = study.cells[trial.cell];
    records.push_back(store::TrialDone{trial.id, cells.share(cell), trial.learning_rate, trial.seed,
                                       plausible(cell, trial.seed), AttemptId{1}});
  }
  for (const store::Record& record : records) history.apply(record);

  store::Journal journal(journal_path);
  double started_s = steady_time_s();
  for (std::size_t i = 0; i < records.size(); ++i) {
    journal.append(records[i]);
    if (i % 100 == 99) journal.sync();
  }
  journal.sync();
  const double append_s = steady_time_s() - started_s;
  std::vector<double> syncs_s;
  for (int i = 0; i < 20; ++i) {
    started_s = steady_time_s();
    journal.append(records.back());
    journal.sync();
    syncs_s.push_back(steady_time_s() - started_s);
  }
  started_s = steady_time_s();
  store::write_results(results_path, study, history);
  const double write_s = steady_time_s() - started_s;
  started_s = steady_time_s();
  const std::size_t rows = store::read_run(results_path)->rows().size();
  const double read_s = steady_time_s() - started_s;
  if (rows != study.trials.size())
    throw Error("the table that was read back has other rows than were written");
  return {{"trials", study.trials.size()},
          {"journal_records_s", static_cast<double>(records.size()) / append_s},
          {"fsync_s", spread(syncs_s).median},
          {"journal_bytes", std::filesystem::file_size(journal_path)},
          {"results_write_s", write_s},
          {"results_read_s", read_s},
          {"results_bytes", std::filesystem::file_size(results_path)}};
}

Json measure_fit(const grid::Study& study) {
  std::vector<law::Trial> trials;
  for (const grid::StudyTrial& each : study.trials) {
    const grid::Cell& cell = study.cells[each.cell];
    const spec::TrialResult result = plausible(cell, each.seed);
    trials.push_back({.id = each.id.value,
                      .task = cell.task.name,
                      .architecture = cell.label,
                      .axes = {},
                      .length = static_cast<double>(cell.length),
                      .hidden = static_cast<double>(cell.hidden),
                      .seed = static_cast<std::int64_t>(each.seed),
                      .learning_rate = each.learning_rate,
                      .accuracy_validation = result.accuracy_validation,
                      .accuracy_test = result.accuracy_test,
                      .status = law::Status::finished});
  }
  double started_s = cpu_time_s();
  const law::Evidence evidence = law::collect(trials, study.fit.tau);
  const double collect_s = cpu_time_s() - started_s;
  started_s = cpu_time_s();
  for (const law::Series& series : evidence.series) law::fit(series.cells);
  return {{"trials", trials.size()},
          {"series", evidence.series.size()},
          {"collect_s", collect_s},
          {"fit_s", cpu_time_s() - started_s}};
}

}  // namespace surd::bench
