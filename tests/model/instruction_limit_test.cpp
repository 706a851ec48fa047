#include "model/instruction_limit.hpp"

#include <ATen/ops/equal.h>

#include <hwy/highway.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <optional>

#include "base/error.hpp"
#include "model/agreement.hpp"
#include "model/fused_program.hpp"
#include "model/support.hpp"

using namespace surd;
using namespace surd::model;

namespace {

// Sets the variable for a while; none: unsets it.
class Limit {
 public:
  explicit Limit(const std::optional<std::string>& word) {
    if (const char* value = std::getenv(name)) before_ = value;
    set(word);
  }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;
  ~Limit() { set(before_); }

 private:
  static void set(const std::optional<std::string>& word) {
    word ? ::setenv(name, word->c_str(), 1) : ::unsetenv(name);
  }
  static constexpr const char* name = "SURD_CPU_INSTRUCTIONS";
  std::optional<std::string> before_;
};

bool has_avx2() {
  const Limit none(std::nullopt);
  limit_instructions();
  return (hwy::SupportedTargets() & HWY_AVX2) != 0;
}

}  // namespace

// Also run with SURD_CPU_INSTRUCTIONS in the environment of the process (CMakeLists.txt).
TEST_CASE("instructions: the fused program computes with those that the environment names") {
  const spec::ModelShape shape = model::test::shape("standard", 16, 2, 2, 23, 60);
  const at::Tensor parameters = model::test::parameters(shape, 1, 1).to(at::kFloat);
  const Batch batch = model::test::batch(shape, {60, 17, 33}, 2);
  const char* const variable = std::getenv("SURD_CPU_INSTRUCTIONS");
  const std::string word = variable == nullptr ? "" : variable;
  if (word == "avx2" && !has_avx2()) {
    CHECK_THROWS_AS(make_fused_program(shape), InputError);
    return;
  }
  const at::Tensor found =
      model::test::compute(*make_fused_program(shape), parameters, batch).gradient;
  CHECK(limit_instructions() == word);
  const std::int64_t allowed = word.empty()     ? ~std::int64_t{0}
                               : word == "avx2" ? HWY_AVX2 | HWY_STATIC_TARGET
                                                : HWY_STATIC_TARGET;
  const std::int64_t machine = hwy::SupportedTargets();
  CHECK((machine & ~allowed) == 0);
  if (word.empty()) return;
  const Limit none(std::nullopt);
  limit_instructions();
  hwy::SetSupportedTargetsForTest(word == "avx2" ? HWY_AVX2 : HWY_STATIC_TARGET);
  CHECK(at::equal(model::test::compute(*make_fused_program(shape), parameters, batch).gradient,
                  found));
  hwy::SetSupportedTargetsForTest(0);
}

TEST_CASE("instructions: a word that names none is refused before anything is computed") {
  const Limit limit("avx1024");
  CHECK_THROWS_WITH(make_fused_program(model::test::shape("standard", 8, 2, 1, 9, 10)),
                    Catch::Contains("SURD_CPU_INSTRUCTIONS") &&
                        Catch::Contains("avx2 or portable") && Catch::Contains("avx1024"));
}
