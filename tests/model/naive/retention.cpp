#include "model/naive/form.hpp"

namespace surd::model::test {

namespace {

Rows output(const Head& h) {
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

}  // namespace

NaiveForm retention_naive() {
  return {.output = output,
          .options = {
              Json::object(),
              {{"normalise", false}},
              {{"normalise", false}, {"decay", 0}},  // head 0 forgets all at once
              {{"decay", 2.5}},
          }};
}

}  // namespace surd::model::test
