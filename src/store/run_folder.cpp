#include "store/run_folder.hpp"

#include "base/file_calls.hpp"
#include "base/files.hpp"
#include "base/new_file.hpp"

namespace surd::store {

RunFolder RunFolder::existing(const std::filesystem::path& path) {
  RunFolder folder(path);
  std::error_code code;
  if (std::filesystem::is_regular_file(path, code)) {
    throw InputError({.what = "this is a file",
                      .where = path.string(),
                      .expected = "a run folder, with journal.jsonl in it"});
  }
  if (!std::filesystem::is_directory(path, code))
    throw InputError({.what = "no such run folder", .where = path.string()});
  if (!std::filesystem::exists(folder.journal(), code)) {
    throw InputError({.what = "this is no run folder",
                      .where = path.string(),
                      .expected = "a file journal.jsonl in it"});
  }
  return folder;
}

void RunFolder::create() const {
  for (const auto& part : {checkpoints(), log()}) {
    std::error_code code;
    std::filesystem::create_directories(part, code);
    if (code)
      throw Error({.what = "cannot make the folder: " + code.message(), .where = part.string()});
  }
}

void RunFolder::remove_temporaries() const {
  const std::vector<std::filesystem::path> written = {study(), state(), results(), journal()};
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(log(), code)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("attempt-") && name.ends_with(".log.tmp"))
      file_calls::unlink(entry.path());
  }
  for (const auto& file : written) file_calls::unlink(temporary_of(file));
}

namespace {

Json audit_json(const std::optional<AuditState>& audit) {
  if (!audit) return nullptr;
  return {{"total", audit->total},   {"done", audit->done},     {"running", audit->running},
          {"failed", audit->failed}, {"solved", audit->solved}, {"left", audit->left()}};
}

std::optional<AuditState> audit_from(const Json& state, const std::string& where) {
  const auto audit = state.find("audit");  // not there in the state of an older program
  if (audit == state.end() || audit->is_null()) return std::nullopt;
  return AuditState{.total = required<std::int64_t>(*audit, "total", where),
                    .done = required<std::int64_t>(*audit, "done", where),
                    .running = required<std::int64_t>(*audit, "running", where),
                    .failed = required<std::int64_t>(*audit, "failed", where),
                    .solved = required<std::int64_t>(*audit, "solved", where)};
}

Json or_null(const std::optional<double>& value) { return value ? number_to_json(*value) : Json(); }

std::optional<double> number_or_none(const Json& json, const char* key, const std::string& where) {
  const auto value = required<Json>(json, key, where);
  return value.is_null() ? std::nullopt : std::optional(required<double>(json, key, where));
}

Json search_json(const std::vector<SearchState>& groups) {
  Json all = Json::array();
  for (const SearchState& group : groups) {
    Json sought = Json::array();
    for (const SoughtState& number : group.sought) {
      sought.push_back({{"name", number.name},
                        {"value", or_null(number.value)},
                        {"low", or_null(number.low)},
                        {"high", or_null(number.high)},
                        {"lengths", number.lengths},
                        {"reason", number.reason}});
    }
    all.push_back({{"group", group.group},
                   {"rounds", group.rounds},
                   {"seeds", group.seeds},
                   {"flops", number_to_json(group.flops)},
                   {"budget_flops", or_null(group.budget_flops)},
                   {"sought", std::move(sought)},
                   {"open", group.open},
                   {"over", group.over},
                   {"reason", group.reason}});
  }
  return all;
}

std::vector<SearchState> search_from(const Json& state, const std::string& where) {
  std::vector<SearchState> groups;
  const auto search = state.find("search");  // not there in the state of an older program
  if (search == state.end()) return groups;
  for (const Json& json : *search) {
    SearchState group{.group = required<std::string>(json, "group", where),
                      .rounds = required<std::int64_t>(json, "rounds", where),
                      .seeds = required<std::int64_t>(json, "seeds", where),
                      .flops = required<double>(json, "flops", where),
                      .budget_flops = number_or_none(json, "budget_flops", where),
                      .sought = {},
                      .open = required<std::vector<std::string>>(json, "open", where),
                      .over = required<bool>(json, "over", where),
                      .reason = required<std::string>(json, "reason", where)};
    for (const Json& number : required<Json>(json, "sought", where)) {
      group.sought.push_back(
          {required<std::string>(number, "name", where), number_or_none(number, "value", where),
           number_or_none(number, "low", where), number_or_none(number, "high", where),
           required<std::int64_t>(number, "lengths", where),
           required<std::string>(number, "reason", where)});
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace

Json to_json(const RunState& state) {
  Json ranks = Json::array();
  for (const RankState& rank : state.ranks)
    ranks.push_back(
        {{"rank", rank.rank}, {"host", rank.host}, {"pid", rank.pid}, {"doing", rank.doing}});
  return {{"study", state.study},
          {"phase", state.phase},
          {"exit_code", state.exit_code ? Json(*state.exit_code) : Json()},
          {"sentence", state.sentence},
          {"trials",
           {{"total", state.total},
            {"done", state.done},
            {"running", state.running},
            {"failed", state.failed},
            {"skipped", state.skipped},
            {"left", state.left}}},
          {"audit", audit_json(state.audit)},
          {"search", search_json(state.search)},
          {"left_s", or_null(state.left_s)},
          {"started_s", number_to_json(state.started_s)},
          {"updated_s", number_to_json(state.updated_s)},
          {"ranks", std::move(ranks)}};
}

void write_state(const RunFolder& folder, const RunState& state) {
  write_file_atomically(folder.state(),
                        to_json(state).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

RunState read_state(const RunFolder& folder) {
  const std::string where = folder.state().string();
  const Json json = Json::parse(read_file(folder.state()), nullptr, false);
  if (json.is_discarded()) throw Error({.what = "damaged state: not JSON", .where = where});
  const auto trials = required<Json>(json, "trials", where);
  const auto exit_code = required<Json>(json, "exit_code", where);
  RunState state{.study = required<std::string>(json, "study", where),
                 .phase = required<std::string>(json, "phase", where),
                 .exit_code = exit_code.is_null()
                                  ? std::nullopt
                                  : std::optional(required<int>(json, "exit_code", where)),
                 .sentence = required<std::string>(json, "sentence", where),
                 .total = required<std::int64_t>(trials, "total", where),
                 .done = required<std::int64_t>(trials, "done", where),
                 .running = required<std::int64_t>(trials, "running", where),
                 .failed = required<std::int64_t>(trials, "failed", where),
                 .skipped = required<std::int64_t>(trials, "skipped", where),
                 .left = required<std::int64_t>(trials, "left", where),
                 .audit = audit_from(json, where),
                 .search = search_from(json, where),
                 .left_s = number_or_none(json, "left_s", where),
                 .started_s = required<double>(json, "started_s", where),
                 .updated_s = required<double>(json, "updated_s", where),
                 .ranks = {}};
  for (const Json& rank : required<Json>(json, "ranks", where)) {
    state.ranks.push_back(
        {required<int>(rank, "rank", where), required<std::string>(rank, "host", where),
         required<std::int64_t>(rank, "pid", where), required<std::string>(rank, "doing", where)});
  }
  return state;
}

}  // namespace surd::store
