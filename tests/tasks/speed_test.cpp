// How fast training data are made: run by hand, test_tasks "[measure]". Nothing is asserted of a
// time.
#include <catch2/catch.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>

#include "tasks/split.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TEST_CASE("tokens a second of every task, as training draws them", "[.][measure]") {
  for (const TaskSettings& settings : {TaskSettings{"lookup", 32, {}},
                                       {"lookup", 256, {}},
                                       {"mqar", 32, {}},
                                       {"mqar", 128, {}},
                                       {"copy", 32, {}},
                                       {"copy", 256, {}},
                                       {"chase", 32, {}},
                                       {"chase", 256, {}},
                                       {"recurrence", 32, {}},
                                       {"recurrence", 160, {}},
                                       {"arithmetic", 6, {}},
                                       {"arithmetic", 16, {}},
                                       {"equation", 2, {}},
                                       {"equation", 5, {}},
                                       {"edit_distance", 6, {}},
                                       {"edit_distance", 20, {}},
                                       {"lis", 40, {}},
                                       {"lis", 250, {}}}) {
    const auto task = make_task(settings);
    const SplitSampler sampler(*task);
    Instance instance;
    double best = 0;  // of five rounds, tokens a second
    std::uint32_t index = 0;
    for (int round = 0; round < 5; ++round) {
      const std::clock_t start =
          std::clock();  // of the processor: others may be using the core, too
      std::size_t tokens = 0;
      while (tokens < 2'000'000) {
        RandomStream stream(1, Split::train, 0, index++);
        sampler.sample(Split::train, stream, settings.size, instance);
        tokens += instance.labels.size();
      }
      best = std::max(best, static_cast<double>(tokens) /
                                (static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC));
    }
    std::printf("%-14s n=%-4d L=%-4d %6.1f M tokens/s\n", settings.name.c_str(), settings.size,
                task->length(), best / 1e6);
  }
}

}  // namespace
}  // namespace surd::tasks
