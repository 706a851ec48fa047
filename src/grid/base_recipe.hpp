// Recipes that a study can start from by a word: `recipe: predecessor`, or `recipe: {base:
// predecessor, steps: 20000}`.
#pragma once

#include "grid/document.hpp"
#include "grid/settings.hpp"

namespace surd::grid {

// Makes `recipe: WORD` the map that it stands for, {base: WORD}.
void expand_recipe_word(Node& root);

// Puts the values of the recipe that recipe.base names over `settings`; what the study says itself
// is read after it. InputError where the word is unknown. A base is nothing but its values: neither
// ids nor the frozen text remember it.
void read_base_recipe(const Node& root, Settings& settings);

}  // namespace surd::grid
