#include "grid/study.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/files.hpp"
#include "grid/document.hpp"
#include "grid/expand.hpp"
#include "grid/freeze.hpp"
#include "grid/source.hpp"
#include "spec/architecture.hpp"

namespace surd::grid {

const std::vector<std::string>& words(Design) {
  static const std::vector<std::string> names = {"grid", "ascend", "boundary"};
  return names;
}
const std::vector<std::string>& words(Goal) {
  static const std::vector<std::string> names = {"delta", "alpha"};
  return names;
}

std::string to_string(Design value) { return words(value)[static_cast<std::size_t>(value)]; }
std::string to_string(Goal value) { return words(value)[static_cast<std::size_t>(value)]; }

namespace {

// The first that the file names, of those of which any cell is left.
std::string first_architecture(const Source& source, const Study& study) {
  const auto has_cells = [&](const ArchitectureChoice& choice) {
    return std::any_of(study.cells.begin(), study.cells.end(),
                       [&](const Cell& cell) { return cell.label == choice.label; });
  };
  for (const ArchitectureChoice& choice : source.grid.architectures) {
    if (has_cells(choice)) return choice.label;
  }
  return study.cells.front().label;  // all of them come from include
}

// A search needs what it is to tell: of each task the baseline and another architecture.
void require_goal(const Source& source, const Study& study) {
  if (study.run.design != Design::boundary || study.run.boundary.goal != Goal::delta) return;
  std::map<std::string, std::set<std::string>> labels;  // of each task
  for (const Cell& cell : study.cells) labels[cell.task.name].insert(cell.label);
  for (const auto& [task, names] : labels) {
    if (names.contains(study.fit.baseline) && names.size() > 1) continue;
    const Node* run = source.root.find("run");
    throw InputError(
        {.what = "run.boundary.goal delta has nothing to compare with in task " + task,
         .where = run == nullptr ? source.root.where : run->where,
         .expected = fmt::format("cells of the baseline, {}, and of another architecture",
                                 study.fit.baseline),
         .got = fmt::format("{}", fmt::join(names, ", ")),
         .advice = "run.boundary.goal alpha asks for the exponent of each architecture alone."});
  }
}

}  // namespace

Study parse_study(const std::string& text, const std::string& file_name,
                  const std::vector<std::string>& overrides) {
  Source source = read_source(text, file_name, overrides);
  Study study;
  study.name = source.name;
  study.question = source.question;
  study.seeds = source.seeds;
  study.learning_rates = source.learning_rates;
  study.window = source.window;
  study.run = source.settings.run;
  expand(source, study);
  if (source.settings.fit.baseline.empty())
    source.settings.fit.baseline = first_architecture(source, study);
  study.fit = source.settings.fit;
  require_goal(source, study);
  // The default warm-up is written out where it came to one value.
  const int warmup = study.cells.front().recipe.warmup;
  const bool one = std::all_of(study.cells.begin(), study.cells.end(),
                               [&](const Cell& cell) { return cell.recipe.warmup == warmup; });
  if (!source.settings.warmup_given && one) {
    source.settings.recipe.warmup = warmup;
    source.settings.warmup_given = true;
  }
  study.text_frozen = freeze(source);
  if (study.text_frozen.size() > document_bytes_most) {  // no restart could read it
    throw InputError({.what = "the study is too long with all its values written out",
                      .where = file_name,
                      .expected = fmt::format("at most {} bytes", document_bytes_most),
                      .got = std::to_string(study.text_frozen.size())});
  }
  return study;
}

Study load_study(const std::filesystem::path& path, const std::vector<std::string>& overrides) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (!std::filesystem::exists(status))
    throw InputError({.what = "there is no such study file",
                      .where = path.string(),
                      .expected = "a YAML file such as configs/quickstart.yaml"});
  if (std::filesystem::is_directory(status))
    throw InputError({.what = "a folder is no study file",
                      .where = path.string(),
                      .expected = "a YAML file",
                      .got = "a folder"});
  return parse_study(read_file(path, document_bytes_most + 1), path.string(), overrides);
}

spec::Trial whole_trial(const Study& study, const StudyTrial& trial) {
  return {study.cells[trial.cell], trial.learning_rate, trial.seed};
}

std::string describe(const Cell& cell) {
  std::string text =
      fmt::format("{} L={} hidden={} {}", cell.task.name, cell.length, cell.hidden, cell.label);
  for (const auto& [name, value] : cell.further)
    text +=
        fmt::format(" {}={}", name, value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

int paper_length(const std::string& task, int size) {
  struct Label {
    const char* task;
    int size;
    int length;
  };
  // Figure 1 of arXiv 2402.13934 names its columns by the longest sequence of the authors' samples.
  static constexpr Label labels[] = {
      {"arithmetic", 6, 87},      {"arithmetic", 10, 221},    {"arithmetic", 13, 355},
      {"arithmetic", 16, 505},    {"edit_distance", 6, 72},   {"edit_distance", 12, 210},
      {"edit_distance", 16, 342}, {"edit_distance", 20, 506}, {"lis", 40, 83},
      {"lis", 110, 223},          {"lis", 175, 352},          {"lis", 250, 502},
  };
  const auto* found = std::find_if(std::begin(labels), std::end(labels), [&](const Label& label) {
    return task == label.task && size == label.size;
  });
  return found == std::end(labels) ? 0 : found->length;
}

}  // namespace surd::grid
