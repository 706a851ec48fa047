#include <string_view>

#include "base/error.hpp"
#include "model/fused/kernel.hpp"

namespace surd::model::fused {

using Kernel = std::unique_ptr<AttentionKernel>(const spec::ModelShape& shape);
// Each defined in its own file, the softmax architectures' in softmax_cpu.cpp.
Kernel standard_kernel, sparse_kernel, sliding_window_kernel, linear_kernel, retention_kernel,
    gated_linear_kernel, delta_kernel;

namespace {

struct Entry {
  std::string_view architecture;
  Kernel* make;
};
constexpr Entry table[] = {
    {"standard", standard_kernel},   {"sparse", sparse_kernel},
    {"linear", linear_kernel},       {"sliding_window", sliding_window_kernel},
    {"retention", retention_kernel}, {"gated_linear", gated_linear_kernel},
    {"delta", delta_kernel},
};

Kernel* find(const std::string& architecture) {
  for (const Entry& entry : table) {
    if (entry.architecture == architecture) return entry.make;
  }
  return nullptr;
}

}  // namespace

bool has_kernel(const std::string& architecture) { return find(architecture) != nullptr; }

std::unique_ptr<AttentionKernel> make_kernel(const spec::ModelShape& shape) {
  Kernel* const make = find(shape.architecture.name);
  if (make != nullptr) return make(shape);
  throw InputError(
      {.what = "no CPU kernel is written for architecture '" + shape.architecture.name + "'",
       .advice = "Add it to model/fused/kernels.cpp, or use the generic program"});
}

}  // namespace surd::model::fused
