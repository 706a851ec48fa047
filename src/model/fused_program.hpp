// The fused program: the whole Transformer, forward and backward, in own kernels (Highway, chosen
// at run time: instruction_limit.hpp), CPU, fp32, one thread. Agrees with the generic program to
// rounding. A batch is cut into chunks of whole sequences that depend on the batch alone, so a
// lane's bits do not depend on the lanes beside it. Memory grows with the longest chunk seen and is
// kept, since page faults cost more than the kernels. In the last layer only supervised positions
// go past the attention. How it works: fused/chunk.hpp.
#pragma once

#include <memory>

#include "model/program.hpp"
#include "spec/model.hpp"

namespace surd::model {

// Whether the fused program runs this shape: any architecture, width, depth and dropout.
bool fused_supports(const spec::ModelShape& shape);
// InputError where it does not. Logits of all positions go through the generic program.
std::unique_ptr<Program> make_fused_program(const spec::ModelShape& shape);

}  // namespace surd::model
