// Which instruction set the fused program's kernels run with: the best that the processor has, or
// less where a user asks for it.
#pragma once

#include <string>

namespace surd::model {

// Limits the kernels to what the environment variable SURD_CPU_INSTRUCTIONS names, "avx2" or
// "portable", and returns the word; "" where the variable is not set or empty: no limit. So a node
// gives the bits of a lesser one. InputError for any other word, and for avx2 on a processor
// without it. Whoever makes a fused program need not call it.
std::string limit_instructions();

}  // namespace surd::model
