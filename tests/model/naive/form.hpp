// What the naive forms share: one head's rows of doubles, and operations that are counted.
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "spec/model.hpp"

namespace surd::model::test {

using Row = std::vector<double>;
using Rows = std::vector<Row>;

// One head's inputs, [T][...], and where its operations are counted.
struct Head {
  const spec::ModelShape& shape;
  int number;
  Rows q, k, v;
  std::vector<Rows> further;
  Rows factors;  // of softmax's weights; empty: none
  double& flops;
  int T() const { return static_cast<int>(q.size()); }
  int d() const { return static_cast<int>(q[0].size()); }
  template <typename Value>
  Value option(const char* name) const {
    return required<Value>(shape.architecture.options, name, "test");
  }
};

// An architecture: its output [T][d], from its paper's formulas, and the options that it is tried
// with, among them every word and truth value of each.
struct NaiveForm {
  Rows (*output)(const Head& head);
  std::vector<Json> options;
};

double dot(const Row& a, const Row& b, double& flops);
// row^T S for S [d][e].
Row product(const Row& row, const Rows& S, double& flops);
// S[a][b] = decay[a] S[a][b] + k[a] v[b]
void update(Rows& S, const Row& k, const Row& v, const Row& decay, double& flops);
Row mapped(const Row& row, const std::function<double(double)>& map);
// To mean 0 and variance 1.
Row group_norm(const Row& row);
// softmax over the positions j <= i for which sees(i, j).
Rows softmax_attention(const Head& h, const std::function<bool(int, int)>& sees);
// 2^floor(log2 sqrt length)
int root_block(int length);

}  // namespace surd::model::test
