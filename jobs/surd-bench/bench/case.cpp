#include "bench/case.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "spec/architecture.hpp"

namespace surd::bench {
namespace {

const std::vector<std::string> table_tasks = {"arithmetic", "edit_distance", "lis"};
const std::vector<int> table_hidden = {16, 24, 32, 48, 64, 96, 128};
const std::vector<std::string> table_architectures = {"standard", "linear", "sparse"};

// The paper's two shorter problems: 85 and 221 tokens of arithmetic.
std::vector<int> table_sizes(const std::string& task) {
  if (task == "lis") return {40, 110};
  return task == "edit_distance" ? std::vector{6, 12} : std::vector{6, 10};
}

// The value that a word of a label stands for: a number or a boolean where it reads as one.
Json value_of(const std::string& word) {
  Json value = Json::parse(word, nullptr, false);
  return value.is_discarded() ? Json(word) : value;
}

template <typename Enum>
Enum word_of(const std::string& word, const std::string& flag) {
  const std::vector<std::string>& names = spec::words(Enum{});
  const auto found = std::find(names.begin(), names.end(), word);
  if (found == names.end()) {
    throw InputError({.what = "unknown word",
                      .where = flag,
                      .expected = fmt::format("one of {}", fmt::join(names, ", ")),
                      .got = word});
  }
  return spec::enum_of<Enum>(word);
}

void require_positive(double value, const char* flag) {
  if (!(value > 0))
    throw InputError({.what = "a number above 0 is needed",
                      .where = flag,
                      .expected = {},
                      .got = fmt::format("{}", value)});
}

spec::Trial make_trial(const Cases& cases, const tasks::TaskSettings& settings, int hidden,
                       const std::string& architecture) {
  if (hidden % cases.heads != 0) {
    throw InputError({.what = "a width must be a multiple of the heads",
                      .where = "--hidden",
                      .expected = fmt::format("a multiple of {}", cases.heads),
                      .got = std::to_string(hidden)});
  }
  spec::Trial trial;
  trial.task = settings;
  const auto task = tasks::make_task(trial.task);
  trial.length = task->length();
  trial.positions = task->positions();
  trial.vocabulary = task->vocabulary();
  trial.hidden = hidden;
  trial.architecture = parse_architecture(architecture);
  trial.model = {.layers = cases.layers,
                 .heads = cases.heads,
                 .ffn_ratio = cases.ffn_ratio,
                 .position = word_of<spec::Position>(cases.position, "--position"),
                 .dropout = cases.dropout};
  trial.recipe.precision = word_of<spec::Precision>(cases.precision, "--precision");
  trial.recipe.batch_sequences = cases.batch_tokens > 0
                                     ? std::max(1, cases.batch_tokens / trial.length)
                                     : cases.batch_sequences;
  trial.recipe.steps = trial.recipe.eval_every = 1'000'000'000;
  trial.learning_rate = 1e-3;
  trial.seed = cases.seed;
  return trial;
}

}  // namespace

spec::Architecture parse_architecture(const std::string& label) {
  const auto malformed = [&] {
    return InputError({.what = "malformed architecture",
                       .where = "--architecture",
                       .expected = "NAME or NAME(option=value,...)",
                       .got = label});
  };
  const std::size_t open = label.find('(');
  spec::Architecture given{label.substr(0, open), Json::object()};
  if (open != std::string::npos) {
    if (label.back() != ')') throw malformed();
    const std::string inside = label.substr(open + 1, label.size() - open - 2);
    for (std::size_t first = 0; first <= inside.size();) {
      const std::size_t last = std::min(inside.find(',', first), inside.size());
      const std::string option = inside.substr(first, last - first);
      const std::size_t equals = option.find('=');
      if (equals == 0 || equals == std::string::npos) throw malformed();
      given.options[option.substr(0, equals)] = value_of(option.substr(equals + 1));
      first = last + 1;
    }
  }
  return spec::resolve(given);
}

std::vector<spec::Trial> make_trials(const Cases& cases) {
  if (!cases.sizes.empty() && !cases.lengths.empty()) {
    throw InputError({.what = "sizes and lengths are given",
                      .where = "--size and --length",
                      .expected = "one of them"});
  }
  require_positive(cases.layers, "--layers");
  require_positive(cases.heads, "--heads");
  require_positive(cases.ffn_ratio, "--ffn-ratio");
  require_positive(cases.batch_sequences, "--batch");
  if (!(cases.dropout >= 0 && cases.dropout < 1)) {
    throw InputError({.what = "dropout is a share",
                      .where = "--dropout",
                      .expected = "a number in [0, 1)",
                      .got = fmt::format("{}", cases.dropout)});
  }
  for (const int hidden : cases.hidden) require_positive(hidden, "--hidden");
  const auto first_of = [](const auto& given, const auto& table) {
    return given.empty() ? std::vector{table.front()} : given;
  };
  std::vector<spec::Trial> trials;
  for (const std::string& name : first_of(cases.tasks, table_tasks)) {
    std::vector<int> sizes = cases.sizes;
    for (const int length : cases.lengths)
      sizes.push_back(tasks::largest_size({.name = name}, length));
    if (sizes.empty()) sizes.push_back(table_sizes(name).front());
    for (const int size : sizes) {
      const tasks::TaskSettings settings = tasks::resolve({.name = name, .size = size});
      for (const int hidden : first_of(cases.hidden, table_hidden)) {
        for (const std::string& architecture : first_of(cases.architectures, table_architectures)) {
          trials.push_back(make_trial(cases, settings, hidden, architecture));
        }
      }
    }
  }
  return trials;
}

std::vector<spec::Trial> table_trials(const Cases& cases) {
  const auto all_of = [](const auto& given, const auto& table) {
    return given.empty() ? table : given;
  };
  std::vector<spec::Trial> trials;
  for (const std::string& task : all_of(cases.tasks, table_tasks)) {
    Cases some = cases;
    some.tasks = {task};
    if (some.sizes.empty() && some.lengths.empty()) some.sizes = table_sizes(task);
    some.hidden = all_of(cases.hidden, table_hidden);
    some.architectures = all_of(cases.architectures, table_architectures);
    const std::vector<spec::Trial> more = make_trials(some);
    trials.insert(trials.end(), more.begin(), more.end());
  }
  return trials;
}

std::vector<spec::Trial> trials_by_length(const Cases& cases, const std::string& range) {
  int from = 0, to = 0;
  const char* const end = range.data() + range.size();
  const auto first = std::from_chars(range.data(), end, from);
  const bool dots = std::string_view(first.ptr, end).starts_with("..");
  const auto last = std::from_chars(dots ? first.ptr + 2 : end, end, to);
  if (last.ec != std::errc() || last.ptr != end || from < 1 || to < from) {
    throw InputError({.what = "malformed range of lengths",
                      .where = "--lengths",
                      .expected = "FROM..TO, as 128..4096",
                      .got = range});
  }
  Cases some = cases;
  some.sizes.clear();
  for (std::int64_t length = from; length <= to; length *= 2)
    some.lengths.push_back(static_cast<int>(length));
  if (some.hidden.empty()) some.hidden = {32};
  if (some.batch_tokens == 0) some.batch_tokens = 8192;
  if (some.architectures.empty()) {
    for (const std::string& name : spec::architecture_names()) {
      if (name != "standard" && name != "sparse") some.architectures.push_back(name);
    }
  }
  return make_trials(some);
}

}  // namespace surd::bench
