#include "store/provenance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"

namespace surd::store {
namespace {

// Between two studies, the newline that ends the first one included.
constexpr std::string_view between = "\n---\n";

void add(Provenance& provenance, const AttemptRow& attempt) {
  ++provenance.attempts;
  provenance.hosts.insert(attempt.host);
  provenance.devices.insert(attempt.device);
  if (!provenance.start_s || attempt.start < *provenance.start_s)
    provenance.start_s = attempt.start;
  if (std::isnan(attempt.end)) return;  // it never ended
  if (!provenance.end_s || attempt.end > *provenance.end_s) provenance.end_s = attempt.end;
  provenance.attempts_s += attempt.seconds;
}

}  // namespace

Provenance provenance_of(Provenance origin, std::span<const grid::Study> studies,
                         std::span<const AttemptRow> attempts) {
  std::vector<std::string> names, questions;
  for (const grid::Study& study : studies) {
    names.push_back(study.name);
    if (!study.question.empty()) questions.push_back(study.question);
  }
  if (origin.study_name.empty()) origin.study_name = fmt::format("{}", fmt::join(names, ", "));
  origin.question = fmt::format("{}", fmt::join(questions, " "));
  for (const AttemptRow& attempt : attempts) add(origin, attempt);
  return origin;
}

std::vector<grid::Study> readable_studies(std::string_view text) {
  std::vector<grid::Study> studies;
  while (!text.empty()) {
    const std::size_t end = text.find(between);
    try {
      studies.push_back(grid::parse_study(std::string(text.substr(0, end)), "study"));
    } catch (const InputError&) {
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + between.size());
  }
  return studies;
}

std::string joined_studies(std::span<const std::string> texts) {
  return fmt::format("{}", fmt::join(texts, between.substr(1)));
}

std::optional<grid::FitSettings> common_fit(std::span<const grid::Study> studies) {
  if (studies.empty()) return std::nullopt;
  const grid::FitSettings& first = studies.front().fit;
  const bool same = std::all_of(studies.begin(), studies.end(),
                                [&](const grid::Study& study) { return study.fit == first; });
  return same ? std::optional(first) : std::nullopt;
}

}  // namespace surd::store
