// The table of architectures: name, settings with defaults and bounds, costs of the attention sums.
// architecture_list.hpp names them; CONTRIBUTING.md says how to add one.
#pragma once

#include <string>
#include <vector>

#include "spec/fused.hpp"
#include "spec/model.hpp"

namespace surd::spec {

struct OptionRule {
  std::string name;
  Json default_value;  // an integer, a number, a boolean or a word
  double low = 0;      // bounds for numbers
  double high = 0;
  std::vector<std::string> words{};  // allowed values where the option is a word
  std::string meaning;
  bool later = false;  // came after the architecture: at its default it is left out of trial ids,
                       // so that those of older journals stay
};

// A linear layer with bias that a layer applies to its normalised input besides c_attn, for
// `features` numbers a head. Its parameters are called "attn.<name>.weight" [H * features, D] and
// "attn.<name>.bias".
struct Projection {
  std::string name;
  int features = 0;
};

// Elements that attention takes in the generic program, in one layer for `sequences` sequences of
// `positions` side by side.
struct AttentionElements {
  double kept = 0;     // by autograd until the backward pass: q, k, v and what is made of them
  double passing = 0;  // on top while the backward pass goes through it
  double weights = 0;  // softmax's weights among the kept ones: what dropout falls on
};

// One row of the table. Functions take a resolved shape; tokens may be a mean, hence double.
struct ArchitectureEntry {
  std::string name;
  std::string source;  // paper or equation
  std::vector<OptionRule> options;
  // Forward FLOPs of one layer's attention sums (scores and weighted values, no projections) over
  // one sequence.
  double (*attention_flops)(const ModelShape& shape, double tokens);
  // Elements that generation keeps a layer and sequence.
  double (*state_elements)(const ModelShape& shape, double tokens);
  AttentionElements (*attention_elements)(const ModelShape& shape, double sequences,
                                          double positions);
  // Memory of its kernels in the CPU's fused program (model/attention/*_cpu.cpp); null where it has
  // none, so that ATen computes it.
  FusedElements (*fused_elements)(const ModelShape& shape) = nullptr;
  // Whether ATen's kernel on a GPU keeps no weights for the backward pass; null: never.
  bool (*keeps_no_weights)(const ModelShape& shape, Precision precision) = nullptr;
  // What attention needs besides q, k and v; nothing where absent.
  std::vector<Projection> (*projections)(const ModelShape& shape) = nullptr;
};

const std::vector<ArchitectureEntry>& architectures();
std::vector<std::string> architecture_names();
// InputError with the nearest name where unknown.
const ArchitectureEntry& architecture(const std::string& name);
// Of a shape's architecture, perhaps none.
std::vector<Projection> projections(const ModelShape& shape);
// Numbers of a token that they give, all heads together.
int projected(const ModelShape& shape);
// Options written out and checked. InputError: unknown option (nearest word), wrong type, out of
// bounds.
Architecture resolve(const Architecture& architecture);
// "standard"; with options away from the defaults "sparse(c=2)". Used as the label in columns.
std::string label(const Architecture& architecture);

// 2^floor(log2 sqrt L): what block and window lengths are where they are not given.
int root_block(int length);
// sparse: block length B; root_block(L) where the option `block` is 0.
int sparse_block(const ModelShape& shape);
// sparse: whether blocks are counted back from each position (`pattern: strided`) and not from the
// start.
bool sparse_strided(const ModelShape& shape);
// sliding_window: w; root_block(L) where the option `window` is 0.
int sliding_window(const ModelShape& shape);
// Pairs (position, visible key) of `tokens` positions that see the last `window` each: the sum of
// min(i + 1, window).
double window_pairs(double tokens, double window);
// The generic program's bands (sliding_window, sparse strided) compute scores in chunks of a
// window, or of this where it is smaller: below, a product's overhead is dearer than scores that
// are thrown away.
constexpr int smallest_band_chunk = 16;
double band_chunk(double positions, double window);
double band_columns(double positions, double chunk);  // keys that a chunk looks at
// Positions that its chunked forms take at once. linear: on a CPU 16 is best at d = 16 and 64 at d
// = 64. retention and delta: a scan pays for every chunk, so that 32 is better there from some
// thousand positions on.
int sum_chunk(int head_dim);
int scan_chunk(int head_dim);
// gated_linear: the chunk of both programs. From its middle the smallest decays are e^(+-4 * 16) =
// 2^(+-92) at its ends, which fp32 holds with room for the rest. Two tiles of the fused program,
// whose middle is the end of the first.
constexpr int gated_chunk = 32;
static_assert(gated_chunk == 2 * tile_tokens);
// linear: whether sums are divided by the weights' sum. retention, gated_linear, delta: whether the
// output of each head is normalised.
bool normalises(const ModelShape& shape);
// retention: the decay gamma of a head, counted from 0.
double retention_decay(const ModelShape& shape, int head);

}  // namespace surd::spec
