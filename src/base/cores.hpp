// How many processor cores this process may use.
#pragma once

#include <optional>
#include <string>

namespace surd {

// The cores that the scheduler may put it on, but no more than the quota of its control group (a
// container's --cpus) gives whole ones; at least 1.
int usable_cores();

// Cores that a quota gives, as the kernel writes it in cpu.max ("150000 100000": 1.5 cores, so 1);
// nothing where there is none ("max 100000") or the text is not understood.
std::optional<int> quota_cores(const std::string& cpu_max);

}  // namespace surd
