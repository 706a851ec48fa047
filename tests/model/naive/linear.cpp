#include "model/naive/form.hpp"

namespace surd::model::test {

namespace {

Rows output(const Head& h) {
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

}  // namespace

NaiveForm linear_naive() {
  return {.output = output,
          .options = {
              Json::object(),
              {{"phi", "relu"}},
              {{"phi", "exp"}},
              {{"normalise", false}},
              {{"phi", "relu"}, {"normalise", false}},
          }};
}

}  // namespace surd::model::test
