#include "spec/architecture.hpp"

namespace surd::spec {

namespace {

// Per token and head of d dimensions: S += phi(k) v^T and phi(q) S are d^2 multiply-adds each, z += phi(k) d additions, phi(q) z d multiply-adds.
double attention_flops(const ModelShape& shape, double tokens) {
  const double d = shape.head_dim();
  return shape.settings.heads * (4 * d * d + 3 * d) * tokens;
}

// S and z of every head, whatever the length.
double state_elements(const ModelShape& shape, double /*tokens*/) {
  const double d = shape.head_dim();
  return shape.settings.heads * (d * d + d);
}

}  // namespace

ArchitectureEntry linear_entry() {
  return {.name = "linear",
          .source = "Katharopoulos et al., Transformers are RNNs, 2020: phi(q) S / (phi(q) z), no scaling",
          .options = {{.name = "phi", .default_value = "elu", .words = {"elu"}, .meaning = "feature map; elu: elu(x) + 1"}},
          .attention_flops = attention_flops,
          .state_elements = state_elements};
}

}  // namespace surd::spec
