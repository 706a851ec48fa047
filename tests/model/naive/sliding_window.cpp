#include "model/naive/form.hpp"

namespace surd::model::test {

namespace {

Rows output(const Head& h) {
  const int given = h.option<int>("window"), w = given > 0 ? given : root_block(h.shape.length);
  return softmax_attention(h, [=](int i, int j) { return i - j < w; });
}

}  // namespace

NaiveForm sliding_window_naive() {
  return {.output = output,
          .options = {
              Json::object(),
              {{"window", 1}},
              {{"window", 7}},
              {{"window", 23}},
              {{"window", 1000}},
          }};
}

}  // namespace surd::model::test
