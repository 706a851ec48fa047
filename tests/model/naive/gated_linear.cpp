#include "model/naive/form.hpp"

namespace surd::model::test {

namespace {

Rows output(const Head& h) {
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

}  // namespace

NaiveForm gated_linear_naive() {
  return {.output = output,
          .options = {
              Json::object(),
              {{"normalise", false}},
          }};
}

}  // namespace surd::model::test
