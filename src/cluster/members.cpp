#include "cluster/members.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace surd::cluster {

std::int64_t bytes_of(Scalar scalar) { return scalar == Scalar::float32 ? 4 : 8; }

void check_count(std::int64_t count, const std::string& group) {
  if (count < 0)
    throw Error({.what = "all_reduce_sum of a negative count",
                 .where = "group " + group,
                 .got = fmt::to_string(count)});
}

void check_root(int root, int size, const std::string& group) {
  if (root < 0 || root >= size) {
    throw Error({.what = "broadcast from a member that does not exist",
                 .where = "group " + group,
                 .expected = fmt::format("0 to {}", size - 1),
                 .got = fmt::to_string(root)});
  }
}

}  // namespace surd::cluster
