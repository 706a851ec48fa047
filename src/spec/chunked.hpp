// Elements of attention's tensors in the generic program's chunked forms
// (model/attention/recurrent.hpp).
#pragma once

#include <algorithm>
#include <cmath>

#include "spec/model.hpp"

namespace surd::spec {

struct Chunked {
  // `chunk`: positions at once, at most.
  Chunked(const ModelShape& shape, double sequences, double positions, double chunk) {
    const double size = std::min(positions, chunk), d = shape.head_dim();
    count = std::ceil(positions / size);
    features = sequences * positions * shape.hidden;
    heads = sequences * positions * shape.settings.heads;
    filled = features / positions * count * size;
    scores = sequences * shape.settings.heads * count * size * size;
    states = sequences * shape.settings.heads * count * d * d;
  }
  bool several() const { return count > 1; }

  double count = 0;     // chunks of a sequence
  double features = 0;  // d numbers a head and position
  double heads = 0;     // one number a head and position
  double filled = 0;    // features with the last chunk filled up
  double scores = 0;    // [C, C] a chunk and head
  double states = 0;    // [d, d] a chunk and head
};

}  // namespace surd::spec
