#include "schedule/failures.hpp"

#include <algorithm>

namespace surd::schedule {

void Failures::remember(TrialIndex trial, std::vector<std::string> hosts) {
  if (!hosts.empty()) trials_[trial].hosts = std::move(hosts);
}

std::vector<TrialIndex> Failures::record(std::span<const TrialIndex> trials,
                                         const std::string& host) {
  const bool is_first = std::none_of(trials.begin(), trials.end(),
                                     [&](TrialIndex trial) { return trials_.contains(trial); });
  if (is_first) {
    causes_.push_back({host});
    ++blame_[host];
  }
  std::vector<TrialIndex> quarantined;
  for (const TrialIndex trial : trials) {
    Record& record = trials_[trial];
    record.hosts.push_back(host);
    if (is_first) {
      record.cause = causes_.size() - 1;
      record.has_cause = true;
    }
    const bool elsewhere = std::any_of(record.hosts.begin(), record.hosts.end(),
                                       [&](const std::string& other) { return other != host; });
    if (!elsewhere && record.hosts.size() <= static_cast<std::size_t>(std::max(retries_, 0)))
      continue;
    quarantined.push_back(trial);
    if (record.has_cause && !causes_[record.cause].cleared) {
      causes_[record.cause].cleared = true;
      --blame_[causes_[record.cause].host];
    }
  }
  return quarantined;
}

bool Failures::failed_on(TrialIndex trial, const std::string& host) const {
  const auto record = trials_.find(trial);
  return record != trials_.end() &&
         std::find(record->second.hosts.begin(), record->second.hosts.end(), host) !=
             record->second.hosts.end();
}

std::string Failures::hosts(TrialIndex trial) const {
  std::string text;
  if (const auto record = trials_.find(trial); record != trials_.end()) {
    for (const std::string& host : record->second.hosts) text += (text.empty() ? "" : ", ") + host;
  }
  return text;
}

bool Failures::suspects(const std::string& host) const {
  const auto blame = blame_.find(host);
  return blame != blame_.end() && blame->second >= 2;
}

}  // namespace surd::schedule
