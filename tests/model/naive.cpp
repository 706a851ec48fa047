#include "model/naive.hpp"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <map>

#include "model/naive/form.hpp"
#include "spec/architecture.hpp"
#include "spec/architecture_list.hpp"

namespace surd::model::test {

#define SURD_DECLARE(name) NaiveForm name##_naive();
SURD_ARCHITECTURES(SURD_DECLARE)

namespace {

const std::map<std::string, NaiveForm>& forms() {
#define SURD_FORM(name) {#name, name##_naive()},
  static const std::map<std::string, NaiveForm> all = {SURD_ARCHITECTURES(SURD_FORM)};
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
    for (const Row& row : forms().at(shape.architecture.name).output(head))
      out = std::copy(row.begin(), row.end(), out);
  }
  return result;
}

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> settings;
    for (const std::string& name : spec::architecture_names()) {
      for (const Json& options : forms().at(name).options) settings.push_back({name, options});
    }
    return settings;
  }();
  return all;
}

}  // namespace surd::model::test
