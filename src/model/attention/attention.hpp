// The table of attention architectures: the mathematics of what spec/architecture_list.hpp names, a
// file each. Letters: G independent heads (lanes
// x sequences x heads), T positions, d head dimension.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "spec/model.hpp"

namespace surd::model {

// What a layer hands to its attention. Tensors are [G, T, ...] for a whole sequence and [G, ...]
// for one position.
struct AttentionInputs {
  at::Tensor q, k, v;               // [G, T, d] or [G, d]
  std::vector<at::Tensor> further;  // of spec::projections, [G, T, features] or [G, features] each
  // In training with dropout: softmax's weights [G, T or more, K] with some dropped; column c of
  // row i stands for position keys[i][c], keys [T or more, K] or [1, K], of any value where the
  // weight is 0. Empty otherwise.
  std::function<at::Tensor(const at::Tensor& weights, const at::Tensor& keys)> drop = {};
};

// Attention one position at a time, for generation: remembers what later positions need of the
// earlier ones.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Output [G, d] at the next position, given its inputs; the first call is position 0.
  virtual at::Tensor step(const AttentionInputs& in) = 0;
  // From now on head g is what heads[g] was; heads [G'] are indices on the decoder's device,
  // ascending.
  virtual void keep(const at::Tensor& heads) = 0;
  // Elements that are kept for later positions, all G heads together.
  virtual std::int64_t state_elements() const = 0;
};

// One whose memory is a state of fixed size.
class StateDecoder : public Decoder {
 public:
  explicit StateDecoder(at::Tensor state) : state_(std::move(state)) {}
  void keep(const at::Tensor& heads) override;
  std::int64_t state_elements() const override { return state_.numel(); }

 protected:
  at::Tensor state_;  // [G, d, e]
};

namespace fused {
class AttentionKernel;
// Of an architecture's kernel in the CPU's fused program, which NAME_cpu.cpp defines
// (fused/kernel.hpp).
using MakeKernel = std::unique_ptr<AttentionKernel>(const spec::ModelShape& shape);
}  // namespace fused

struct Attention {
  std::string name;
  // Output [G, T, d]; that of position i depends on positions up to i only. Differentiable.
  at::Tensor (*forward)(const spec::ModelShape& shape, const AttentionInputs& in);
  // For `groups` = G heads and at most `steps` positions, with tensors of `options`.
  std::unique_ptr<Decoder> (*decoder)(const spec::ModelShape& shape, std::int64_t groups,
                                      std::int64_t steps, const at::TensorOptions& options);
  fused::MakeKernel* kernel = nullptr;  // none: the generic program trains it, on CPUs too
};

// InputError where the architecture is unknown.
const Attention& attention(const std::string& name);

// What the softmax architectures share.

// [rows, rows]: 0 where column <= row, else -infinity; added to scores.
at::Tensor causal_mask(std::int64_t rows, const at::TensorOptions& options);
// Keys and values of the positions that the next query sees, in room for `slots` of them.
class KeyValueCache {
 public:
  KeyValueCache(std::int64_t groups, std::int64_t slots, std::int64_t head_dim,
                const at::TensorOptions& options);
  void append(
      const at::Tensor& k,
      const at::Tensor& v);  // [G, d] each; where all slots are taken, in place of the oldest
  void forget(std::int64_t from, std::int64_t count);  // drops those slots; later ones move up
  at::Tensor attend(
      const at::Tensor& q) const;  // softmax(q k^T / sqrt d) v over all of it: [G, d] from [G, d]
  at::Tensor attend(const at::Tensor& q,
                    const at::Tensor& slots) const;  // over these slots [n] only
  void keep(const at::Tensor& heads);                // as Decoder::keep
  std::int64_t size() const { return size_; }
  std::int64_t elements() const { return 2 * keys_.size(0) * size_ * keys_.size(2); }

 private:
  at::Tensor keys_, values_;  // [G, slots, d]
  std::int64_t size_ = 0, oldest_ = 0;
};

// A decoder whose queries see the last `slots` positions. The cache is a ring: softmax does not ask
// for the order of its keys.
std::unique_ptr<Decoder> make_window_decoder(std::int64_t groups, std::int64_t slots,
                                             std::int64_t head_dim,
                                             const at::TensorOptions& options);

}  // namespace surd::model
