#include "model/program.hpp"

#include "model/fused_program.hpp"
#include "model/generic_program.hpp"

namespace surd::model {

std::unique_ptr<Program> make_generic_program(const spec::ModelShape& shape,
                                              spec::Precision precision, const at::Device& device) {
  return std::make_unique<GenericProgram>(shape, precision, device,
                                          device.is_cuda() ? Lanes::together : Lanes::apart);
}

std::unique_ptr<Program> make_program(const spec::ModelShape& shape, spec::Precision precision,
                                      const at::Device& device) {
  if (device.is_cpu() && precision == spec::Precision::fp32 && fused_supports(shape))
    return make_fused_program(shape);
  return make_generic_program(shape, precision, device);
}

}  // namespace surd::model
