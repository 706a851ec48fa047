#include "model/naive/form.hpp"

namespace surd::model::test {

namespace {

Row unit_silu(const Row& row) {
  const Row silu = mapped(row, [](double x) { return x / (1 + std::exp(-x)); });
  double square = 1e-6;
  for (const double x : silu) square += x * x;
  return mapped(silu, [&](double x) { return x / std::sqrt(square); });
}

Rows output(const Head& h) {
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

}  // namespace

NaiveForm delta_naive() {
  return {.output = output,
          .options = {
              Json::object(),
              {{"normalise", false}},
          }};
}

}  // namespace surd::model::test
