#include "store/attempts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/hash.hpp"

namespace surd::store {
namespace {

// "s" alone: the longer word would make xarray turn durations into another type.
constexpr const char* since_1970 = "seconds since 1970-01-01T00:00:00Z";

const std::array<ColumnOf<AttemptRow>, 12> columns_of_attempts = {{
    {"bundle", "1", "hash of the bundle's trials: attempts of the same bundle share it",
     &AttemptRow::bundle},
    {"trials", "1", "ids of the bundle's trials, separated by spaces", &AttemptRow::trials},
    {"ranks", "1", "MPI ranks of the team, separated by spaces", &AttemptRow::ranks},
    {"host", "1", "node of the team's first rank", &AttemptRow::host},
    {"device", "1", "kind of device and its instruction set", &AttemptRow::device},
    {"slurm_job", "1", "Slurm job id, empty outside Slurm", &AttemptRow::slurm_job},
    {"data_parallel", "1", "ranks that share one batch", &AttemptRow::data_parallel},
    {"start", since_1970, "time of the start", &AttemptRow::start},
    {"end", since_1970, "time of the end; not a number while it runs or after its run died",
     &AttemptRow::end},
    {"seconds", "s", "wall time of the attempt", &AttemptRow::seconds},
    {"cause", "1", "how it ended: finished, stopped, failed, lost, or open", &AttemptRow::cause},
    {"message", "1", "what failed, in words", &AttemptRow::message},
}};

AttemptRow make_row(AttemptId id, const Attempt& attempt) {
  std::vector<std::string> ids;
  for (const TrialId& trial : attempt.start.trials) ids.push_back(trial.value);
  AttemptRow row;
  row.attempt = id.value;
  row.trials = fmt::format("{}", fmt::join(ids, " "));
  std::sort(ids.begin(), ids.end());
  row.bundle = hash128_hex(fmt::format("{}", fmt::join(ids, " "))).substr(0, 12);
  row.ranks = fmt::format("{}", fmt::join(attempt.start.ranks, " "));
  row.host = attempt.start.host;
  row.device = attempt.start.device;
  row.slurm_job = attempt.start.slurm_job;
  row.data_parallel = attempt.start.data_parallel;
  row.start = attempt.start.time_s;
  row.end = attempt.end ? attempt.end->time_s : no_value;
  row.seconds = attempt.end ? attempt.end->seconds : no_value;
  row.cause = attempt.end ? to_string(attempt.end->cause) : "open";
  row.message = attempt.end ? attempt.end->message : "";
  return row;
}

}  // namespace

std::span<const ColumnOf<AttemptRow>> attempt_columns() { return columns_of_attempts; }

std::vector<AttemptRow> make_attempt_rows(const History& history) {
  std::vector<AttemptRow> rows;
  for (const auto& [id, attempt] : history.attempts) rows.push_back(make_row(id, attempt));
  return rows;
}

}  // namespace surd::store
