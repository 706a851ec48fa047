// Matrix products on feature-major activations. Letters: N features out, K features in, T tokens (a
// multiple of the tile), ld the stride of a row.
#if defined(SURD_MODEL_FUSED_MATRIX_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_FUSED_MATRIX_HPP_
#undef SURD_MODEL_FUSED_MATRIX_HPP_
#else
#define SURD_MODEL_FUSED_MATRIX_HPP_
#endif

#include <hwy/cache_control.h>

#include <algorithm>
#include <utility>

#include "model/fused/vector.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

constexpr bool many_registers =
    width == 16;  // AVX-512 has 32 vector registers, AVX2 and its like 16

// The left factor of a product, read scalar by scalar: element (n, k) is data[n * row + k *
// column], so a transpose costs nothing.
struct Left {
  const float* data;
  std::ptrdiff_t row;
  std::ptrdiff_t column;
};

// y[n][t] = sum_k a(n, k) x[k][t] + (bias ? bias[n] : 0) + (accumulate ? y[n][t] : 0) for N
// features and V vectors of tokens, all sums in registers.
template <int N, int V>
HWY_NOINLINE void multiply_tile(Left a, int K, const float* x, std::ptrdiff_t ldx,
                                const float* bias, bool accumulate, float* y, std::ptrdiff_t ldy) {
  Vector sum[N][V];
  if constexpr (V > 2) {
    if (!accumulate) {  // the rows of y are far apart: fetched while the sums are made
      for (int n = 0; n < N; ++n) {
        for (int v = 0; v < V; ++v) hwy::Prefetch(y + n * ldy + v * width);
      }
    }
  }
  for (int n = 0; n < N; ++n) {
    const Vector start = bias != nullptr ? broadcast(bias[n]) : hn::Zero(lanes);
    for (int v = 0; v < V; ++v)
      sum[n][v] = accumulate ? hn::Add(start, load(y + n * ldy + v * width)) : start;
  }
  for (int k = 0; k < K; ++k, x += ldx, a.data += a.column) {
    Vector in[V];
    for (int v = 0; v < V; ++v) in[v] = load(x + v * width);
    for (int n = 0; n < N; ++n) {
      const Vector factor = broadcast(a.data[n * a.row]);
      for (int v = 0; v < V; ++v) sum[n][v] = hn::MulAdd(factor, in[v], sum[n][v]);
    }
  }
  for (int n = 0; n < N; ++n) {
    for (int v = 0; v < V; ++v) store(sum[n][v], y + n * ldy + v * width);
  }
}

constexpr int max_vectors = many_registers ? 4 : 2;
constexpr int max_features(int vectors) {  // sums enough to hide the latency of a multiply-add
  if (!many_registers) return vectors == 1 ? 8 : 6;
  return vectors == 1 ? 12 : vectors == 2 ? 8 : 6;
}

// All features of V vectors of tokens, in tiles of nearly equal height.
template <int V, int... N>
void multiply_columns(std::integer_sequence<int, N...>, int features, Left a, int K, const float* x,
                      std::ptrdiff_t ldx, const float* bias, bool accumulate, float* y,
                      std::ptrdiff_t ldy) {
  using Tile =
      void (*)(Left, int, const float*, std::ptrdiff_t, const float*, bool, float*, std::ptrdiff_t);
  static constexpr Tile tiles[] = {multiply_tile<N + 1, V>...};
  constexpr int most = sizeof...(N);
  for (int left = (features + most - 1) / most; left > 0; --left) {
    const int rows = (features + left - 1) / left;
    tiles[rows - 1](a, K, x, ldx, bias, accumulate, y, ldy);
    features -= rows;
    a.data += rows * a.row;
    if (bias != nullptr) bias += rows;
    y += rows * ldy;
  }
}

template <int... V>
void multiply_block(std::integer_sequence<int, V...>, int N, int K, int T, Left a, const float* x,
                    std::ptrdiff_t ldx, const float* bias, bool accumulate, float* y,
                    std::ptrdiff_t ldy) {
  const int vectors = T / width;
  int done = 0;
  for (int left = (vectors + max_vectors - 1) / max_vectors; left > 0; --left) {
    const int now = (vectors - done + left - 1) / left;
    const std::ptrdiff_t t = static_cast<std::ptrdiff_t>(done) * width;
    ((now == V + 1 ? multiply_columns<V + 1>(std::make_integer_sequence<int, max_features(V + 1)>{},
                                             N, a, K, x + t, ldx, bias, accumulate, y + t, ldy)
                   : void()),
     ...);
    done += now;
  }
}

constexpr int block_depth = many_registers ? 128 : 192;

// y[N][T] = a x (+ bias) (+ y). A block of K is as deep as lets its part of x stay in the
// first-level cache.
inline void multiply(int N, int K, int T, Left a, const float* x, std::ptrdiff_t ldx,
                     const float* bias, bool accumulate, float* y, std::ptrdiff_t ldy) {
  int k = 0;
  do {
    const int now = std::min(block_depth, K - k);
    multiply_block(std::make_integer_sequence<int, max_vectors>{}, N, now, T,
                   {a.data + k * a.column, a.row, a.column}, x + k * ldx, ldx,
                   k == 0 ? bias : nullptr, accumulate || k > 0, y, ldy);
    k += now;
  } while (k < K);
}

// c[n][m] += sum_t a[n][t] b[m][t] for N by 4 elements, of which the first `columns` count.
template <int N>
HWY_NOINLINE void multiply_tokens_tile(int columns, int T, const float* a, std::ptrdiff_t lda,
                                       const float* b, std::ptrdiff_t ldb, float* c,
                                       std::ptrdiff_t ldc) {
  Vector sum[N][4];
  for (auto& row : sum) {
    for (Vector& element : row) element = hn::Zero(lanes);
  }
  for (int n = 0; n < N; ++n)
    hwy::Prefetch(c + n * ldc + 16);  // gradients of all weights do not fit the caches
  const float* rows[4];
  for (int m = 0; m < 4; ++m) rows[m] = b + std::min(m, columns - 1) * ldb;
  for (int t = 0; t < T; t += width) {
    Vector left[N];
    for (int n = 0; n < N; ++n) left[n] = load(a + n * lda + t);
    for (int m = 0; m < 4; ++m) {
      const Vector right = load(rows[m] + t);
      for (int n = 0; n < N; ++n) sum[n][m] = hn::MulAdd(left[n], right, sum[n][m]);
    }
  }
  for (int n = 0; n < N; ++n)
    add_sums(sum[n][0], sum[n][1], sum[n][2], sum[n][3], columns, c + n * ldc);
}

template <int... N>
void multiply_tokens_rows(std::integer_sequence<int, N...>, int features, int columns, int T,
                          const float* a, std::ptrdiff_t lda, const float* b, std::ptrdiff_t ldb,
                          float* c, std::ptrdiff_t ldc) {
  using Tile = void (*)(int, int, const float*, std::ptrdiff_t, const float*, std::ptrdiff_t,
                        float*, std::ptrdiff_t);
  static constexpr Tile tiles[] = {multiply_tokens_tile<N + 1>...};
  constexpr int most = sizeof...(N);
  for (int left = (features + most - 1) / most; left > 0; --left) {
    const int rows = (features + left - 1) / left;
    tiles[rows - 1](columns, T, a, lda, b, ldb, c, ldc);
    features -= rows;
    a += rows * lda;
    c += rows * ldc;
  }
}

// c[N][M] += a b^T, the sum running over T tokens (T a multiple of the width), lane by lane: for
// small products. A block of a stays in the first-level cache while b passes by.
inline void multiply_tokens(int N, int M, int T, const float* a, std::ptrdiff_t lda, const float* b,
                            std::ptrdiff_t ldb, float* c, std::ptrdiff_t ldc) {
  constexpr int most = many_registers ? 6 : 3;
  constexpr int rows = many_registers ? 24 : 18;
  constexpr int columns = 256;
  for (int t = 0; t < T; t += columns) {
    const int now = std::min(columns, T - t);
    for (int n = 0; n < N; n += rows) {
      for (int m = 0; m < M; m += 4) {
        multiply_tokens_rows(std::make_integer_sequence<int, most>{}, std::min(rows, N - n),
                             std::min(4, M - m), now, a + n * lda + t, lda, b + m * ldb + t, ldb,
                             c + n * ldc + m, ldc);
      }
    }
  }
}

// The same for gradients of weights: a part of b that stays in the first-level cache is transposed,
// so that its features lie in the lanes, and multiplied as any other factor. Features that do not
// fill a vector are summed lane by lane.
inline void multiply_transposed(int N, int M, int T, const float* a, std::ptrdiff_t lda,
                                const float* b, std::ptrdiff_t ldb, float* c, std::ptrdiff_t ldc) {
  constexpr int columns = max_vectors * width;
  HWY_ALIGN float transposed[block_depth * columns];
  const int whole = M / width * width;
  for (int t = 0; t < T; t += block_depth) {
    const int depth = std::min(block_depth, T - t);
    for (int m = 0; m < whole; m += columns) {
      const int now = std::min(columns, whole - m);
      transpose(now, depth, b + m * ldb + t, ldb, transposed, now);
      multiply_block(std::make_integer_sequence<int, max_vectors>{}, N, depth, now, {a + t, lda, 1},
                     transposed, now, nullptr, true, c + m, ldc);
    }
  }
  if (whole < M) multiply_tokens(N, M - whole, T, a, lda, b + whole * ldb, ldb, c + whole, ldc);
}

// sum[n] += sum_t a[n][t] (b ? b[n][t] : 1)
inline void sum_tokens(int N, int T, const float* a, const float* b, std::ptrdiff_t ld,
                       float* sum) {
  for (int n = 0; n < N; ++n) {
    Vector total = hn::Zero(lanes);
    for (int t = 0; t < T; t += width) {
      const Vector value = load(a + n * ld + t);
      total = b != nullptr ? hn::MulAdd(value, load(b + n * ld + t), total) : hn::Add(total, value);
    }
    sum[n] += hn::GetLane(hn::SumOfLanes(lanes, total));
  }
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_FUSED_MATRIX_HPP_
