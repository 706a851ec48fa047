#include "grid/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>
#include <set>
#include <type_traits>

#include "spec/architecture.hpp"

namespace surd::grid {

namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();
constexpr double int_most = 2'000'000'000;  // fits an int, with room for + 1

Rule integer(double low, double high = int_most) {
  return {.kind = Rule::Kind::integer, .low = low, .high = high};
}
Rule number(double low, double high) {
  return {.kind = Rule::Kind::number, .low = low, .high = high};
}
Rule positive() {
  return {.kind = Rule::Kind::number, .low = 0, .high = unbounded, .low_open = true};
}
Rule open_above(double low, double high) {
  return {.kind = Rule::Kind::number, .low = low, .high = high, .high_open = true};
}
Rule open_below(double low, double high) {
  return {.kind = Rule::Kind::number, .low = low, .high = high, .low_open = true};
}
Rule word(std::vector<std::string> words) {
  return {.kind = Rule::Kind::word, .words = std::move(words)};
}

using grid::to_string;
using grid::words;
using spec::to_string;
using spec::words;

// What hours of a budget are taken for, in GFLOP/s, where the study does not say: about one core on
// small models.
constexpr double usual_gflops = 10;

// A key whose value is the member of the same name.
template <typename Group, typename Value>
Setting field(std::string section, std::string key, Group Settings::*group, Value Group::*member,
              Rule rule) {
  const auto get = [=](const Settings& settings) -> Json {
    const Value& value = settings.*group.*member;
    if constexpr (std::is_enum_v<Value>) {
      return to_string(value);
    } else {
      return value;
    }
  };
  const auto set = [=](Settings& settings, const Json& value) {
    Value& target = settings.*group.*member;
    if constexpr (std::is_enum_v<Value>) {
      target = spec::enum_of<Value>(value.get<std::string>());
    } else {
      target = value.get<Value>();
    }
  };
  return {std::move(section), std::move(key), std::move(rule), get, set};
}

template <typename Value>
Setting model(std::string key, Value spec::ModelSettings::*member, Rule rule) {
  return field("model", std::move(key), &Settings::model, member, std::move(rule));
}
template <typename Value>
Setting recipe(std::string key, Value spec::Recipe::*member, Rule rule) {
  return field("recipe", std::move(key), &Settings::recipe, member, std::move(rule));
}
template <typename Value>
Setting run(std::string key, Value RunSettings::*member, Rule rule) {
  return field("run", std::move(key), &Settings::run, member, std::move(rule));
}

Setting batch() {
  return {"recipe",
          "batch",
          {.kind = Rule::Kind::batch, .low = 1, .high = int_most},
          [](const Settings& s) {
            return s.batch_tokens > 0 ? Json({{"tokens", s.batch_tokens}})
                                      : Json(s.recipe.batch_sequences);
          },
          [](Settings& s, const Json& value) {
            s.batch_tokens = value.is_object() ? value.at("tokens").get<int>() : 0;
            s.recipe.batch_sequences = value.is_object() ? 0 : value.get<int>();
          }};
}

Setting warmup() {
  return {"recipe",
          "warmup",
          {.kind = Rule::Kind::warmup, .low = 0, .high = int_most, .nullable = true},
          [](const Settings& s) {
            if (s.warmup_given) return Json(s.recipe.warmup);
            return s.warmup_share > 0 ? Json({{"share", s.warmup_share}}) : Json(nullptr);
          },
          [](Settings& s, const Json& value) {
            s.warmup_given = value.is_number();
            s.warmup_share = value.is_object() ? value.at("share").get<double>() : 0;
            s.recipe.warmup = s.warmup_given ? value.get<int>() : spec::Recipe{}.warmup;
          }};
}

// Times the steps that the study, an override or a formula gives.
Setting budgets() {
  Rule rule = positive();
  rule.ascending = true;
  const auto get = [](const Settings& s) {  // in labels 2, not 2.0
    const bool is_whole = s.budget == std::floor(s.budget) && s.budget < int_most;
    return is_whole ? Json(static_cast<std::int64_t>(s.budget)) : Json(s.budget);
  };
  return {"recipe", "budgets", rule, get,
          [](Settings& s, const Json& value) { s.budget = value.get<double>(); }};
}

Setting time_limit() {
  return {"run",
          "time_limit",
          {.kind = Rule::Kind::duration,
           .low = 0,
           .high = unbounded,
           .low_open = true,
           .nullable = true},
          [](const Settings& s) {
            return s.run.time_limit_s ? Json(*s.run.time_limit_s) : Json(nullptr);
          },
          [](Settings& s, const Json& value) {
            s.run.time_limit_s =
                value.is_null() ? std::nullopt : std::optional(value.get<double>());
          }};
}

// A key of run.boundary whose value is the member of the same name.
template <typename Value>
Setting boundary(std::string key, Value BoundarySettings::*member, Rule rule) {
  const auto get = [=](const Settings& settings) -> Json {
    const Value& value = settings.run.boundary.*member;
    if constexpr (std::is_enum_v<Value>) {
      return to_string(value);
    } else if constexpr (std::is_arithmetic_v<Value>) {
      return value;
    } else {
      return value ? Json(*value) : Json(nullptr);
    }
  };
  const auto set = [=](Settings& settings, const Json& value) {
    Value& target = settings.run.boundary.*member;
    if constexpr (std::is_enum_v<Value>) {
      target = spec::enum_of<Value>(value.get<std::string>());
    } else if constexpr (std::is_arithmetic_v<Value>) {
      target = value.get<Value>();
    } else {
      target = value.is_null() ? std::nullopt : Value(value.get<typename Value::value_type>());
    }
  };
  return {"run.boundary", std::move(key), std::move(rule), get, set};
}

Rule or_null(Rule rule) {
  rule.nullable = true;
  return rule;
}

Setting silent() {
  Rule rule = positive();
  rule.nullable = true;
  return {"run", "silent_s", rule,
          [](const Settings& s) { return s.run.silent_s ? Json(*s.run.silent_s) : Json(nullptr); },
          [](Settings& s, const Json& value) {
            s.run.silent_s = value.is_null() ? std::nullopt : std::optional(value.get<double>());
          }};
}

Setting baseline() {
  return {"fit",
          "baseline",
          {.kind = Rule::Kind::architecture, .nullable = true, .words = spec::architecture_names()},
          [](const Settings& s) {
            return s.fit.baseline.empty() ? Json(nullptr) : Json(s.fit.baseline);
          },
          [](Settings& s, const Json& value) {
            s.fit.baseline = value.is_null() ? std::string() : value.get<std::string>();
          }};
}

// An option of a task as an axis. Its bounds are the task's and depend on the size:
// tasks::resolve() checks them.
Setting task_option(const std::string& option) {
  return {"task", option, integer(-int_most, int_most),
          [option](const Settings& s) {
            const auto found = s.task_options.find(option);
            return found == s.task_options.end() ? Json(nullptr) : Json(found->second);
          },
          [option](Settings& s, const Json& value) { s.task_options[option] = value.get<int>(); }};
}

std::vector<Setting> make_table() {
  using spec::ModelSettings;
  using spec::Recipe;
  std::vector<Setting> table = {
      model("layers", &ModelSettings::layers, integer(1, 1000)),
      model("heads", &ModelSettings::heads, integer(1, 65536)),
      model("ffn_ratio", &ModelSettings::ffn_ratio, open_below(0, 64)),
      model("activation", &ModelSettings::activation, word(words(spec::Activation{}))),
      model("position", &ModelSettings::position, word(words(spec::Position{}))),
      model("dropout", &ModelSettings::dropout, open_above(0, 1)),
      model("init", &ModelSettings::init, word(words(spec::Init{}))),
      batch(),
      recipe("training_set", &Recipe::training_set, integer(0)),
      recipe("steps", &Recipe::steps, integer(1)),
      budgets(),
      warmup(),
      recipe("schedule", &Recipe::schedule, word(words(spec::Schedule{}))),
      recipe("final_lr", &Recipe::final_lr, number(0, 1)),
      recipe("clip", &Recipe::clip, number(0, unbounded)),
      recipe("weight_decay", &Recipe::weight_decay, number(0, unbounded)),
      recipe("beta1", &Recipe::beta1, open_above(0, 1)),
      recipe("beta2", &Recipe::beta2, open_above(0, 1)),
      recipe("epsilon", &Recipe::epsilon, positive()),
      recipe("eval_every", &Recipe::eval_every, integer(1)),
      recipe("validation", &Recipe::validation, integer(1)),
      recipe("test", &Recipe::test, integer(1)),
      recipe("stop_at", &Recipe::stop_at, open_below(0, 1)),
      recipe("stop_evals", &Recipe::stop_evals, integer(1)),
      recipe("sizes", &Recipe::sizes, word(words(spec::Sizes{}))),
      recipe("precision", &Recipe::precision, word(words(spec::Precision{}))),
      run("design", &RunSettings::design, word(grid::words(Design{}))),
      run("data_parallel", &RunSettings::data_parallel, integer(1, 65536)),
      run("checkpoint_s", &RunSettings::checkpoint_s, positive()),
      run("results_s", &RunSettings::results_s, positive()),
      run("retries", &RunSettings::retries, integer(0, 1000)),
      time_limit(),
      silent(),
      run("deterministic", &RunSettings::deterministic, {.kind = Rule::Kind::boolean}),
      boundary("goal", &BoundarySettings::goal, word(grid::words(Goal{}))),
      boundary("half_width", &BoundarySettings::half_width, or_null(positive())),
      boundary("budget", &BoundarySettings::budget,
               or_null({.kind = Rule::Kind::flops, .high = unbounded, .low_open = true})),
      boundary("at_once", &BoundarySettings::at_once, integer(1, 1'000'000)),
      boundary("seeds", &BoundarySettings::seeds, or_null(integer(1, trials_most))),
      boundary("guess_alpha", &BoundarySettings::guess_alpha, number(-2, 3)),
      boundary("guess_width", &BoundarySettings::guess_width, or_null(positive())),
      field("fit", "tau", &Settings::fit, &FitSettings::tau, open_below(0, 1)),
      baseline(),
  };
  std::set<std::string> options;
  for (const std::string& task : tasks::task_names()) {
    for (const std::string& option : tasks::option_names(task)) options.insert(option);
  }
  for (const std::string& option : options) table.push_back(task_option(option));
  return table;
}

bool in_bounds(const Rule& rule, double value) {
  return (rule.low_open ? value > rule.low : value >= rule.low) &&
         (rule.high_open ? value < rule.high : value <= rule.high);
}

// Seconds of "90", "1:30:00", "2-00:00:00" (the last two as Slurm writes a limit); negative where
// it is none.
double duration_s(const Node& node) {
  double seconds = 0;
  if (parse_number(node, seconds)) return seconds;
  static const std::regex pattern("(?:(\\d{1,6})-)?(\\d{1,6}):(\\d{1,2}):(\\d{1,2})");
  std::smatch parts;
  if (!node.is_scalar() || !std::regex_match(node.text, parts, pattern)) return -1;
  const auto part = [&parts](std::size_t i) {
    return parts[i].matched ? std::stod(parts[i].str()) : 0.0;
  };
  return ((part(1) * 24 + part(2)) * 60 + part(3)) * 60 + part(4);
}

// FLOPs of a number, or of hours at a rate; negative where it is neither.
double flops(const Node& node, const Setting& setting) {
  double value = 0;
  if (parse_number(node, value)) return value;
  if (!node.is_map()) return -1;
  require_keys(node, {"hours", "gflops"}, setting.name());
  const Node* hours = node.find("hours");
  if (hours == nullptr) return -1;
  const Node* gflops = node.find("gflops");
  const auto read = [&](const Node& part, const char* key) {
    return read_number(part, fmt::format("{}.{}", setting.name(), key), 0, true);
  };
  return read(*hours, "hours") * 3600 * 1e9 *
         (gflops == nullptr ? usual_gflops : read(*gflops, "gflops"));
}

}  // namespace

std::string Rule::expected() const {
  const auto range = [this](const char* noun) {
    if (low <= -int_most) return std::string(noun);
    if (std::isinf(high) || high >= int_most)
      return fmt::format("{} {} {}", noun, low_open ? "above" : "of at least", low);
    return fmt::format("{} in {}{}, {}{}", noun, low_open ? '(' : '[', low, high,
                       high_open ? ')' : ']');
  };
  std::string text;
  switch (kind) {
    case Kind::integer: text = range("an integer"); break;
    case Kind::number: text = range("a number"); break;
    case Kind::boolean: text = "true or false"; break;
    case Kind::word:
    case Kind::architecture: text = fmt::format("one of {}", fmt::join(words, ", ")); break;
    case Kind::batch: text = "a number of sequences, or {tokens: K}"; break;
    case Kind::warmup: text = "a number of steps, or {share: S} of them with S in (0, 1]"; break;
    case Kind::flops:
      text = "FLOPs above 0, or {hours: H, gflops: G} of one rank, G 10 where left out";
      break;
    case Kind::duration: text = "seconds above 0, or hours:minutes:seconds"; break;
  }
  return nullable ? text + ", or null" : text;
}

const std::vector<Setting>& settings_table() {
  static const std::vector<Setting> table = make_table();
  return table;
}

const Setting* find_setting(const std::string& name) {
  for (const Setting& setting : settings_table()) {
    if (setting.name() == name) return &setting;
  }
  return nullptr;
}

std::vector<std::string> section_keys(const std::string& section) {
  std::vector<std::string> keys;
  for (const Setting& setting : settings_table()) {
    if (setting.section == section) keys.push_back(setting.key);
  }
  for (std::string& key : subsections(section)) keys.push_back(std::move(key));
  return keys;
}

std::vector<std::string> subsections(const std::string& section) {
  return section == "run" ? std::vector<std::string>{"boundary"} : std::vector<std::string>{};
}

Json check(const Setting& setting, double value, const std::string& where) {
  const Rule& rule = setting.rule;
  const bool whole = rule.kind == Rule::Kind::integer || rule.kind == Rule::Kind::batch ||
                     rule.kind == Rule::Kind::warmup;
  if (!in_bounds(rule, value) || (whole && value != std::floor(value))) {
    throw InputError({.what = "wrong value of " + setting.name(),
                      .where = where,
                      .expected = rule.expected(),
                      .got = fmt::format("{}", value),
                      .advice = whole && value != std::floor(value)
                                    ? "floor(), ceil() and round() make whole numbers."
                                    : ""});
  }
  return whole ? Json(static_cast<std::int64_t>(value)) : Json(value + 0.0);
}

Json read(const Setting& setting, const Node& node) {
  const Rule& rule = setting.rule;
  const auto fail = [&](std::string advice = "") {
    return InputError({.what = "wrong value of " + setting.name(),
                       .where = node.where,
                       .expected = rule.expected(),
                       .got = describe(node),
                       .advice = std::move(advice)});
  };
  if (rule.nullable && node.is_null()) return nullptr;
  double value = 0;
  std::int64_t whole = 0;
  bool truth = false;
  switch (rule.kind) {
    case Rule::Kind::integer:
      if (!parse_integer(node, whole) || !in_bounds(rule, static_cast<double>(whole))) throw fail();
      return whole;
    case Rule::Kind::number:
      if (!parse_number(node, value) || !in_bounds(rule, value)) throw fail();
      return value + 0.0;  // -0 and 0 are one value
    case Rule::Kind::boolean:
      if (!parse_boolean(node, truth)) throw fail();
      return truth;
    case Rule::Kind::word:
      if (!node.is_scalar()) throw fail();
      if (std::find(rule.words.begin(), rule.words.end(), node.text) == rule.words.end())
        throw fail(did_you_mean(node.text, rule.words));
      return node.text;
    case Rule::Kind::batch: {
      if (node.is_map()) {
        require_keys(node, {"tokens"}, setting.name());
        if (node.entries.size() != 1) throw fail();
        return {{"tokens", read_integer(node.entries.front().value, setting.name() + ".tokens", 1,
                                        static_cast<std::int64_t>(int_most))}};
      }
      if (!parse_integer(node, whole) || !in_bounds(rule, static_cast<double>(whole))) throw fail();
      return whole;
    }
    case Rule::Kind::warmup: {
      if (node.is_map()) {
        require_keys(node, {"share"}, setting.name());
        const bool number =
            node.entries.size() == 1 && parse_number(node.entries.front().value, value);
        if (!number || value <= 0 || value > 1) throw fail();
        return {{"share", value}};
      }
      if (!parse_integer(node, whole) || !in_bounds(rule, static_cast<double>(whole))) throw fail();
      return whole;
    }
    case Rule::Kind::flops:
      value = flops(node, setting);
      if (!in_bounds(rule, value)) throw fail();
      return value;
    case Rule::Kind::duration:
      value = duration_s(node);
      if (!in_bounds(rule, value)) throw fail();
      return value;
    case Rule::Kind::architecture: {
      // A label such as sparse(c=2) names an architecture too.
      if (!node.is_scalar()) throw fail();
      const std::string name = node.text.substr(0, node.text.find('('));
      if (std::find(rule.words.begin(), rule.words.end(), name) == rule.words.end())
        throw fail(did_you_mean(name, rule.words));
      return node.text;
    }
  }
  throw fail();
}

void read_section(const std::string& section, const Node* node, Settings& settings) {
  if (node == nullptr || node->is_null()) return;
  const Node& map = require_map(*node, section);
  std::vector<std::string> allowed = section_keys(section);
  if (section == "recipe") allowed.insert(allowed.begin(), "base");
  require_keys(map, allowed, section);
  for (const Setting& setting : settings_table()) {
    if (setting.section != section) continue;
    if (const Node* value = map.find(setting.key)) setting.set(settings, read(setting, *value));
  }
  for (const std::string& key : subsections(section))
    read_section(fmt::format("{}.{}", section, key), map.find(key), settings);
}

int batch_sequences(const Settings& settings, int length) {
  return settings.batch_tokens > 0 ? std::max(1, settings.batch_tokens / length)
                                   : settings.recipe.batch_sequences;
}

int warmup_steps(const Settings& settings) {
  if (settings.warmup_given) return settings.recipe.warmup;
  // The product has an error of some 1e-16 of itself, and a whole number of steps is meant.
  if (settings.warmup_share > 0)
    return static_cast<int>(std::lround(settings.warmup_share * settings.recipe.steps));
  return std::min(settings.recipe.warmup, settings.recipe.steps);
}

void require_keys(const Node& map, const std::vector<std::string>& allowed, const std::string& what,
                  const std::string& expected) {
  for (const Entry& entry : map.entries) {
    if (std::find(allowed.begin(), allowed.end(), entry.key) != allowed.end()) continue;
    throw InputError({.what = "unknown key '" + entry.key + "' in " + what,
                      .where = entry.where,
                      .expected = expected.empty()
                                      ? fmt::format("{}{}", allowed.size() == 1 ? "" : "one of ",
                                                    fmt::join(allowed, ", "))
                                      : expected,
                      .got = entry.key,
                      .advice = did_you_mean(entry.key, allowed)});
  }
}

const Node& require_map(const Node& node, const std::string& what) {
  if (node.is_map()) return node;
  throw InputError({.what = what + " has the wrong type",
                    .where = node.where,
                    .expected = "a map of keys and values",
                    .got = describe(node)});
}

std::int64_t read_integer(const Node& node, const std::string& what, std::int64_t low,
                          std::int64_t high) {
  std::int64_t value = 0;
  if (parse_integer(node, value) && value >= low && value <= high) return value;
  const Rule rule = integer(static_cast<double>(low), static_cast<double>(high));
  throw InputError({.what = "wrong value of " + what,
                    .where = node.where,
                    .expected = rule.expected(),
                    .got = describe(node)});
}

double read_number(const Node& node, const std::string& what, double low, bool low_open) {
  double value = 0;
  if (parse_number(node, value) && (low_open ? value > low : value >= low)) return value;
  const Rule rule{.kind = Rule::Kind::number, .low = low, .high = unbounded, .low_open = low_open};
  throw InputError({.what = "wrong value of " + what,
                    .where = node.where,
                    .expected = rule.expected(),
                    .got = describe(node)});
}

std::string read_word(const Node& node, const std::string& what,
                      const std::vector<std::string>& words) {
  const bool scalar = node.is_scalar();
  if (scalar && std::find(words.begin(), words.end(), node.text) != words.end()) return node.text;
  throw InputError({.what = what + " is unknown",
                    .where = node.where,
                    .expected = fmt::format("one of {}", fmt::join(words, ", ")),
                    .got = describe(node),
                    .advice = scalar ? did_you_mean(node.text, words) : ""});
}

}  // namespace surd::grid
