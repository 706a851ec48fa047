#include "analysis/input/scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/error.hpp"

namespace surd::analysis {
namespace {

constexpr std::array<ScaleWords, 4> all_words = {{
    {"hidden", "width", "Width", "width"},
    {"parameters", "parameters", "Parameters", "number of parameters"},
    {"state_bytes", "state bytes", "State bytes", "state size"},
    {"flops_forward", "forward FLOPs", "Forward FLOPs", "cost of a forward pass"},
}};

using Key = std::tuple<std::string, std::string, std::string>;  // task, axes, architecture
using Place = std::pair<double, double>;                        // length, width

struct Curve {
  std::map<Place, double> sizes;  // of its cells; above 0
  law::SizeLaw law{};
};
using Curves = std::map<Key, Curve>;

double size_of(const PricedCell& cell, SizeScale scale) {
  switch (scale) {
    case SizeScale::hidden: return cell.hidden;
    case SizeScale::parameters: return cell.parameters;
    case SizeScale::state_bytes: return cell.state_bytes;
    case SizeScale::flops_forward: return cell.flops_forward;
  }
  return 0;
}

std::string name_of(const Key& key) {
  const auto& [task, axes, architecture] = key;
  return fmt::format("{} {}{}", task, architecture, axes.empty() ? "" : " (" + axes + ")");
}

std::string where(const Input& input, const Key& key, const Place& place) {
  return fmt::format("{}: {} length {} hidden {}", input.path, name_of(key), place.first,
                     place.second);
}

// Least squares of ln size over ln width and ln L. What does not vary cannot be told apart: then
// the width alone counts, with slope 1 where it does not vary either.
law::SizeLaw law_of(const std::map<Place, double>& sizes, const char* noun) {
  const auto count = static_cast<double>(sizes.size());
  double mean_d = 0, mean_l = 0, mean_s = 0;
  for (const auto& [place, size] : sizes) {
    mean_l += std::log(place.first) / count;
    mean_d += std::log(place.second) / count;
    mean_s += std::log(size) / count;
  }
  double dd = 0, dl = 0, ll = 0, ds = 0, ls = 0;
  for (const auto& [place, size] : sizes) {
    const double l = std::log(place.first) - mean_l;
    const double d = std::log(place.second) - mean_d;
    const double s = std::log(size) - mean_s;
    dd += d * d, dl += d * l, ll += l * l, ds += d * s, ls += l * s;
  }
  law::SizeLaw law{.unit = {.noun = noun}};
  constexpr double least = 1e-9;
  const double determinant = dd * ll - dl * dl;
  if (determinant > least * std::max(1.0, dd * ll)) {
    law.unit.slope = (ll * ds - dl * ls) / determinant;
    law.unit.growth = (dd * ls - dl * ds) / determinant;
  } else if (dd > least) {
    law.unit.slope = ds / dd;
  }
  law.constant = mean_s - law.unit.slope * mean_d - law.unit.growth * mean_l;
  return law;
}

// At one length a larger width is a larger size.
void check_growing(const Input& input, const Key& key, const Curve& curve, SizeScale scale) {
  for (auto cell = curve.sizes.begin(); cell != curve.sizes.end(); ++cell) {
    const auto next = std::next(cell);
    if (next == curve.sizes.end() || next->first.first != cell->first.first ||
        next->second > cell->second)
      continue;
    throw InputError(
        {.what = fmt::format("{} does not grow with the width, so it cannot take its place",
                             words_of(scale).key),
         .where = where(input, key, next->first),
         .expected = fmt::format("more than the {} at hidden {}", cell->second, cell->first.second),
         .got = fmt::format("{}", next->second),
         .advice = "Choose another --scale"});
  }
}

Curves curves_of(const Input& input, SizeScale scale) {
  const ScaleWords& words = words_of(scale);
  Curves curves;
  for (const PricedCell& cell : input.prices) {
    const double size = size_of(cell, scale);
    if (!(size > 0)) continue;
    const Key key{cell.task, cell.axes, cell.architecture};
    const Place place(cell.length, cell.hidden);
    const auto [known, is_new] = curves[key].sizes.emplace(place, size);
    if (is_new || std::abs(known->second - size) <= 1e-9 * size) continue;
    throw InputError({.what = fmt::format("one cell with two different {}", words.key),
                      .where = where(input, key, place),
                      .expected = fmt::format("{}", known->second),
                      .got = fmt::format("{}", size),
                      .advice = "Tell its models apart by columns named model.*"});
  }
  if (curves.empty()) {
    throw InputError(
        {.what = fmt::format("the input does not know the column '{}'", words.key),
         .where = input.path,
         .expected = fmt::format("the {} of each cell's models, above 0", words.noun),
         .advice = fmt::format("Add the column {}, which surd results export writes, or leave "
                               "--scale out",
                               words.key)});
  }
  for (auto& [key, curve] : curves) {
    check_growing(input, key, curve, scale);
    curve.law = law_of(curve.sizes, words.noun);
  }
  return curves;
}

const Curve& curve_of(const Input& input, const Curves& curves, const Key& key, SizeScale scale) {
  const auto found = curves.find(key);
  if (found != curves.end()) return found->second;
  throw InputError({.what = fmt::format("{} is not known", words_of(scale).key),
                    .where = fmt::format("{}: {}", input.path, name_of(key)),
                    .expected = fmt::format("the {} of its models", words_of(scale).noun),
                    .got = "nothing in any of its rows"});
}

}  // namespace

const ScaleWords& words_of(SizeScale scale) { return all_words[static_cast<std::size_t>(scale)]; }

law::SizeLaw size_law(const Input& input, const std::string& task, const std::string& axes,
                      const std::string& architecture, SizeScale scale) {
  return curve_of(input, curves_of(input, scale), {task, axes, architecture}, scale).law;
}

Input in_scale(Input input, SizeScale scale) {
  if (scale == SizeScale::hidden) return input;
  const Curves curves = curves_of(input, scale);
  // `needed`: a cell without results may lack its size.
  const auto resize = [&](const Key& key, bool needed, auto& one) {
    const Curve& curve = curve_of(input, curves, key, scale);
    const Place place(one.length, one.hidden);
    const auto known = curve.sizes.find(place);
    if (known == curve.sizes.end() && needed) {
      throw InputError({.what = fmt::format("{} is missing", words_of(scale).key),
                        .where = where(input, key, place),
                        .expected = fmt::format("the {} of its models", words_of(scale).noun)});
    }
    one.width = one.hidden;
    one.hidden = known != curve.sizes.end() ? known->second : curve.law.size(one.length, one.width);
    one.unit = curve.law.unit;
  };
  for (law::Trial& trial : input.trials)
    resize({trial.task, trial.axes, trial.architecture}, law::has_result(trial), trial);
  for (law::CountedCell& counted : input.counted)
    resize({counted.task, counted.axes, counted.architecture}, counted.cell.seeds > 0,
           counted.cell);
  std::erase_if(input.prices, [&](PricedCell& cell) {
    const double size = size_of(cell, scale);
    cell.hidden = size;
    return !(size > 0);
  });
  input.scale = scale;
  for (const auto& [key, curve] : curves) {
    const law::Unit& unit = curve.law.unit;
    input.notes.push_back(fmt::format("{}: the {} grows as about width^{:.2f} L^{:.2f}",
                                      name_of(key), unit.noun, unit.slope, unit.growth));
  }
  return input;
}

}  // namespace surd::analysis
