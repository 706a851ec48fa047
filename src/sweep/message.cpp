#include "sweep/message.hpp"

#include <array>

#include "base/error.hpp"

namespace surd::sweep {
namespace {

// The names on the wire, in the order of the variant's alternatives.
constexpr std::array<const char*, std::variant_size_v<Message>> names = {
    "joined",  "progressed", "lane_done", "checkpoint_saved", "bundle_ended", "stop_wanted",
    "welcome", "assigned",   "stop",      "dismissed",        "sign",         "patience",
    "over"};

Json body(const Device& device) {
  return {{"cuda", device.kind == DeviceKind::cuda},
          {"index", device.index},
          {"name", device.name},
          {"instructions", device.instructions}};
}

Device device_from(const Json& json, const std::string& where) {
  return {.kind = required<bool>(json, "cuda", where) ? DeviceKind::cuda : DeviceKind::cpu,
          .index = required<int>(json, "index", where),
          .name = required<std::string>(json, "name", where),
          .instructions = required<std::string>(json, "instructions", where)};
}

Json body(const Joined& m) {
  return {{"host", m.host},
          {"pid", m.pid},
          {"device", body(m.device)},
          {"ranks", m.ranks},
          {"leads", m.leads}};
}

Json body(const Progressed& m) {
  Json lanes = Json::array();
  for (const LaneStatus& lane : m.lanes)
    lanes.push_back({lane.lane, lane.step, number_to_json(lane.accuracy_validation)});
  return {{"attempt", m.attempt.value}, {"lanes", std::move(lanes)}};
}

Json body(const LaneDone& m) {
  return {{"attempt", m.attempt.value}, {"lane", m.lane}, {"result", spec::to_json(m.result)}};
}

Json body(const CheckpointSaved& m) {
  Json lanes = Json::array();
  for (const SavedLane& saved : m.lanes) lanes.push_back({saved.lane, saved.step});
  return {{"attempt", m.attempt.value}, {"file", m.file}, {"lanes", std::move(lanes)}};
}

Json body(const BundleEnded& m) {
  return {{"attempt", m.attempt.value}, {"end", spec::to_string(m.end)}, {"message", m.message}};
}

Json body(const Assigned& m) {
  Json lanes = Json::array();
  for (const AssignedLane& lane : m.lanes)
    lanes.push_back({{"trial", spec::to_json(lane.trial)}, {"checkpoint", lane.checkpoint}});
  return {{"attempt", m.attempt.value},
          {"lanes", std::move(lanes)},
          {"checkpoints", m.checkpoints},
          {"checkpoint_s", m.checkpoint_s}};
}

Json body(const Welcome& m) {
  return {{"data_parallel", m.data_parallel}, {"deterministic", m.deterministic}};
}
Json body(const StopWanted&) { return Json::object(); }
Json body(const Stop&) { return Json::object(); }
Json body(const Dismissed&) { return Json::object(); }
Json body(const Over&) { return Json::object(); }
Json body(const Patience& m) { return {{"silent_s", m.silent_s ? Json(*m.silent_s) : Json()}}; }
Json body(const Sign& m) {
  return {{"doing", m.doing}, {"count", m.count}, {"piece_s", m.piece_s}, {"waits", m.waits}};
}

}  // namespace

std::string pack(const Message& message) {
  Json json = std::visit([](const auto& m) { return body(m); }, message);
  json["kind"] = names[message.index()];
  // Error texts of libraries and host names may hold any bytes: they must not break the message
  // that reports them.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Message unpack(const std::string& bytes) {
  const Json json = Json::parse(bytes, nullptr, false);
  const std::string where = "message between ranks";
  if (!json.is_object())
    throw Error({.what = "not a JSON object", .where = where, .got = bytes.substr(0, 80)});
  const auto name = required<std::string>(json, "kind", where);
  const auto attempt = [&] { return AttemptId{required<std::int64_t>(json, "attempt", where)}; };
  if (name == "joined") {
    return Joined{required<std::string>(json, "host", where), required<int>(json, "pid", where),
                  device_from(required<Json>(json, "device", where), where),
                  required<std::vector<int>>(json, "ranks", where),
                  required<bool>(json, "leads", where)};
  }
  if (name == "progressed") {
    Progressed m{attempt(), {}};
    for (const Json& lane : required<Json>(json, "lanes", where)) {
      m.lanes.push_back(
          {lane.at(0).get<int>(), lane.at(1).get<int>(), number_from_json(lane.at(2), "accuracy")});
    }
    return m;
  }
  if (name == "lane_done")
    return LaneDone{attempt(), required<int>(json, "lane", where),
                    spec::result_from_json(required<Json>(json, "result", where))};
  if (name == "checkpoint_saved") {
    CheckpointSaved m{attempt(), required<std::string>(json, "file", where), {}};
    for (const Json& saved : required<Json>(json, "lanes", where))
      m.lanes.push_back({saved.at(0).get<int>(), saved.at(1).get<int>()});
    return m;
  }
  if (name == "bundle_ended") {
    const spec::AttemptEnd end = spec::attempt_end_from(required<std::string>(json, "end", where));
    if (end == spec::AttemptEnd::lost)
      throw Error({.what = "no worker can say that it was lost", .where = where});
    return BundleEnded{attempt(), end, required<std::string>(json, "message", where)};
  }
  if (name == "stop_wanted") return StopWanted{};
  if (name == "welcome")
    return Welcome{required<int>(json, "data_parallel", where),
                   required<bool>(json, "deterministic", where)};
  if (name == "assigned") {
    Assigned m{attempt(),
               {},
               required<std::string>(json, "checkpoints", where),
               required<double>(json, "checkpoint_s", where)};
    for (const Json& lane : required<Json>(json, "lanes", where)) {
      m.lanes.push_back({spec::trial_from_json(required<Json>(lane, "trial", where)),
                         required<std::string>(lane, "checkpoint", where)});
    }
    return m;
  }
  if (name == "stop") return Stop{};
  if (name == "dismissed") return Dismissed{};
  if (name == "over") return Over{};
  if (name == "patience") {
    const Json silent_s = required<Json>(json, "silent_s", where);
    if (silent_s.is_null()) return Patience{};
    return Patience{required<double>(json, "silent_s", where)};
  }
  if (name == "sign")
    return Sign{required<std::string>(json, "doing", where),
                required<std::int64_t>(json, "count", where),
                required<double>(json, "piece_s", where), required<bool>(json, "waits", where)};
  throw Error({.what = "unknown message", .where = where, .got = name});
}

}  // namespace surd::sweep
