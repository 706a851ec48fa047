#include "bench/tasks.hpp"

#include <fmt/format.h>

#include "train/data.hpp"

namespace surd::bench {

std::vector<SamplerRate> measure_samplers(const std::vector<std::string>& tasks,
                                          const std::vector<int>& lengths, int repetitions,
                                          double seconds) {
  std::vector<SamplerRate> rates;
  for (const std::string& name : tasks) {
    for (const int length : lengths) {
      const tasks::TaskSettings settings =
          tasks::resolve({.name = name, .size = tasks::largest_size({.name = name}, length)});
      const auto task = tasks::make_task(settings);
      spec::Recipe recipe;
      recipe.batch_sequences = 64;
      train::Data data(*task, recipe, 0, 1);
      model::Batch batch;
      data.training_batch(1, 0, batch);
      std::vector<double> tokens_s;
      int step = 1;
      for (int repetition = 0; repetition < repetitions; ++repetition) {
        double tokens = 0, spent_s = 0;
        const double started_s = cpu_time_s();
        do {
          data.training_batch(1, step++, batch);
          tokens += static_cast<double>(batch.tokens.size());
          spent_s = cpu_time_s() - started_s;
        } while (spent_s < seconds);
        tokens_s.push_back(tokens / spent_s);
      }
      rates.push_back({name, settings.size, task->length(), spread(tokens_s)});
    }
  }
  return rates;
}

std::string markdown(const std::vector<SamplerRate>& rates) {
  std::string lines = "| task | size | L | M tokens/s |\n|---|---|---|---|\n";
  for (const SamplerRate& rate : rates) {
    lines += fmt::format("| {} | {} | {} | {:.1f} ({:.1f}-{:.1f}) |\n", rate.task, rate.size,
                         rate.length, rate.tokens_s.median / 1e6, rate.tokens_s.least / 1e6,
                         rate.tokens_s.most / 1e6);
  }
  return lines;
}

Json to_json(const SamplerRate& rate) {
  return {{"task", rate.task},
          {"size", rate.size},
          {"length", rate.length},
          {"tokens_s", to_json(rate.tokens_s)}};
}

}  // namespace surd::bench
