#include "model/naive/form.hpp"

#include <algorithm>
#include <utility>

namespace surd::model::test {

double dot(const Row& a, const Row& b, double& flops) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i], flops += 2;
  return sum;
}

Row product(const Row& row, const Rows& S, double& flops) {
  Row result(S[0].size());
  for (std::size_t a = 0; a < S.size(); ++a) {
    for (std::size_t b = 0; b < result.size(); ++b) result[b] += row[a] * S[a][b], flops += 2;
  }
  return result;
}

void update(Rows& S, const Row& k, const Row& v, const Row& decay, double& flops) {
  for (std::size_t a = 0; a < S.size(); ++a) {
    for (std::size_t b = 0; b < v.size(); ++b)
      S[a][b] = decay[a] * S[a][b] + k[a] * v[b], flops += 3;
  }
}

Row mapped(const Row& row, const std::function<double(double)>& map) {
  Row result;
  for (const double x : row) result.push_back(map(x));
  return result;
}

Row group_norm(const Row& row) {
  double mean = 0, variance = 0;
  for (const double x : row) mean += x / static_cast<double>(row.size());
  for (const double x : row) variance += (x - mean) * (x - mean) / static_cast<double>(row.size());
  return mapped(row, [&](double x) { return (x - mean) / std::sqrt(variance + 1e-5); });
}

Rows softmax_attention(const Head& h, const std::function<bool(int, int)>& sees) {
  Rows output;
  for (int i = 0; i < h.T(); ++i) {
    Row sum(h.v[0].size());
    double total = 0, largest = -INFINITY;
    std::vector<std::pair<int, double>> scores;
    for (int j = 0; j <= i; ++j) {
      if (!sees(i, j)) continue;
      scores.emplace_back(j, dot(h.q[i], h.k[j], h.flops) / std::sqrt(h.d()));
      largest = std::max(largest, scores.back().second);
    }
    for (const auto& [j, score] : scores) {
      const double weight = std::exp(score - largest);
      total += weight;
      const double factor = h.factors.empty() ? 1 : h.factors[i][j];
      for (std::size_t b = 0; b < sum.size(); ++b)
        sum[b] += factor * weight * h.v[j][b], h.flops += 2;
    }
    output.push_back(mapped(sum, [&](double x) { return x / total; }));
  }
  return output;
}

int root_block(int length) { return 1 << (std::ilogb(std::sqrt(length + 0.5))); }

}  // namespace surd::model::test
