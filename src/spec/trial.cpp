#include "spec/trial.hpp"

#include <algorithm>
#include <numbers>

#include "base/hash.hpp"
#include "base/portable.hpp"
#include "base/random.hpp"
#include "spec/architecture.hpp"

namespace surd::spec {

const std::vector<std::string>& words(Schedule) {
  static const std::vector<std::string> names = {"cosine", "constant", "linear", "linear_by_epoch"};
  return names;
}
const std::vector<std::string>& words(Sizes) {
  static const std::vector<std::string> names = {"full", "under", "curriculum"};
  return names;
}
std::string to_string(Schedule value) { return words(value)[static_cast<std::size_t>(value)]; }
std::string to_string(Sizes value) { return words(value)[static_cast<std::size_t>(value)]; }

ModelShape shape(const Cell& cell) {
  return {cell.model, cell.architecture, cell.hidden, cell.vocabulary, cell.positions, cell.length};
}

namespace {

double canonical(double value) { return value + 0.0; }  // -0 and 0 are one value

Json model_json(const ModelSettings& model) {
  return {{"layers", model.layers},
          {"heads", model.heads},
          {"ffn_ratio", canonical(model.ffn_ratio)},
          {"activation", to_string(model.activation)},
          {"position", to_string(model.position)},
          {"dropout", canonical(model.dropout)},
          {"init", to_string(model.init)}};
}

Json recipe_json(const Recipe& recipe) {
  return {{"batch_sequences", recipe.batch_sequences},
          {"training_set", recipe.training_set},
          {"steps", recipe.steps},
          {"warmup", recipe.warmup},
          {"schedule", to_string(recipe.schedule)},
          {"final_lr", canonical(recipe.final_lr)},
          {"clip", canonical(recipe.clip)},
          {"weight_decay", canonical(recipe.weight_decay)},
          {"beta1", canonical(recipe.beta1)},
          {"beta2", canonical(recipe.beta2)},
          {"epsilon", canonical(recipe.epsilon)},
          {"eval_every", recipe.eval_every},
          {"validation", recipe.validation},
          {"test", recipe.test},
          {"stop_at", canonical(recipe.stop_at)},
          {"stop_evals", recipe.stop_evals},
          {"sizes", to_string(recipe.sizes)},
          {"precision", to_string(recipe.precision)}};
}

template <typename Enum>
Enum required_enum(const Json& json, const char* key, const std::string& where) {
  return enum_of<Enum>(required<std::string>(json, key, where));
}

ModelSettings model_from_json(const Json& json) {
  const std::string where = "trial.model";
  return {.layers = required<int>(json, "layers", where),
          .heads = required<int>(json, "heads", where),
          .ffn_ratio = required<double>(json, "ffn_ratio", where),
          .activation = required_enum<Activation>(json, "activation", where),
          .position = required_enum<Position>(json, "position", where),
          .dropout = required<double>(json, "dropout", where),
          .init = required_enum<Init>(json, "init", where)};
}

Recipe recipe_from_json(const Json& json) {
  const std::string where = "trial.recipe";
  return {.batch_sequences = required<int>(json, "batch_sequences", where),
          .training_set = json.contains("training_set") ? required<int>(json, "training_set", where)
                                                        : 0,  // an older journal lacks it
          .steps = required<int>(json, "steps", where),
          .warmup = required<int>(json, "warmup", where),
          .schedule = required_enum<Schedule>(json, "schedule", where),
          .final_lr = required<double>(json, "final_lr", where),
          .clip = required<double>(json, "clip", where),
          .weight_decay = required<double>(json, "weight_decay", where),
          .beta1 = required<double>(json, "beta1", where),
          .beta2 = required<double>(json, "beta2", where),
          .epsilon = required<double>(json, "epsilon", where),
          .eval_every = required<int>(json, "eval_every", where),
          .validation = required<int>(json, "validation", where),
          .test = required<int>(json, "test", where),
          .stop_at = required<double>(json, "stop_at", where),
          .stop_evals = required<int>(json, "stop_evals", where),
          .sizes = required_enum<Sizes>(json, "sizes", where),
          .precision = required_enum<Precision>(json, "precision", where)};
}

Json cell_json(const Cell& cell) {
  return {
      {"task",
       {{"name", cell.task.name}, {"size", cell.task.size}, {"options", Json(cell.task.options)}}},
      {"length", cell.length},
      {"positions", cell.positions},
      {"vocabulary", cell.vocabulary},
      {"hidden", cell.hidden},
      {"architecture", {{"name", cell.architecture.name}, {"options", cell.architecture.options}}},
      {"model", model_json(cell.model)},
      {"recipe", recipe_json(cell.recipe)},
      {"data_parallel", cell.data_parallel}};
}

}  // namespace

Json to_json(const Trial& trial) {
  Json json = cell_json(trial);
  json["learning_rate"] = canonical(trial.learning_rate);
  json["seed"] = trial.seed;
  return json;
}

Trial trial_from_json(const Json& json) {
  const std::string where = "trial";
  const auto task = required<Json>(json, "task", where);
  const auto architecture = required<Json>(json, "architecture", where);
  return {
      {.task = {.name = required<std::string>(task, "name", "trial.task"),
                .size = required<int>(task, "size", "trial.task"),
                .options = required<std::map<std::string, int>>(task, "options", "trial.task")},
       .length = required<int>(json, "length", where),
       .positions = required<int>(json, "positions", where),
       .vocabulary = required<int>(json, "vocabulary", where),
       .hidden = required<int>(json, "hidden", where),
       // An older journal lacks the options that came later.
       .architecture = resolve({required<std::string>(architecture, "name", "trial.architecture"),
                                required<Json>(architecture, "options", "trial.architecture")}),
       .model = model_from_json(required<Json>(json, "model", where)),
       .recipe = recipe_from_json(required<Json>(json, "recipe", where)),
       .data_parallel = required<int>(json, "data_parallel", where)},
      required<double>(json, "learning_rate", where),
      required<std::uint64_t>(json, "seed", where)};
}

// nlohmann's objects are sorted and its numbers are written in their shortest form, so equal trials
// give equal bytes.
CellIds::CellIds(const Cell& cell) {
  Json json = cell_json(cell);
  json["numerics_version"] = numerics_version;
  if (cell.recipe.training_set == 0)
    json["recipe"].erase("training_set");  // came later: older ids stay
  Json& options = json["architecture"]["options"];
  for (const OptionRule& rule : architecture(cell.architecture.name).options) {
    const auto found = options.find(rule.name);
    if (rule.later && found != options.end() && *found == rule.default_value) options.erase(found);
  }
  json["learning_rate"] = json["seed"] = nullptr;  // for their places
  std::string* part = &before_rate_;
  for (const auto& [key, value] : json.items()) {
    *part += part == &before_rate_ && part->empty() ? '{' : ',';
    part->append(Json(key).dump()).append(1, ':');
    if (key == "learning_rate") {
      part = &before_seed_;
    } else if (key == "seed") {
      part = &after_;
    } else {
      *part += value.dump();
    }
  }
  after_ += "}";
}

TrialId CellIds::id(double learning_rate, std::uint64_t seed) const {
  std::string text;
  text.reserve(before_rate_.size() + before_seed_.size() + after_.size() + 48);
  text += before_rate_;
  text += Json(canonical(learning_rate)).dump();
  text += before_seed_;
  text += std::to_string(seed);
  text += after_;
  return {hash128_hex(text)};
}

TrialId trial_id(const Trial& trial) { return CellIds(trial).id(trial.learning_rate, trial.seed); }

std::string bundle_key(const Cell& cell) { return hash128_hex(cell_json(cell).dump()); }

int steps_per_epoch(const Recipe& recipe) {
  return recipe.training_set == 0 ? 0 : std::max(1, recipe.training_set / recipe.batch_sequences);
}

double learning_rate_at(const Recipe& recipe, double peak, int step) {
  if (recipe.schedule == Schedule::linear_by_epoch) {
    const int begin = step - step % std::max(1, steps_per_epoch(recipe));  // of the epoch
    if (begin < recipe.warmup) return peak * begin / recipe.warmup;
    const double left =
        static_cast<double>(recipe.steps - begin) / std::max(1, recipe.steps - recipe.warmup);
    return peak * (recipe.final_lr + (1 - recipe.final_lr) * left);
  }
  // + 1: the first step learns already.
  if (step < recipe.warmup) return peak * (step + 1) / (recipe.warmup + 1);
  if (recipe.schedule == Schedule::constant) return peak;
  const int decay_steps = recipe.steps - 1 - recipe.warmup;
  const double progress =
      decay_steps > 0 ? std::min(1.0, static_cast<double>(step - recipe.warmup) / decay_steps)
                      : 0.0;
  const double left = recipe.schedule == Schedule::linear
                          ? 1 - progress
                          : 0.5 * (1 + portable::cos(std::numbers::pi * progress));
  return peak * (recipe.final_lr + (1 - recipe.final_lr) * left);
}

int training_size(const tasks::Task& task, const Recipe& recipe, int step, RandomStream& stream) {
  const int full = task.settings().size;
  if (recipe.sizes == Sizes::full) return full;
  int most = full;
  if (recipe.sizes == Sizes::curriculum) {
    const std::int64_t sizes = full - task.min_size() + 1;
    most = static_cast<int>(
        std::min<std::int64_t>(full, task.min_size() + 2 * sizes * step / recipe.steps));
  }
  return task.sample_size_under(stream, most);
}

MeanTokens mean_tokens(const tasks::Task& task, Sizes sizes) {
  constexpr int samples = 256;
  constexpr std::uint64_t seed = 0x5eed;  // fixed: a forecast must not change from call to call
  MeanTokens mean;
  tasks::Instance instance;
  const Recipe recipe{.steps = samples,
                      .sizes = sizes};  // a sample a step: a curriculum is averaged over its course
  for (int i = 0; i < samples; ++i) {
    RandomStream stream(seed, Split::train, 0, static_cast<std::uint32_t>(i));
    task.sample(stream, training_size(task, recipe, i, stream), instance);
    mean.tokens += static_cast<double>(instance.labels.size());
    mean.supervised +=
        static_cast<double>(std::count_if(instance.labels.begin(), instance.labels.end(),
                                          [](tasks::Token t) { return t != tasks::pad; }));
  }
  mean.tokens /= samples;
  mean.supervised /= samples;
  return mean;
}

}  // namespace surd::spec
