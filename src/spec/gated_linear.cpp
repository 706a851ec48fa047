#include "spec/architecture.hpp"

namespace surd::spec {

namespace {

// Per token and head of d dimensions: diag(alpha) S is d^2 products, adding k^T v and q S are d^2 multiply-adds each.
double attention_flops(const ModelShape& shape, double tokens) {
  const double d = shape.head_dim();
  return shape.settings.heads * 5 * d * d * tokens;
}

double state_elements(const ModelShape& shape, double /*tokens*/) {
  const double d = shape.head_dim();
  return shape.settings.heads * d * d;
}

// A decay for every key dimension.
std::vector<Projection> own_projections(const ModelShape& shape) { return {{.name = "gate", .features = shape.head_dim()}}; }

}  // namespace

ArchitectureEntry gated_linear_entry() {
  return {
      .name = "gated_linear",
      .source = "Yang et al., Gated linear attention Transformers, 2023: S = diag(alpha) S + k^T v, q S / sqrt d, alpha = sigmoid(x W + b)^(1/16)",
      .options = {{.name = "normalise",
                   .default_value = true,
                   .meaning = "the output of a head is brought to mean 0 and variance 1 over its d dimensions, without parameters"}},
      .attention_flops = attention_flops,
      .state_elements = state_elements,
      .projections = own_projections};
}

}  // namespace surd::spec
