// Where results come from: what a report says about them.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grid/study.hpp"
#include "store/attempts.hpp"

namespace surd::store {

struct Provenance {
  std::string program_version{};  // of the program that trained
  std::string revision{};
  std::int64_t numerics_version = 0;
  std::string machine{};
  std::string study_name{};  // several of a merge are separated by commas
  std::string question{};  // of the study; empty where it asks none or is not read by this program
  std::string study{};     // frozen text, whole
  std::int64_t attempts = 0;
  double attempts_s = 0;  // wall time of all finished attempts together
  std::set<std::string> hosts{};
  std::set<std::string> devices{};
  std::optional<double> start_s{};  // of the first attempt, since 1970
  std::optional<double> end_s{};    // of the last that ended
};

// With names and questions of its studies, as far as they can be read, and what the attempts add up
// to.
Provenance provenance_of(Provenance origin, std::span<const grid::Study> studies,
                         std::span<const AttemptRow> attempts);

// The studies of a frozen text, as results.h5 joins those of a merge; those that this program
// cannot read are left out.
std::vector<grid::Study> readable_studies(std::string_view text);
// That text.
std::string joined_studies(std::span<const std::string> texts);
// How all of them ask to be fitted; nothing where they disagree.
std::optional<grid::FitSettings> common_fit(std::span<const grid::Study> studies);

}  // namespace surd::store
