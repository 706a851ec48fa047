#include "analysis/findings/choose.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace surd::analysis {

std::vector<std::size_t> matching(const std::vector<const law::Series*>& curves,
                                  const CurveName& name) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const law::Series& series = *curves[i];
    if ((name.task.empty() || series.task == name.task) &&
        (name.architecture.empty() || series.architecture == name.architecture) &&
        (name.axes.empty() || series.axes == name.axes))
      found.push_back(i);
  }
  return found;
}

std::size_t choose(const std::vector<const law::Series*>& curves, const CurveName& name,
                   const std::string& baseline, const std::string& where) {
  const auto names = [&](const std::vector<std::size_t>& places) {
    std::vector<std::string> all;
    for (const std::size_t place : places) all.push_back(law::name(*curves[place]));
    return fmt::format("{}", fmt::join(all, ", "));
  };
  std::vector<std::size_t> found = matching(curves, name);
  if (name.architecture.empty() && found.size() > 1) {
    std::erase_if(found,
                  [&](std::size_t place) { return curves[place]->architecture == baseline; });
  }
  if (found.size() == 1) return found.front();
  throw InputError({.what = found.empty() ? "no curve is called so"
                                          : "one curve is meant, and several are there",
                    .where = where,
                    .expected = found.empty() ? "one of " + names(matching(curves, {}))
                                              : "--task, --architecture and --axes that leave one",
                    .got = found.empty() ? fmt::format("task '{}' architecture '{}' axes '{}'",
                                                       name.task, name.architecture, name.axes)
                                         : names(found)});
}

}  // namespace surd::analysis
