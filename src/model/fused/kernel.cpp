#include "model/fused/kernel.hpp"

#include "base/error.hpp"
#include "model/attention/attention.hpp"

namespace surd::model::fused {

bool has_kernel(const std::string& architecture) {
  return attention(architecture).kernel != nullptr;
}

std::unique_ptr<AttentionKernel> make_kernel(const spec::ModelShape& shape) {
  if (MakeKernel* const make = attention(shape.architecture.name).kernel) return make(shape);
  throw InputError(
      {.what = "no CPU kernel is written for architecture '" + shape.architecture.name + "'",
       .advice = "Use the generic program"});
}

}  // namespace surd::model::fused
