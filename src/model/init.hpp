// Initial parameters: a pure function of (shape, seed), the same on every device and in every
// bundle.
#pragma once

#include <cstdint>
#include <span>

#include "spec/model.hpp"

namespace surd::model {

// Fills one lane (layout.padded_size values, gaps zero) from RandomStream(seed, Split::init, 0,
// parameter number). pytorch: Linear weights and biases uniform in +-1/sqrt(fan in), embeddings
// N(0,1) with the pad row zero, LayerNorm 1 and 0, as nn.Linear, nn.Embedding and nn.LayerNorm of
// PyTorch do. gpt2: matrices and embeddings N(0, .02), biases 0, pad row zero.
void initialise(const spec::ModelShape& shape, std::uint64_t seed, std::span<double> lane);

}  // namespace surd::model
