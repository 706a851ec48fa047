#include "model/instruction_limit.hpp"

#include <hwy/targets.h>

#include <cstdint>
#include <cstdlib>

#include "base/error.hpp"

namespace surd::model {

std::string limit_instructions() {
  static std::string limit;  // in force
  const char* const variable = std::getenv("SURD_CPU_INSTRUCTIONS");
  const std::string word = variable == nullptr ? "" : variable;
  if (word == limit) return limit;
  std::int64_t allowed = ~std::int64_t{0};
  if (!word.empty()) {
    const auto refused = [&word](const std::string& what) {
      return InputError(Report{.what = what,
                               .where = "SURD_CPU_INSTRUCTIONS",
                               .expected = "avx2 or portable",
                               .got = word});
    };
    if (word != "avx2" && word != "portable")
      throw refused("an instruction set that the kernels have no form for");
    hwy::DisableTargets(0);
    if (word == "avx2" && (hwy::SupportedTargets() & HWY_AVX2) == 0)
      throw refused("this processor lacks the instruction set");
    allowed = word == "avx2" ? HWY_AVX2 | HWY_STATIC_TARGET : HWY_STATIC_TARGET;
  }
  hwy::DisableTargets(~allowed);
  return limit = word;
}

}  // namespace surd::model
