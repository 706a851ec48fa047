// What tells a series of one input from the others, and finds it again in another input.
#pragma once

#include <string>
#include <tuple>

#include "law/outcome.hpp"

namespace surd::analysis {

using SeriesKey = std::tuple<std::string, std::string, std::string>;  // task, axes, architecture

inline SeriesKey key_of(const law::Series& series) {
  return {series.task, series.axes, series.architecture};
}

}  // namespace surd::analysis
