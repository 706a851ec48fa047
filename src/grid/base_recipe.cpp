#include "grid/base_recipe.hpp"

namespace surd::grid {

namespace {

// train.py and TRAIN.md of guyuntian/CoT_benchmark: plain AdamW of PyTorch, no clipping, batches of
// 512 of a million fixed samples, 100 epochs of 1,953 steps of which the first five warm up, the
// rate set once an epoch. It never validates: here once an epoch. (Its last batch of an epoch has
// 64 samples, left out here; and each of its four GPUs takes the mean of its own tokens.)
void predecessor(Settings& settings) {
  constexpr int samples = 1'000'000;
  constexpr int batch = 512;
  constexpr int epochs = 100;
  constexpr int epoch_steps = samples / batch;
  settings.model.dropout = 0.1;
  settings.batch_tokens = 0;
  settings.recipe.batch_sequences = batch;
  settings.recipe.training_set = samples;
  settings.recipe.steps = epochs * epoch_steps;
  settings.warmup_share = 5.0 / epochs;
  settings.recipe.schedule = spec::Schedule::linear_by_epoch;
  settings.recipe.final_lr = 0;
  settings.recipe.clip = 0;
  settings.recipe.weight_decay = 0.01;
  settings.recipe.beta1 = 0.9;
  settings.recipe.beta2 = 0.999;
  settings.recipe.epsilon = 1e-8;
  settings.recipe.eval_every = epoch_steps;
  settings.recipe.sizes = spec::Sizes::under;
  settings.learning_rates = {1e-4};
}

struct BaseRecipe {
  const char* name;
  void (*apply)(Settings&);
};
constexpr BaseRecipe bases[] = {{"predecessor", predecessor}};

}  // namespace

void expand_recipe_word(Node& root) {
  Node* recipe = root.is_map() ? root.find("recipe") : nullptr;
  if (recipe == nullptr || !recipe->is_scalar()) return;
  Node map{.kind = Node::Kind::map, .entries = {}, .where = recipe->where};
  map.entries.push_back({"base", recipe->where, *recipe});
  *recipe = std::move(map);
}

void read_base_recipe(const Node& root, Settings& settings) {
  const Node* recipe = root.find("recipe");
  const Node* base = recipe != nullptr && recipe->is_map() ? recipe->find("base") : nullptr;
  if (base == nullptr) return;
  std::vector<std::string> names;
  for (const BaseRecipe& each : bases) names.push_back(each.name);
  const std::string name = read_word(*base, "recipe.base", names);
  for (const BaseRecipe& each : bases) {
    if (each.name == name) each.apply(settings);
  }
}

}  // namespace surd::grid
