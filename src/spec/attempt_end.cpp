#include "spec/attempt_end.hpp"

#include "base/error.hpp"

namespace surd::spec {

std::string to_string(AttemptEnd value) {
  switch (value) {
    case AttemptEnd::finished: return "finished";
    case AttemptEnd::stopped: return "stopped";
    case AttemptEnd::failed: return "failed";
    case AttemptEnd::lost: return "lost";
  }
  throw Error("end of an attempt out of range");
}

AttemptEnd attempt_end_from(const std::string& word) {
  for (const AttemptEnd end :
       {AttemptEnd::finished, AttemptEnd::stopped, AttemptEnd::failed, AttemptEnd::lost}) {
    if (to_string(end) == word) return end;
  }
  throw Error({.what = "unknown end of an attempt",
               .expected = "finished, stopped, failed or lost",
               .got = word});
}

}  // namespace surd::spec
