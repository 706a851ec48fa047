#include "model/naive/form.hpp"

namespace surd::model::test {

namespace {

Rows output(const Head& h) {
  const int given = h.option<int>("block"), B = given > 0 ? given : root_block(h.shape.length),
            c = h.option<int>("c");
  if (h.option<std::string>("pattern") == "strided") {
    return softmax_attention(h, [=](int i, int j) { return i - j < B || (i - j) % B < c; });
  }
  return softmax_attention(h, [=](int i, int j) { return i / B == j / B || j % B >= B - c; });
}

}  // namespace

NaiveForm sparse_naive() {
  return {.output = output,
          .options = {
              Json::object(),
              {{"c", 2}},
              {{"c", 2}, {"block", 5}},
              {{"c", 7}, {"block", 4}},  // a tail longer than the block: all of it
              {{"c", 1}, {"block", 1}},
              {{"c", 3}, {"block", 1000}},  // a block longer than any sequence
              {{"pattern", "strided"}},
              {{"pattern", "strided"}, {"c", 2}, {"block", 5}},
              {{"pattern", "strided"}, {"c", 7}, {"block", 4}},
              {{"pattern", "strided"}, {"block", 1}},
              {{"pattern", "strided"}, {"block", 1000}},
          }};
}

}  // namespace surd::model::test
