#include "store/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>

namespace surd::store {

std::string format_version() { return fmt::format("{}.{}", format_major, format_minor); }

int major_of(const std::string& version, const std::string& where) {
  int major = 0;
  const auto [end, code] = std::from_chars(version.data(), version.data() + version.size(), major);
  if (code != std::errc() || major < 1 || (end != version.data() + version.size() && *end != '.')) {
    throw Error({.what = "damaged format_version",
                 .where = where,
                 .expected = "like \"" + format_version() + "\"",
                 .got = version});
  }
  return major;
}

void require_readable(const std::string& version, const std::string& where) {
  if (major_of(version, where) <= format_major) return;
  throw NewerFormat({.what = "written by a newer surd",
                     .where = where,
                     .expected = fmt::format("format_version {} or lower", format_major),
                     .got = version,
                     .advice = "Read it with the surd that wrote it, or a newer one"});
}

TrialDone trial_done(const spec::Trial& trial, spec::TrialResult result, AttemptId attempt) {
  return {spec::trial_id(trial), std::make_shared<const spec::Cell>(trial),
          trial.learning_rate,   trial.seed,
          std::move(result),     attempt};
}

std::shared_ptr<const spec::Cell> CellPool::share(const spec::Cell& cell) {
  const std::size_t key = std::hash<std::string>{}(fmt::format(
      "{} {} {} {}", cell.task.name, cell.task.size, cell.hidden, cell.architecture.name));
  const auto [first, last] = cells_.equal_range(key);
  const auto found =
      std::find_if(first, last, [&](const auto& entry) { return *entry.second == cell; });
  return found == last ? cells_.emplace(key, std::make_shared<const spec::Cell>(cell))->second
                       : found->second;
}

namespace {

Json ids_to_json(const std::vector<TrialId>& ids) {
  Json json = Json::array();
  for (const TrialId& id : ids) json.push_back(id.value);
  return json;
}

std::vector<TrialId> ids_from_json(const Json& json, const std::string& where,
                                   const char* key = "trials") {
  std::vector<TrialId> ids;
  for (auto& id : required<std::vector<std::string>>(json, key, where))
    ids.push_back({std::move(id)});
  return ids;
}

Json body(const StudyOpened& r) {
  return {{"type", "study"},
          {"program_version", r.program_version},
          {"revision", r.revision},
          {"numerics_version", r.numerics_version},
          {"machine", r.machine},
          {"host", r.host},
          {"study", r.study},
          {"time_s", number_to_json(r.time_s)},
          {"study_file", r.request.file},
          {"overrides", r.request.overrides}};
}

Json body(const AttemptStarted& r) {
  return {{"type", "attempt_started"},
          {"attempt", r.attempt.value},
          {"trials", ids_to_json(r.trials)},
          {"ranks", r.ranks},
          {"host", r.host},
          {"device", r.device},
          {"slurm_job", r.slurm_job},
          {"data_parallel", r.data_parallel},
          {"time_s", number_to_json(r.time_s)}};
}

Json body(const CheckpointWritten& r) {
  return {{"type", "checkpoint"}, {"attempt", r.attempt.value},
          {"file", r.file},       {"trials", ids_to_json(r.trials)},
          {"steps", r.steps},     {"time_s", number_to_json(r.time_s)}};
}

Json body(const TrialDone& r) {
  return {{"type", "trial_done"},
          {"id", r.id.value},
          {"trial", spec::to_json(r.trial())},
          {"result", spec::to_json(r.result)},
          {"attempt", r.attempt.value}};
}

Json body(const AttemptEnded& r) {
  return {{"type", "attempt_ended"},
          {"attempt", r.attempt.value},
          {"cause", to_string(r.cause)},
          {"message", r.message},
          {"host", r.host},
          {"time_s", number_to_json(r.time_s)},
          {"seconds", number_to_json(r.seconds)}};
}

Json body(const Quarantined& r) {
  return {{"type", "quarantined"},
          {"trials", ids_to_json(r.trials)},
          {"reason", r.reason},
          {"log", r.log},
          {"time_s", number_to_json(r.time_s)}};
}

Json body(const AuditDrawn& r) {
  Json trials = Json::array();
  for (const AuditedTrial& trial : r.trials)
    trials.push_back({trial.original.value, trial.audit.value});
  return {{"type", "audit"},
          {"share", number_to_json(r.share)},
          {"trials", std::move(trials)},
          {"time_s", number_to_json(r.time_s)}};
}

Json body(const Proposed& r) {
  return {{"type", "proposal"}, {"group", r.group},
          {"round", r.round},   {"trials", ids_to_json(r.trials)},
          {"reason", r.reason}, {"time_s", number_to_json(r.time_s)}};
}

Json body(const WindowChosen& r) {
  Json rates = Json::array();
  for (const double rate : r.rates) rates.push_back(number_to_json(rate));
  return {{"type", "window"},
          {"trials", ids_to_json(r.pilots)},
          {"rates", std::move(rates)},
          {"time_s", number_to_json(r.time_s)}};
}

Json body(const RunEnded& r) {
  return {{"type", "run_ended"},
          {"exit_code", r.exit_code},
          {"sentence", r.sentence},
          {"time_s", number_to_json(r.time_s)}};
}

Json body(const Merged& r) {
  return {{"type", "merged"},
          {"studies", r.studies},
          {"sources", r.sources},
          {"time_s", number_to_json(r.time_s)}};
}

Json body(const Salvaged& r) {
  return {{"type", "salvaged"},
          {"file", r.file},
          {"missing", r.missing},
          {"restarted", ids_to_json(r.restarted)},
          {"time_s", number_to_json(r.time_s)}};
}

Json body(const UnknownRecord& r) {
  throw Error({.what = "a record of unknown type cannot be written", .got = r.type});
}

}  // namespace

Json to_json(const Record& record) {
  return std::visit([](const auto& r) { return body(r); }, record);
}

Record record_from_json(const Json& json, CellPool& cells) {
  const auto type = required<std::string>(json, "type", "record");
  const std::string where = "record of type " + type;
  const auto text = [&](const char* key) { return required<std::string>(json, key, where); };
  const auto number = [&](const char* key) { return required<double>(json, key, where); };
  const auto integer = [&](const char* key) { return required<int>(json, key, where); };
  const auto attempt = [&] { return AttemptId{required<std::int64_t>(json, "attempt", where)}; };

  if (type == "study") {
    return StudyOpened{text("program_version"),
                       text("revision"),
                       integer("numerics_version"),
                       text("machine"),
                       text("host"),
                       text("study"),
                       number("time_s"),
                       {optional_key(json, "study_file", std::string(), where),
                        optional_key(json, "overrides", std::vector<std::string>(), where)}};
  }
  if (type == "attempt_started") {
    return AttemptStarted{attempt(),
                          ids_from_json(json, where),
                          required<std::vector<int>>(json, "ranks", where),
                          text("host"),
                          text("device"),
                          text("slurm_job"),
                          integer("data_parallel"),
                          number("time_s")};
  }
  if (type == "checkpoint") {
    return CheckpointWritten{attempt(), text("file"), ids_from_json(json, where), number("time_s"),
                             optional_key(json, "steps", std::vector<int>(), where)};
  }
  if (type == "trial_done") {
    const spec::Trial trial = spec::trial_from_json(required<Json>(json, "trial", where));
    return TrialDone{{text("id")},
                     cells.share(trial),
                     trial.learning_rate,
                     trial.seed,
                     spec::result_from_json(required<Json>(json, "result", where)),
                     attempt()};
  }
  if (type == "attempt_ended") {
    return AttemptEnded{attempt(),        spec::attempt_end_from(text("cause")),
                        text("message"),  text("host"),
                        number("time_s"), number("seconds")};
  }
  if (type == "quarantined")
    return Quarantined{ids_from_json(json, where), text("reason"), text("log"), number("time_s")};
  if (type == "audit") {
    AuditDrawn audit{number("share"), {}, number("time_s")};
    for (auto& [original, again] :
         required<std::vector<std::pair<std::string, std::string>>>(json, "trials", where)) {
      audit.trials.push_back({{std::move(original)}, {std::move(again)}});
    }
    return audit;
  }
  if (type == "proposal")
    return Proposed{text("group"), integer("round"), ids_from_json(json, where), text("reason"),
                    number("time_s")};
  if (type == "window")
    return WindowChosen{ids_from_json(json, where),
                        required<std::vector<double>>(json, "rates", where), number("time_s")};
  if (type == "run_ended")
    return RunEnded{integer("exit_code"), text("sentence"), number("time_s")};
  if (type == "merged") {
    return Merged{required<std::vector<std::string>>(json, "studies", where),
                  required<std::vector<std::string>>(json, "sources", where), number("time_s")};
  }
  if (type == "salvaged") {
    return Salvaged{
        text("file"),
        required<std::vector<std::pair<std::int64_t, std::int64_t>>>(json, "missing", where),
        ids_from_json(json, where, "restarted"), number("time_s")};
  }
  return UnknownRecord{type};
}

bool changes_table(const Record& record) {
  return std::holds_alternative<TrialDone>(record) || std::holds_alternative<Quarantined>(record) ||
         std::holds_alternative<AuditDrawn>(record) || std::holds_alternative<Proposed>(record) ||
         std::holds_alternative<WindowChosen>(record) || std::holds_alternative<Merged>(record);
}

bool same_result(const spec::TrialResult& a, const spec::TrialResult& b) {
  Json left = spec::to_json(a);
  Json right = spec::to_json(b);
  left.erase("seconds");
  right.erase("seconds");
  return left == right;
}

}  // namespace surd::store
