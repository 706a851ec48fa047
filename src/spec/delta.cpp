#include "spec/architecture.hpp"

namespace surd::spec {

namespace {

// Per token and head of d dimensions: k S, adding k^T u and q S are d^2 multiply-adds each, u = beta (v - k S) is 2 d operations.
double attention_flops(const ModelShape& shape, double tokens) {
  const double d = shape.head_dim();
  return shape.settings.heads * (6 * d * d + 2 * d) * tokens;
}

double state_elements(const ModelShape& shape, double /*tokens*/) {
  const double d = shape.head_dim();
  return shape.settings.heads * d * d;
}

// How far a token's value replaces what its key has held.
std::vector<Projection> own_projections(const ModelShape& /*shape*/) { return {{.name = "beta", .features = 1}}; }

}  // namespace

ArchitectureEntry delta_entry() {
  return {
      .name = "delta",
      .source = "Yang et al., Parallelizing linear Transformers with the delta rule, 2024: S = S + beta k^T (v - k S), q S, beta = sigmoid(x W + b)",
      .options = {{.name = "normalise",
                   .default_value = true,
                   .meaning = "the output of a head is brought to root mean square 1 over its d dimensions, without parameters"}},
      .attention_flops = attention_flops,
      .state_elements = state_elements,
      .projections = own_projections};
}

}  // namespace surd::spec
