// Attention with a state for one head of one sequence: what linear attention, retention and
// gated_linear share. sums_i = sum over j <= i of decay(i, j) phi(q_i).phi(k_j) v_j, within a block
// by pairs, across blocks through the state S at a block's start, the sum of the decayed
// v_j phi(k_j)^T of earlier blocks. O(length).
//
// An architecture derives its class from RecurrentKernel<the class> and says in it:
//   block       positions between two states, a multiple of the tile
//   rows()      n
//   prepare     phi(q), phi(k) and v, and far_, what meets another block's part of the state
//   weigh       the decay of scores within a block
//   falling     the same for the backward pass, as Queries::falling
//   far_gradient       g_ as far_.q is of q_
//   carry       takes a state over the border before `later`, with the columns of a block's a and b
//   finish      the output of the tile of `count` queries at i from its sums [n][tile]
//   finish_backward    g_, the gradient of the sums, zero where there is none
//   features_backward  dq, dk and the further inputs' gradients from dq_ and dk_, those of the phi
// Letters: d head dimension, n rows of v (d, or d + 1 with a row of ones), i queries, j keys,
// state [n][d].
#if defined(SURD_MODEL_ATTENTION_RECURRENT_CPU_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_ATTENTION_RECURRENT_CPU_HPP_
#undef SURD_MODEL_ATTENTION_RECURRENT_CPU_HPP_
#else
#define SURD_MODEL_ATTENTION_RECURRENT_CPU_HPP_
#endif

#include <algorithm>
#include <cmath>

#include "model/attention/pairs_cpu.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

template <class Architecture>
class RecurrentKernel : public AttentionKernel {
 public:
  void lay_out(int longest, Pieces& pieces) override {
    const std::ptrdiff_t p = round_to_tiles(longest);
    ld_ = p + tile;
    scores_ = pieces.take(p * tile);
    pairs_.lay_out(pieces);
    q_ = pieces.take(d_ * ld_), g_ = pieces.take((d_ + 1) * ld_), dq_ = pieces.take(d_ * ld_);
    from_ = pieces.take(p), to_ = pieces.take(p);
    k_ = pieces.take(d_ * ld_), v_ = pieces.take((d_ + 1) * ld_), dk_ = pieces.take(d_ * ld_);
    states_ = pieces.take((p / Architecture::block + 1) * state_size()),
    later_ = pieces.take(state_size());
    far_ = {.q = q_, .k = k_, .v = v_};
  }

  void start_sequence(int length) override {
    constexpr int block = Architecture::block;
    for (int j = 0; j < round_to_tiles(length); ++j) {
      from_[j] = j < length ? static_cast<float>(j) : never;
      to_[j] = j < length ? static_cast<float>(std::min(length, (j / block + 1) * block)) : never;
    }
  }

  void forward(const Head& head, const HeadOutput& output) override {
    constexpr int size = Architecture::block;
    const int n = own().rows();
    own().prepare(head);
    const Keys keys = list_keys(head.length);
    float* const state = states_;
    float* const sums = g_;  // [n][tile]
    std::fill_n(state, n * d_, 0.0F);
    for (int block = 0; block < head.length; block += size) {
      for (int i = std::max(block, head.first); i < std::min(head.length, block + size);
           i += tile) {
        const int end = std::min(i + tile, head.length);
        const Range range = visible(keys, i, end);
        score(d_, keys, range, q_ + i, ld_, i, end, 0.0F, scores_);
        own().weigh(range, i);
        multiply(n, range.size(), tile, {v_ + range.first, ld_, 1}, scores_, tile, nullptr, false,
                 sums, tile);
        if (block > 0)
          multiply(n, d_, tile, {state, d_, 1}, far_.q + i, ld_, nullptr, true, sums, tile);
        own().finish(i, end - i, sums, head.ld, output);
      }
      if (block + size < head.length)
        own().carry(block / size + 1, size, far_.v + block, k_ + block, state);
    }
  }

  // With g the gradient of the sums: d phi(q_i) = S_i^T g_i, d phi(k_j) = R_j^T v_j, dv_j = R_j
  // phi(k_j), where R_j = sum over i >= j of decay(i, j) g_i phi(q_i)^T.
  void backward(const Head& head, const HeadGradient& to) override {
    const int n = own().rows();
    own().prepare(head);
    for (int e = 0; e < d_; ++e) std::fill_n(dq_ + e * ld_, round_to_tiles(head.length), 0.0F);
    own().finish_backward(head, to);
    const Queries queries{.q = q_,
                          .q_offset = nullptr,
                          .g = g_,
                          .g_offset = n > d_ ? g_ + d_ * ld_ : nullptr,
                          .ld = ld_,
                          .first = head.first,
                          .length = head.length,
                          .falling = own().falling()};
    pair_gradients<false>(d_, queries, list_keys(head.length), pairs_,
                          {.dq = dq_, .dk = dk_, .ldk = ld_, .dv = to.dv, .ldv = head.ld});
    across_blocks(head, own().far_gradient(head.length), to.dv);
    own().features_backward(head, to);
  }

  // A state.
  std::ptrdiff_t remembered(int /*positions*/) const override { return state_size(); }
  void lay_out_steps(int /*positions*/, Pieces& pieces) override {
    features_ = pieces.take(std::ptrdiff_t{3} * d_ * tile);
  }
  void start_position(int /*position*/) override {}

 protected:
  explicit RecurrentKernel(int d) : d_(d) {}

  // As an architecture without decay has them.
  void weigh(Range /*keys*/, int /*i*/) const {}
  const float* falling() const { return nullptr; }
  const float* far_gradient(int /*length*/) const { return g_; }
  // state += sum over the columns of a block of a[n] b[d]^T
  void carry(int /*later*/, int columns, const float* a, const float* b, float* state) const {
    multiply_tokens(static_cast<const Architecture&>(*this).rows(), d_, columns, a, ld_, b, ld_,
                    state, d_);
  }

  float query_factor() const { return 1.0F / std::sqrt(static_cast<float>(d_)); }

  // Row e of the state of a step takes value phi(k) up, its elements f aged by `aged(element, f)`.
  // Returns its product with phi(q).
  template <typename Aged>
  HWY_INLINE Vector step_row(int e, Vector value, const float* phi_q, const float* phi_k,
                             const Aged& aged, float* state) const {
    const int d = d_;  // the compiler would read the member again after each store
    float* const row = state + static_cast<std::ptrdiff_t>(e) * d * width;
    Vector sum = hn::Zero(lanes);
    for (int f = 0; f < d; ++f) {
      const Vector updated =
          hn::MulAdd(value, load(phi_k + f * width), aged(load(row + f * width), f));
      store(updated, row + f * width);
      sum = hn::MulAdd(updated, load(phi_q + f * width), sum);
    }
    return sum;
  }

  struct Far {
    const float *q, *k, *v;
  };
  const int d_;
  std::ptrdiff_t ld_ = 0;    // of the rows [p], p positions of the longest sequence in whole tiles
  float* scores_ = nullptr;  // [p][tile]
  float *q_ = nullptr, *k_ = nullptr,
        *v_ = nullptr;  // phi(q), phi(k) [d][p], v [n][p], zero after the sequence
  float *dq_ = nullptr, *dk_ = nullptr, *g_ = nullptr;  // [d][p], [d][p], [n][p]
  float* later_ = nullptr;                              // [n][d]
  Far far_{};
  float* features_ = nullptr;  // of generation, [3 d][width]

 private:
  Architecture& own() { return static_cast<Architecture&>(*this); }
  std::ptrdiff_t state_size() const { return static_cast<std::ptrdiff_t>(d_ + 1) * d_; }
  Keys list_keys(int length) const { return {k_, v_, ld_, length, from_, to_}; }

  // Adds to dq_, dk_ and dv what goes through the states.
  void across_blocks(const Head& head, const float* far_g, float* dv) {
    constexpr int size = Architecture::block;
    const int n = own().rows();
    const std::ptrdiff_t elements = static_cast<std::ptrdiff_t>(n) * d_;
    const int blocks = (head.length + size - 1) / size;
    std::fill_n(states_, elements, 0.0F);
    for (int b = 1; b < blocks; ++b) {
      float* const state = states_ + b * elements;
      std::copy_n(state - elements, elements, state);
      own().carry(b, size, far_.v + (b - 1) * size, k_ + (b - 1) * size, state);
    }
    std::fill_n(later_, elements, 0.0F);
    for (int b = blocks - 1; b >= 0; --b) {
      const int start = b * size;
      const int columns = std::min(size, round_to_tiles(head.length) - start);
      if (b > 0)
        multiply(d_, n, columns, {states_ + b * elements, 1, d_}, far_g + start, ld_, nullptr, true,
                 dq_ + start, ld_);
      if (b < blocks - 1) {
        multiply(d_, n, columns, {later_, 1, d_}, far_.v + start, ld_, nullptr, true, dk_ + start,
                 ld_);
        multiply(d_, d_, columns, {later_, d_, 1}, far_.k + start, ld_, nullptr, true, dv + start,
                 head.ld);
      }
      if (b > 0) own().carry(b, columns, far_g + start, q_ + start, later_);
    }
  }

  PairScratch pairs_{};
  float *from_ = nullptr, *to_ = nullptr;  // [p] the queries that see a key
  float* states_ = nullptr;                // [blocks][n][d]
};

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_ATTENTION_RECURRENT_CPU_HPP_
