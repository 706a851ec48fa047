#include "store/leaving.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/shell.hpp"
#include "spec/architecture.hpp"
#include "store/snapshot.hpp"

namespace surd::store {
namespace {

constexpr std::size_t values_most = 8;  // of one axis, in words

// Every setting of a trial by its name in a study file, those first that studies mostly vary.
std::vector<std::pair<std::string, Json>> settings_of(const spec::Trial& trial) {
  std::vector<std::pair<std::string, Json>> settings = {
      {"task", trial.task.name},
      {"length", trial.length},
      {"size", trial.task.size},
      {"hidden", trial.hidden},
      {"architecture", spec::label(trial.architecture)},
      {"seed", trial.seed},
      {"learning rate", trial.learning_rate},
      {"run.data_parallel", trial.data_parallel}};
  for (const auto& [option, value] : trial.task.options)
    settings.emplace_back(fmt::format("{}.{}", trial.task.name, option), value);
  const Json json = spec::to_json(trial);
  for (const char* section : {"model", "recipe"}) {
    for (const auto& [key, value] : json.at(section).items())
      settings.emplace_back(fmt::format("{}.{}", section, key), value);
  }
  return settings;
}

// What of the settings of some trials is nowhere in a study.
class Missing {
 public:
  explicit Missing(const grid::Study& study) {
    for (const grid::Cell& cell : study.cells) {
      for (const auto& [name, value] : settings_of({cell, 0, 0})) present_[name].insert(value);
    }
    for (const grid::StudyTrial& trial : study.trials) {
      present_["seed"].insert(trial.seed);
      present_["learning rate"].insert(trial.learning_rate);
    }
  }

  // One value a trial is enough: the first that tells why it is not in the study.
  void note(const spec::Trial& trial) {
    const auto settings = settings_of(trial);
    const auto telling = std::find_if(settings.begin(), settings.end(), [&](const auto& setting) {
      return !present_[setting.first].contains(setting.second);
    });
    if (telling == settings.end()) {
      ++unexplained_;
    } else {
      missing_[{telling - settings.begin(), telling->first}].insert(telling->second);
    }
  }

  std::string words() const {
    std::vector<std::string> parts;
    for (const auto& [place, values] : missing_) {
      std::vector<std::string> texts;
      for (const Json& value : values)
        texts.push_back(value.is_string() ? value.get<std::string>() : value.dump());
      const std::size_t count = texts.size();
      if (count > values_most) {
        texts.resize(values_most);
        texts.push_back(fmt::format("... ({} values)", count));
      }
      parts.push_back(fmt::format("{} {}", place.second, fmt::join(texts, ", ")));
    }
    if (unexplained_ > 0)
      parts.push_back(fmt::format("{} by how values meet, as exclude and zip say", unexplained_));
    return fmt::format("{}", fmt::join(parts, "; "));
  }

 private:
  std::map<std::string, std::set<Json>> present_;
  // By the place of the setting among all, and its name.
  std::map<std::pair<std::ptrdiff_t, std::string>, std::set<Json>> missing_;
  std::int64_t unexplained_ = 0;
};

bool has_other_numerics(const History& history) {
  return history.opened && history.opened->numerics_version != spec::numerics_version;
}

// Ids of all trials that make the table now; nothing where this program cannot tell.
std::optional<std::unordered_set<TrialId>> ids_in_table(const History& history) {
  try {
    std::unordered_set<TrialId> ids;
    for (const grid::Study& study : studies_of(history, "journal")) {
      for (const grid::StudyTrial& trial : study.trials) ids.insert(trial.id);
    }
    return ids;
  } catch (const InputError&) {  // other numerics, or of a program that knew other keys
    return {};
  }
}

}  // namespace

Leaving leaving_trials(const History& history, const grid::Study& next) {
  Leaving leaving;
  if (history.done.empty() || history.studies.empty()) return leaving;
  if (history.studies == std::vector{next.text_frozen}) return leaving;
  const auto in_table = ids_in_table(history);
  std::unordered_set<TrialId> staying;
  for (const grid::StudyTrial& trial : next.trials) staying.insert(trial.id);
  for (const auto& [original, audit] : history.audits) staying.insert(audit);
  std::vector<const DoneTrial*> trials;
  for (const auto& [id, done] : history.done) {
    if (!staying.contains(id) && (!in_table || in_table->contains(id))) trials.push_back(&done);
  }
  if (trials.empty()) return leaving;
  leaving.trials = static_cast<std::int64_t>(trials.size());
  if (has_other_numerics(history)) {
    leaving.values = fmt::format("made with numerics_version {}, where this program has {}",
                                 history.opened->numerics_version, spec::numerics_version);
    return leaving;
  }
  Missing missing(next);
  for (const DoneTrial* done : trials) missing.note(done->trial());
  leaving.values = missing.words();
  return leaving;
}

std::string command_of(const StudyRequest& request, const RunFolder& folder,
                       const std::string& study_name) {
  std::vector<std::string> words = {"surd", "run", request.file};
  for (const std::string& override_text : request.overrides) {
    words.emplace_back("--set");
    words.push_back(override_text);
  }
  if (folder.path().lexically_normal() != std::filesystem::path("runs") / study_name) {
    words.emplace_back("--out");
    words.push_back(folder.path().string());
  }
  return shell_line(words);
}

void require_none_leaves(const RunFolder& folder, const History& history, const grid::Study& next) {
  const Leaving leaving = leaving_trials(history, next);
  if (leaving.trials == 0) return;
  std::string advice;
  if (has_other_numerics(history)) {
    advice = fmt::format("Use surd {} to go on with them, or another --out to begin anew",
                         history.opened->program_version);
  } else {
    const std::string own = fmt::format("surd run {}", shell_word(folder.path().string()));
    const StudyRequest request = history.opened ? history.opened->request : StudyRequest{};
    advice = request.file.empty() || history.requests.empty()
                 ? fmt::format("`{}` goes on with the study that has them", own)
                 : fmt::format("`{}` has them, and so has `{}`",
                               command_of(request, folder, next.name), own);
  }
  throw InputError(
      {.what = fmt::format("{} finished trials are not in the study as it is asked for now ({}), "
                           "and would leave results.h5",
                           leaving.trials, leaving.values),
       .where = folder.path().string(),
       .advice = advice + "; with --shrink they leave and stay in the journal"});
}

}  // namespace surd::store
