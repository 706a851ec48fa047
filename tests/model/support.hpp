// Shapes, parameters and batches for the tests of the model room.
#pragma once

#include <ATen/Parallel.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/zeros.h>
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "model/batch.hpp"
#include "model/init.hpp"
#include "model/program.hpp"
#include "spec/architecture.hpp"

namespace surd::model::test {

// As in production: one thread a process, whose heap keeps its pages.
inline const bool as_in_production =
    (at::set_num_threads(1), ::mallopt(M_MMAP_MAX, 0), ::mallopt(M_TRIM_THRESHOLD, -1), true);

inline spec::ModelShape shape(const std::string& architecture, int hidden, int heads, int layers,
                              int vocabulary, int length, Json options = Json::object()) {
  spec::ModelShape shape;
  shape.settings.layers = layers;
  shape.settings.heads = heads;
  shape.architecture = spec::resolve({architecture, std::move(options)});
  shape.hidden = hidden;
  shape.vocabulary = vocabulary;
  shape.positions = length;
  shape.length = length;
  return shape;
}

// Standard normal values, the same for the same seed.
inline at::Tensor normal(const std::vector<std::int64_t>& sizes, std::uint64_t seed) {
  at::Tensor values = at::empty(sizes, at::kDouble);
  RandomStream stream(seed, Split::init, 1, 0);
  std::generate_n(values.mutable_data_ptr<double>(), values.numel(),
                  [&] { return stream.normal(); });
  return values;
}

// [lanes, P] in fp64: initial values with noise on everything, so that no bias is zero and no norm
// weight one; gaps and pad rows stay zero.
inline at::Tensor parameters(const spec::ModelShape& shape, int lanes, std::uint64_t seed) {
  const spec::ParameterLayout layout = spec::parameter_layout(shape);
  std::vector<double> lane(static_cast<std::size_t>(layout.padded_size));
  at::Tensor flat = at::zeros({lanes, layout.padded_size}, at::kDouble);
  for (int r = 0; r < lanes; ++r) {
    initialise(shape, seed + static_cast<std::uint64_t>(r), lane);
    std::copy(lane.begin(), lane.end(), flat.mutable_data_ptr<double>() + r * layout.padded_size);
    RandomStream stream(seed + static_cast<std::uint64_t>(r), Split::init, 2, 0);
    for (const spec::Parameter& parameter : layout.parameters) {
      const bool embedding = parameter.kind == spec::ParameterKind::token_embedding;
      double* const values =
          flat.mutable_data_ptr<double>() + r * layout.padded_size + parameter.offset;
      for (std::int64_t i = embedding ? shape.hidden : 0; i < parameter.size(); ++i)
        values[i] += 0.2 * stream.normal();
    }
  }
  return flat;
}

// Sequences of these lengths with random tokens (pad among them), about two thirds of the positions
// supervised.
inline Batch batch(const spec::ModelShape& shape, const std::vector<int>& lengths,
                   std::uint64_t seed) {
  RandomStream stream(seed, Split::train, 0, 0);
  const auto vocabulary = static_cast<std::uint32_t>(shape.vocabulary);
  Batch batch;
  batch.clear();
  for (const int length : lengths) {
    for (int i = 0; i < length; ++i) {
      if (stream.below(3) > 0) {
        batch.rows.push_back(static_cast<std::int32_t>(batch.tokens.size()));
        batch.labels.push_back(static_cast<std::int32_t>(stream.below(vocabulary)));
      }
      batch.tokens.push_back(static_cast<std::int32_t>(stream.below(vocabulary)));
    }
    batch.starts.push_back(static_cast<std::int32_t>(batch.tokens.size()));
  }
  return batch;
}

// One lane's greedy generation.
inline Generated generate(Program& program, const at::Tensor& parameters, int lane,
                          const Batch& prompts, std::int32_t eos, const std::vector<int>& limit) {
  Generated generated;
  program.generate(parameters, {&lane, 1}, prompts, eos, limit, {&generated, 1});
  return generated;
}

inline double l2(const at::Tensor& values) { return values.norm().item<double>(); }

inline double max_difference(const at::Tensor& a, const at::Tensor& b) {
  return a.numel() == 0 ? 0 : at::abs(at::sub(a, b)).max().item<double>();
}

}  // namespace surd::model::test
