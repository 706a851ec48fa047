// What all groups check alike.
#pragma once

#include <cstdint>
#include <string>

#include "cluster/group.hpp"

namespace surd::cluster {

std::int64_t bytes_of(Scalar scalar);
// Errors on a negative count and on a root that is no member. `group` names the group in the
// message.
void check_count(std::int64_t count, const std::string& group);
void check_root(int root, int size, const std::string& group);

}  // namespace surd::cluster
