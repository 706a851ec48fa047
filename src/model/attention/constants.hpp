// Numbers that the mathematics of the architectures fixes, for ATen's forms and the CPU kernels.
#pragma once

namespace surd::model {

// Added to a variance or mean square, by LayerNorm and by what normalises a head's output.
constexpr double norm_epsilon = 1e-5;
// linear: the least denominator, and the largest exponent of phi = exp.
constexpr double smallest_denominator = 1e-6;
constexpr double largest_exponent = 30;
// retention: the least decay, so that it has a logarithm.
constexpr double smallest_decay = 1e-30;
// gated_linear: log alpha = max(log sigmoid(x) / temperature, smallest).
constexpr double gate_temperature = 16;
constexpr double smallest_log_decay = -4;
// delta: added to the squared length of q and k.
constexpr double length_epsilon = 1e-6;

}  // namespace surd::model
