// Linear layers on feature-major activations. Letters: N features out, K features in, T tokens (a
// multiple of the tile), ld the stride of a row.
#if defined(SURD_MODEL_FUSED_AFFINE_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_FUSED_AFFINE_HPP_
#undef SURD_MODEL_FUSED_AFFINE_HPP_
#else
#define SURD_MODEL_FUSED_AFFINE_HPP_
#endif

#include "model/fused/chunk.hpp"
#include "model/fused/matrix.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

// y[N] = layer x[K] (+ y)
inline void apply(const Affine& layer, int T, const float* x, std::ptrdiff_t ld, bool accumulate,
                  float* y) {
  multiply(layer.N, layer.K, T, {layer.weight, layer.K, 1}, x, ld, layer.bias, accumulate, y, ld);
}

// Adds the layer's gradients, and dx[K] = weight^T dy[N].
inline void apply_backward(const Affine& layer, int T, const float* x, const float* dy,
                           std::ptrdiff_t ld, float* dx) {
  multiply_transposed(layer.N, layer.K, T, dy, ld, x, ld, layer.weight_gradient, layer.K);
  sum_tokens(layer.N, T, dy, nullptr, ld, layer.bias_gradient);
  multiply(layer.K, layer.N, T, {layer.transposed, layer.N, 1}, dy, ld, nullptr, false, dx, ld);
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_FUSED_AFFINE_HPP_
