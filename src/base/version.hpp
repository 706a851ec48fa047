// Which program this is: stored with every result.
#pragma once

#include <string>

namespace surd {

std::string version();   // "0.1.0"
std::string revision();  // of the source, as git described it when the build was configured;
                         // "unknown" outside a checkout

}  // namespace surd
