#include "grid/expand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "grid/product.hpp"
#include "spec/architecture.hpp"

namespace surd::grid {

namespace {

// What a problem size comes to; made once for each task and size.
struct Problem {
  tasks::TaskSettings settings;
  int length = 0;
  int positions = 0;
  int vocabulary = 0;
  std::map<spec::Sizes, spec::MeanTokens> means;
};

class Expander {
 public:
  Expander(const Source& source, Study& study) : source_(source), study_(study) {
    for (const Axis& axis : source.grid.further) axes_.push_back(find_setting(axis.name));
    for (const Block& block : source.includes) {
      for (const Axis& axis : block.further) {
        const Setting* setting = find_setting(axis.name);
        if (std::find(axes_.begin(), axes_.end(), setting) == axes_.end()) axes_.push_back(setting);
      }
    }
    for (const Setting* setting : axes_) study.further_axes.push_back(setting->name());
  }

  void run() {
    const Product grid(source_.grid, source_, true);
    double cells = grid.count();
    double trials = cells * static_cast<double>(source_.seeds.size());
    for (const Block& block : source_.includes) {
      const double more = Product(block, source_, false).count();
      cells += more;
      trials += more * static_cast<double>(seeds_of(block).size());
    }
    refuse_too_many(cells, trials * static_cast<double>(source_.learning_rates.size()));

    study_.rules.push_back({"grid", source_.grid.where, 0});
    for (const Exclude& exclude : source_.excludes)
      study_.rules.push_back({"exclude " + exclude.text, exclude.where, 0});
    for (const Block& block : source_.includes)
      study_.rules.push_back({"include " + block.text, block.where, 0});
    grid.each([&](const Draft& draft) { add(draft, source_.grid, nullptr); });
    for (std::size_t i = 0; i < source_.includes.size(); ++i) {
      RuleCount& rule = study_.rules[1 + source_.excludes.size() + i];
      const Block& block = source_.includes[i];
      Product(block, source_, false).each([&](const Draft& draft) { add(draft, block, &rule); });
    }
    if (study_.cells.empty()) {
      throw InputError({.what = "the study has no cells",
                        .where = source_.grid.where,
                        .expected = "at least one cell that exclude leaves",
                        .got = "none"});
    }
    study_.columns = columns_.size();
    add_trials();
  }

 private:
  const std::vector<std::uint64_t>& seeds_of(const Block& block) const {
    return block.seeds.empty() ? source_.seeds : block.seeds;
  }

  void refuse_too_many(double cells, double trials) const {
    if (trials <= static_cast<double>(trials_most)) return;
    throw InputError(
        {.what = "the grid is too large",
         .where = source_.grid.where,
         .expected = fmt::format("at most {} trials", trials_most),
         .got = fmt::format("{:.0f} (cells {:.0f}, seeds {}, learning rates {})", trials, cells,
                            source_.seeds.size(), source_.learning_rates.size()),
         .advice = "Cut it into several studies; they can be merged."});
  }

  // Where a setting of this draft was given: axis, formula, section, or the grid where it is a
  // default.
  std::string place(const std::string& name, const Draft& draft) const {
    for (const auto& [setting, value] : draft.further) {
      if (setting->name() == name) return value->where;
    }
    for (const Derive& derive : source_.derives) {
      if (derive.setting->name() == name) return derive.where;
    }
    const std::size_t dot = name.find('.');
    if (const Node* section = source_.root.find(name.substr(0, dot))) {
      if (const Node* value = section->find(name.substr(dot + 1))) return value->where;
      if (const Node* base = section->find("base")) return base->where;
    }
    return source_.grid.where;
  }

  Problem& problem(const Draft& draft) {
    const auto given = draft.length->value.get<std::int64_t>();
    tasks::TaskSettings settings = draft.task->settings;
    auto& size = sizes_[{settings.name, draft.by_size, given}];
    if (size == 0) {
      size = static_cast<int>(given);
      if (!draft.by_size)
        size = located(draft.length->where, [&] { return tasks::largest_size(settings, size); });
    }
    settings.size = size;
    for (const auto& [setting, value] : draft.further) {
      if (setting->section == "task") settings.options[setting->key] = value->value.get<int>();
    }
    const auto found = problems_.find({settings.name, size, settings.options});
    if (found != problems_.end()) return found->second;
    const std::unique_ptr<tasks::Task> task = make_task(settings, draft);
    Problem made{task->settings(), task->length(), task->positions(), task->vocabulary(), {}};
    return problems_.emplace(std::tuple(settings.name, size, settings.options), std::move(made))
        .first->second;
  }

  // An option that is wrong is pointed at where it stands; anything else at the length.
  std::unique_ptr<tasks::Task> make_task(const tasks::TaskSettings& settings,
                                         const Draft& draft) const {
    try {
      return tasks::make_task(settings);
    } catch (const InputError& error) {
      std::string where = draft.length->where;
      const auto names = [&](const std::string& option) {
        return error.report().got == "'" + option + "'" ||
               (error.report().what + " ").find("option " + option + " ") != std::string::npos;
      };
      for (const auto& [option, option_where] : draft.task->option_where) {
        if (names(option)) where = option_where;
      }
      for (const auto& [setting, value] : draft.further) {
        if (setting->section == "task" && names(setting->key)) where = value->where;
      }
      return located(where, [&]() -> std::unique_ptr<tasks::Task> { throw error; });
    }
  }

  spec::MeanTokens mean(Problem& problem, spec::Sizes sizes) const {
    const auto found = problem.means.find(sizes);
    if (found != problem.means.end()) return found->second;
    return problem.means[sizes] = spec::mean_tokens(*tasks::make_task(problem.settings), sizes);
  }

  std::vector<double> variables(const Cell& cell, const Settings& settings) const {
    std::vector<double> values = {
        static_cast<double>(cell.length), static_cast<double>(cell.task.size),
        static_cast<double>(cell.hidden), static_cast<double>(source_.seeds.size())};
    for (const Setting& setting : settings_table()) {
      if (!setting.is_axis() || !setting.is_numeric()) continue;
      if (setting.rule.kind == Rule::Kind::batch) {
        values.push_back(batch_sequences(settings, cell.length));
      } else if (setting.rule.kind == Rule::Kind::warmup) {
        values.push_back(warmup_steps(settings));
      } else {
        values.push_back(setting.get(settings).get<double>());
      }
    }
    return values;
  }

  // The steps of this budget, of those that the study or a formula gives.
  void multiply_steps(const Draft& draft, const Cell& cell, Settings& settings) const {
    if (settings.budget == 1) return;
    const Setting& steps = *find_setting("recipe.steps");
    const double wanted = std::round(settings.budget * settings.recipe.steps);
    try {
      steps.set(settings, check(steps, wanted, place("recipe.budgets", draft)));
    } catch (const InputError& error) {
      Report report = error.report();
      report.got += fmt::format(" (recipe.budgets {} times {}) in cell {}", settings.budget,
                                settings.recipe.steps, describe(cell));
      throw InputError(report);
    }
  }

  // `rule` null: from the grid.
  void add(const Draft& draft, const Block& block, RuleCount* rule) {
    Problem& problem = this->problem(draft);
    Settings settings = source_.settings;
    for (const auto& [setting, value] : draft.further) setting->set(settings, value->value);
    Cell cell;
    cell.task = problem.settings;
    cell.length = problem.length;
    cell.paper_length = paper_length(problem.settings.name, problem.settings.size);
    cell.positions = problem.positions;
    cell.vocabulary = problem.vocabulary;
    cell.hidden = draft.hidden->value.get<int>();
    cell.architecture = draft.architecture->architecture;
    cell.label = draft.architecture->label;
    cell.data_parallel = settings.run.data_parallel;
    for (const Derive& derive : source_.derives) {
      try {
        derive.setting->set(
            settings, check(*derive.setting, derive.expression.evaluate(variables(cell, settings)),
                            derive.where));
      } catch (const InputError& error) {
        Report report = error.report();
        report.got += " in cell " + describe(cell);
        throw InputError(report);
      }
    }
    multiply_steps(draft, cell, settings);
    settings.recipe.warmup = warmup_steps(settings);
    settings.warmup_given = true;
    if (rule == nullptr) {
      ++study_.rules.front().cells;
      for (std::size_t i = 0; i < source_.excludes.size(); ++i) {
        if (!matches(source_.excludes[i], draft, cell, settings)) continue;
        ++study_.rules[1 + i].cells;
        return;
      }
    }
    require_possible(draft, cell, settings);
    for (const Setting* setting : axes_) {
      const Json value = setting->get(settings);
      cell.further.emplace_back(setting->name(), value.is_object() ? Json(to_yaml(value)) : value);
    }
    cell.model = settings.model;
    cell.recipe = settings.recipe;
    cell.recipe.batch_sequences = batch_sequences(settings, cell.length);
    cell.mean = mean(problem, cell.recipe.sizes);

    const std::string column = column_key(cell);
    const auto [found, fresh] =
        cell_keys_.emplace(fmt::format("{}|{}", column, cell.hidden),
                           Known{{study_.cells.size()}, draft.length->where});
    if (!fresh) {
      if (rule != nullptr) {  // there already; seeds of its own are further ones
        std::vector<std::uint64_t>& seeds = seeds_[found->second.cell];
        for (const std::uint64_t seed : seeds_of(block)) {
          if (std::find(seeds.begin(), seeds.end(), seed) != seeds.end()) continue;
          seeds.push_back(seed);
          ++rule->seeds;
        }
        return;
      }
      if (draft.drop_same_size) {
        --study_.rules.front().cells;
        return;
      }
      throw InputError({.what = "two values of length come to the same problem size",
                        .where = draft.length->where,
                        .expected = "lengths of different sizes",
                        .got = fmt::format("size {} (L={}) again, first at {}", cell.task.size,
                                           cell.length, found->second.where)});
    }
    cell.column = columns_.emplace(column, columns_.size()).first->second;
    if (rule != nullptr) ++rule->cells;
    study_.cells.push_back(std::move(cell));
    seeds_.push_back(seeds_of(block));
  }

  static std::string column_key(const Cell& cell) {
    std::string key = fmt::format("{}|{}|{}", cell.task.name, cell.task.size, cell.label);
    for (const auto& [name, value] : cell.further) key += fmt::format("|{}", value.dump());
    return key;
  }

  bool matches(const Exclude& exclude, const Draft& draft, const Cell& cell,
               const Settings& settings) const {
    for (const Match& match : exclude.matches) {
      const auto is = [&](const Json& value) {
        if (match.key == "task") return value == cell.task.name;
        if (match.key == "architecture")
          return value == cell.architecture.name || value == cell.label;
        if (match.key == "hidden") return value == cell.hidden;
        if (match.key == "size") return value == cell.task.size;
        if (match.key == "length")
          return value == cell.length ||
                 (!draft.by_size &&
                  value == draft.length->value);  // as asked for, or as it came out
        return value == find_setting(match.key)->get(settings);
      };
      if (std::none_of(match.values.begin(), match.values.end(), is)) return false;
    }
    return !exclude.when || exclude.when->evaluate(variables(cell, settings)) != 0;
  }

  void require_possible(const Draft& draft, const Cell& cell, const Settings& settings) const {
    if (cell.hidden % settings.model.heads != 0) {
      throw InputError({.what = "hidden is not divisible by model.heads",
                        .where = draft.hidden->where,
                        .expected = fmt::format("a multiple of {}", settings.model.heads),
                        .got = fmt::format("{} in cell {}", cell.hidden, describe(cell)),
                        .advice = "model.heads stands at " + place("model.heads", draft) + "."});
    }
    if (settings.recipe.warmup > settings.recipe.steps) {
      throw InputError(
          {.what = "recipe.warmup is longer than recipe.steps",
           .where = place("recipe.warmup", draft),
           .expected = fmt::format("at most {} (recipe.steps, {})", settings.recipe.steps,
                                   place("recipe.steps", draft)),
           .got = fmt::format("{}", settings.recipe.warmup)});
    }
    const int batch = batch_sequences(settings, cell.length);
    const int training_set = settings.recipe.training_set;
    if (training_set > 0 && training_set < batch) {
      throw InputError(
          {.what = "recipe.training_set is smaller than a batch",
           .where = place("recipe.training_set", draft),
           .expected = fmt::format(
               "at least {} (sequences a step in cell {}), or 0 for fresh instances in every step",
               batch, describe(cell)),
           .got = fmt::format("{}", training_set)});
    }
    if (settings.recipe.sizes == spec::Sizes::curriculum && training_set > 0) {
      throw InputError(
          {.what = "recipe.sizes curriculum with a fixed training set, whose sizes cannot change",
           .where = place("recipe.sizes", draft),
           .expected = "full or under, or recipe.training_set 0",
           .got = fmt::format("recipe.training_set {}", training_set)});
    }
    if (settings.recipe.schedule == spec::Schedule::linear_by_epoch && training_set == 0) {
      throw InputError({.what = "recipe.schedule linear_by_epoch without epochs",
                        .where = place("recipe.schedule", draft),
                        .expected = "a recipe.training_set above 0, or another schedule",
                        .got = "recipe.training_set 0"});
    }
    if (batch < settings.run.data_parallel) {
      throw InputError({.what = "run.data_parallel is larger than the batch",
                        .where = place("run.data_parallel", draft),
                        .expected = fmt::format("at most {} (sequences a step in cell {})", batch,
                                                describe(cell)),
                        .got = fmt::format("{}", settings.run.data_parallel)});
    }
  }

  void add_trials() {
    std::size_t count = 0;
    for (const auto& seeds : seeds_) count += seeds.size() * source_.learning_rates.size();
    study_.trials.reserve(count);
    std::unordered_multimap<std::string, CellIndex>
        known;  // id of a trial of the cell, whatever its seeds -> cell
    refuse_pilots_that_count();
    for (std::size_t c = 0; c < study_.cells.size(); ++c) {
      const CellIndex cell{c};
      const spec::CellIds ids(study_.cells[cell]);
      const std::string key = ids.id(0, 0).value;
      const auto [first, last] = known.equal_range(key);
      for (auto other = first; other != last; ++other) refuse_shared_seeds(other->second, cell);
      known.emplace(key, cell);
      if (source_.window > 0) add_seed(cell, ids, pilot_seed, true);
      for (const std::uint64_t seed : seeds_[cell]) add_seed(cell, ids, seed, false);
    }
  }

  void refuse_pilots_that_count() const {
    if (source_.window == 0) return;
    for (const auto& seeds : seeds_) {
      if (std::find(seeds.begin(), seeds.end(), pilot_seed) == seeds.end()) continue;
      throw InputError({.what = "a seed is that of the pilots, which never count",
                        .where = source_.grid.where,
                        .expected = "seeds from 1, where trials.learning_rates has a window",
                        .got = fmt::format("{}", pilot_seed)});
    }
  }

  void add_seed(CellIndex cell, const spec::CellIds& ids, std::uint64_t seed, bool pilot) {
    for (const double rate : source_.learning_rates)
      study_.trials.push_back({cell, ids.id(rate, seed), rate, seed, pilot});
  }

  // Of cells that differ in their names alone: they share a trial where they share a seed, since
  // all have the same learning rates.
  void refuse_shared_seeds(CellIndex a, CellIndex b) const {
    const auto shared = [&](std::uint64_t seed) {
      return std::find(seeds_[a].begin(), seeds_[a].end(), seed) != seeds_[a].end();
    };
    if (std::none_of(seeds_[b].begin(), seeds_[b].end(), shared)) return;
    throw InputError({.what = "two cells are the same trial",
                      .where = source_.grid.where,
                      .expected = "cells that differ",
                      .got = describe(study_.cells[a]) + " and " + describe(study_.cells[b])});
  }

  const Source& source_;
  Study& study_;
  std::vector<const Setting*> axes_;
  std::map<std::tuple<std::string, bool, std::int64_t>, int> sizes_;
  std::map<std::tuple<std::string, int, std::map<std::string, int>>, Problem>
      problems_;  // by task, size and options as given
  struct Known {
    CellIndex cell;
    std::string where;  // first named here
  };
  std::unordered_map<std::string, Known> cell_keys_;
  Indexed<CellIndex, std::vector<std::uint64_t>> seeds_;
  std::unordered_map<std::string, std::size_t> columns_;
};

}  // namespace

void expand(const Source& source, Study& study) { Expander(source, study).run(); }

}  // namespace surd::grid
