#include "model/naive.hpp"

#include <ATen/ops/empty.h>
#include <cmath>
#include <functional>
#include <map>

#include "base/error.hpp"
#include "spec/architecture.hpp"

namespace surd::model::test {

namespace {

using Row = std::vector<double>;
using Rows = std::vector<Row>;

// One head's inputs, [T][...], and where its operations are counted.
struct Head {
  const spec::ModelShape& shape;
  int number;
  Rows q, k, v;
  std::vector<Rows> further;
  Rows factors;
  double& flops;
  int T() const { return static_cast<int>(q.size()); }
  int d() const { return static_cast<int>(q[0].size()); }
  template <typename Value>
  Value option(const char* name) const {
    return required<Value>(shape.architecture.options, name, "test");
  }
};

double dot(const Row& a, const Row& b, double& flops) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i], flops += 2;
  return sum;
}

// row^T S for S [d][e].
Row product(const Row& row, const Rows& S, double& flops) {
  Row result(S[0].size());
  for (std::size_t a = 0; a < S.size(); ++a) {
    for (std::size_t b = 0; b < result.size(); ++b) result[b] += row[a] * S[a][b], flops += 2;
  }
  return result;
}

// S[a][b] = decay[a] S[a][b] + k[a] v[b]
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

// softmax over the positions j <= i for which sees(i, j).
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

Rows standard(const Head& h) {
  return softmax_attention(h, [](int, int) { return true; });
}

Rows sparse(const Head& h) {
  const int given = h.option<int>("block"), B = given > 0 ? given : root_block(h.shape.length),
            c = h.option<int>("c");
  if (h.option<std::string>("pattern") == "strided") {
    return softmax_attention(h, [=](int i, int j) { return i - j < B || (i - j) % B < c; });
  }
  return softmax_attention(h, [=](int i, int j) { return i / B == j / B || j % B >= B - c; });
}

Rows sliding_window(const Head& h) {
  const int given = h.option<int>("window"), w = given > 0 ? given : root_block(h.shape.length);
  return softmax_attention(h, [=](int i, int j) { return i - j < w; });
}

Rows linear(const Head& h) {
  const auto phi = [word = h.option<std::string>("phi")](double x) {
    if (word == "relu") return x > 0 ? x : 0.0;
    if (word == "exp") return std::exp(x);
    return x > 0 ? x + 1 : std::exp(x);
  };
  const bool normalise = h.option<bool>("normalise");
  Rows S(h.d(), Row(h.d())), output;
  Row z(h.d());
  for (int i = 0; i < h.T(); ++i) {
    const Row q = mapped(h.q[i], phi), k = mapped(h.k[i], phi);
    for (int a = 0; a < h.d(); ++a) {
      for (int b = 0; b < h.d(); ++b) S[a][b] += k[a] * h.v[i][b], h.flops += 2;
    }
    output.push_back(product(q, S, h.flops));
    if (!normalise) continue;
    for (int a = 0; a < h.d(); ++a) z[a] += k[a], h.flops += 1;
    const double total = std::max(dot(q, z, h.flops), 1e-6);
    output.back() = mapped(output.back(), [&](double x) { return x / total; });
  }
  return output;
}

Rows retention(const Head& h) {
  const double gamma = 1 - std::pow(2, -h.option<double>("decay") - h.number);
  Rows S(h.d(), Row(h.d())), output;
  for (int i = 0; i < h.T(); ++i) {
    update(S, h.k[i], h.v[i], Row(h.d(), gamma), h.flops);
    const Row sum =
        mapped(product(h.q[i], S, h.flops), [&](double x) { return x / std::sqrt(h.d()); });
    output.push_back(h.option<bool>("normalise") ? group_norm(sum) : sum);
  }
  return output;
}

Rows gated_linear(const Head& h) {
  Rows S(h.d(), Row(h.d())), output;
  for (int i = 0; i < h.T(); ++i) {
    const Row alpha = mapped(h.further[0][i],
                             [](double x) { return std::pow(1 / (1 + std::exp(-x)), 1.0 / 16); });
    update(S, h.k[i], h.v[i], alpha, h.flops);
    const Row sum =
        mapped(product(h.q[i], S, h.flops), [&](double x) { return x / std::sqrt(h.d()); });
    output.push_back(h.option<bool>("normalise") ? group_norm(sum) : sum);
  }
  return output;
}

Row unit_silu(const Row& row) {
  const Row silu = mapped(row, [](double x) { return x / (1 + std::exp(-x)); });
  double square = 1e-6;
  for (const double x : silu) square += x * x;
  return mapped(silu, [&](double x) { return x / std::sqrt(square); });
}

Rows delta(const Head& h) {
  Rows S(h.d(), Row(h.d())), output;
  for (int i = 0; i < h.T(); ++i) {
    const Row q = unit_silu(h.q[i]), k = unit_silu(h.k[i]);
    const double beta = 1 / (1 + std::exp(-h.further[0][i][0]));
    Row u = product(k, S, h.flops);
    for (int b = 0; b < h.d(); ++b) u[b] = beta * (h.v[i][b] - u[b]), h.flops += 2;
    for (int a = 0; a < h.d(); ++a) {
      for (int b = 0; b < h.d(); ++b) S[a][b] += k[a] * u[b], h.flops += 2;
    }
    const Row sum = product(q, S, h.flops);
    double square = 0;
    for (const double x : sum) square += x * x / h.d();
    output.push_back(h.option<bool>("normalise")
                         ? mapped(sum, [&](double x) { return x / std::sqrt(square + 1e-5); })
                         : sum);
  }
  return output;
}

const std::map<std::string, Rows (*)(const Head&)>& table() {
  static const std::map<std::string, Rows (*)(const Head&)> all = {
      {"standard", standard},   {"sparse", sparse},
      {"linear", linear},       {"sliding_window", sliding_window},
      {"retention", retention}, {"gated_linear", gated_linear},
      {"delta", delta},
  };
  return all;
}

Rows rows(const at::Tensor& x) {  // [T, f]
  const at::Tensor plain = x.contiguous();
  Rows result;
  for (std::int64_t t = 0; t < plain.size(0); ++t) {
    const double* const row = plain.const_data_ptr<double>() + t * plain.size(1);
    result.emplace_back(row, row + plain.size(1));
  }
  return result;
}

}  // namespace

Naive naive_attention(const spec::ModelShape& shape, const AttentionInputs& in,
                      const at::Tensor& factors) {
  Naive result{at::empty(in.v.sizes(), at::kDouble)};
  double* out = result.output.mutable_data_ptr<double>();
  for (std::int64_t g = 0; g < in.q.size(0); ++g) {
    std::vector<Rows> further;
    for (const at::Tensor& x : in.further) further.push_back(rows(x[g]));
    const Head head{.shape = shape,
                    .number = static_cast<int>(g % shape.settings.heads),
                    .q = rows(in.q[g]),
                    .k = rows(in.k[g]),
                    .v = rows(in.v[g]),
                    .further = further,
                    .factors = factors.defined() ? rows(factors) : Rows{},
                    .flops = result.flops};
    for (const Row& row : table().at(shape.architecture.name)(head))
      out = std::copy(row.begin(), row.end(), out);
  }
  return result;
}

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = {
      {"standard", Json::object()},
      {"sparse", Json::object()},
      {"sparse", {{"c", 2}}},
      {"sparse", {{"c", 2}, {"block", 5}}},
      {"sparse", {{"c", 7}, {"block", 4}}},  // a tail longer than the block: all of it
      {"sparse", {{"c", 1}, {"block", 1}}},
      {"sparse", {{"c", 3}, {"block", 1000}}},  // a block longer than any sequence
      {"sparse", {{"pattern", "strided"}}},
      {"sparse", {{"pattern", "strided"}, {"c", 2}, {"block", 5}}},
      {"sparse", {{"pattern", "strided"}, {"c", 7}, {"block", 4}}},
      {"sparse", {{"pattern", "strided"}, {"block", 1}}},
      {"sparse", {{"pattern", "strided"}, {"block", 1000}}},
      {"linear", Json::object()},
      {"linear", {{"phi", "relu"}}},
      {"linear", {{"phi", "exp"}}},
      {"linear", {{"normalise", false}}},
      {"linear", {{"phi", "relu"}, {"normalise", false}}},
      {"sliding_window", Json::object()},
      {"sliding_window", {{"window", 1}}},
      {"sliding_window", {{"window", 7}}},
      {"sliding_window", {{"window", 23}}},
      {"sliding_window", {{"window", 1000}}},
      {"retention", Json::object()},
      {"retention", {{"normalise", false}}},
      {"retention", {{"normalise", false}, {"decay", 0}}},  // head 0 forgets all at once
      {"retention", {{"decay", 2.5}}},
      {"gated_linear", Json::object()},
      {"gated_linear", {{"normalise", false}}},
      {"delta", Json::object()},
      {"delta", {{"normalise", false}}},
  };
  return all;
}

}  // namespace surd::model::test
