// chance and log2_instances of every task of the registry, against counts of what is drawn. The
// counts know nothing of a task but what its interface gives.
#include <catch2/catch.hpp>
#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/hash.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

// The four smallest sizes, each with its default options, all of them lowest, and each of them
// above its lowest; the smallest size first, with few prompts.
std::vector<TaskSettings> small_settings(const Entry& entry) {
  std::vector<TaskSettings> all;
  for (int above = 0; above < 4; ++above) {
    all.push_back(settings_of(entry, above, lowest_of));
    if (entry.options.empty()) continue;
    all.push_back(settings_of(entry, above, default_of));
    for (const OptionRule& rule : entry.options) {
      TaskSettings settings = settings_of(entry, above, lowest_of);
      settings.options[rule.name] = low_of(rule, settings.size);
      all.push_back(settings);
    }
  }
  return all;
}

std::string words_of(const TaskSettings& settings) {
  std::string text = settings.name + " " + std::to_string(settings.size);
  for (const auto& [name, value] : settings.options)
    text += " " + name + "=" + std::to_string(value);
  return text;
}

// How many different prompts there are, as log2.
struct Count {
  double bits = 0;
  bool all = false;    // none was met only once, so none is missing
  bool known = false;  // all were met, or enough of them twice to tell about how many there are
};

// Chao's estimate (Scandinavian Journal of Statistics 11, 1984), from how many were met once and
// twice. Where some are drawn less often than others it is too low.
Count count_prompts(const Task& task) {
  std::unordered_map<std::uint64_t, int> times;
  for (std::uint32_t i = 0; i < 60'000; ++i) {
    const Instance instance = draw(task, 31, i);
    ++times[hash64(instance.tokens.data(), task.prompt_tokens(instance.tokens) * sizeof(Token))];
  }
  double once = 0;
  double twice = 0;
  for (const auto& [prompt, count] : times) {
    once += count == 1 ? 1 : 0;
    twice += count == 2 ? 1 : 0;
  }
  const double unseen = once * (once - 1) / (2 * (twice + 1));
  return {.bits = std::log2(static_cast<double>(times.size()) + unseen),
          .all = once == 0,
          .known = once == 0 || twice >= 1'000};
}

TEST_CASE("log2_instances is the number of prompts that are counted, or a bound below it") {
  for (const Entry& entry : entries()) {
    int counted = 0;
    for (const TaskSettings& settings : small_settings(entry)) {
      const auto task = make_task(settings);
      const Count count = count_prompts(*task);
      const double claimed = task->log2_instances();
      INFO(words_of(settings) << ": 2^" << claimed << " claimed, 2^" << count.bits << " counted");
      if (!count.known) continue;
      ++counted;
      CHECK(claimed <= (count.all ? count.bits + 1e-9 : count.bits * 4 / 3));
      CHECK(claimed >= count.bits * 2 / 3);
    }
    INFO(entry.name);
    CHECK(counted >= 2);  // so that the task is small enough at its smallest to be counted at all
  }
}

TEST_CASE("log2_instances grows with the size, and is no more than the prompts' tokens can tell") {
  for (const Entry& entry : entries()) {
    for (const Choice option : {default_of, lowest_of}) {
      double before = -1;
      for (int above = 0; above < 40 && entry.min_size + above <= entry.max_size; ++above) {
        const auto task = make_task(settings_of(entry, above, option));
        std::size_t longest = 0;
        for (std::uint32_t i = 0; i < 100; ++i)
          longest = std::max(longest, task->prompt_tokens(draw(*task, 32, i).tokens));
        INFO(words_of(task->settings()));
        CHECK(task->log2_instances() > before);
        CHECK(task->log2_instances() <=
              static_cast<double>(longest) * std::log2(task->vocabulary()));
        before = task->log2_instances();
      }
    }
  }
}

// What can stand at each place of an answer, by the lengths of prompt and answer, which a guesser
// may know.
class Guesser {
 public:
  explicit Guesser(const Task& task) : task_(task) {
    for (std::uint32_t i = 0; i < 6'000; ++i) {
      const Instance instance = draw(task, 33, i);
      const std::vector<Token> answer = answer_of(instance);
      auto& places = seen_[key(instance, answer)];
      places.resize(answer.size(), std::vector<bool>(static_cast<std::size_t>(task.vocabulary())));
      for (std::size_t place = 0; place < answer.size(); ++place)
        places[place][static_cast<std::size_t>(answer[place])] = true;
    }
  }

  // The share of instances that it solves.
  double chance() const {
    constexpr std::uint32_t draws = 300;
    double sum = 0;
    for (std::uint32_t i = 0; i < draws; ++i) sum += chance_of(draw(task_, 34, i)) / draws;
    return sum;
  }

 private:
  // Teacher-forced: the targets. Generated: what follows the prompt.
  std::vector<Token> answer_of(const Instance& instance) const {
    std::vector<Token> answer;
    if (task_.scoring() == Scoring::generated_answer) {
      const std::size_t prompt = task_.prompt_tokens(instance.tokens);
      answer.assign(instance.tokens.begin() + static_cast<std::ptrdiff_t>(prompt),
                    instance.tokens.end());
    } else {
      std::ranges::copy_if(instance.labels, std::back_inserter(answer),
                           [](Token label) { return label != pad; });
    }
    return answer;
  }
  std::pair<std::size_t, std::size_t> key(const Instance& instance,
                                          const std::vector<Token>& answer) const {
    return {task_.prompt_tokens(instance.tokens), answer.size()};
  }

  // The places are guessed one by one, each with its share of tokens that are right.
  double chance_of(const Instance& instance) const {
    const std::vector<Token> answer = answer_of(instance);
    const auto found = seen_.find(key(instance, answer));
    if (found == seen_.end()) return 0;
    double chance = 1;
    for (std::size_t place = 0; place < answer.size(); ++place) {
      double right = 0;
      double all = 0;
      for (Token token = 1; token < task_.vocabulary(); ++token) {
        if (!found->second[place][static_cast<std::size_t>(token)]) continue;
        ++all;
        if (right_with(instance, answer, place, token)) ++right;
      }
      chance *= all == 0 ? 0 : right / all;
    }
    return chance;
  }
  bool right_with(const Instance& instance, std::vector<Token> answer, std::size_t place,
                  Token token) const {
    if (answer[place] == token) return true;
    if (task_.scoring() == Scoring::teacher_forced) return false;
    answer[place] = token;
    return task_.answer_right(instance, answer);
  }

  const Task& task_;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::vector<bool>>> seen_;
};

TEST_CASE("chance is what a guesser has who knows which tokens can stand where") {
  for (const Entry& entry : entries()) {
    for (const TaskSettings& settings : small_settings(entry)) {
      const auto task = make_task(settings);
      const double guessed = Guesser(*task).chance();
      const double claimed = task->chance();
      INFO(words_of(settings) << ": " << claimed << " claimed, " << guessed << " guessed");
      CHECK(claimed <= guessed * 1.1);
      if (claimed == 0) {
        if (settings.size == entry.min_size + 3) CHECK(guessed < 0.01);
      } else {
        CHECK(claimed >= guessed / 1.5);  // what stands somewhere once in 10,000 draws is missed
      }
    }
  }
}

}  // namespace
}  // namespace surd::tasks
