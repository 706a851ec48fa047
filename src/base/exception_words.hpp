// What to print of an exception that nobody handled.
#pragma once

#include <exception>
#include <new>

namespace surd {

// What it says; where memory ran out a sentence instead of a type's name. Allocates nothing.
inline const char* words_of(const std::exception& error) noexcept {
  if (dynamic_cast<const std::bad_alloc*>(&error) == nullptr) return error.what();
  return "out of memory: the machine, or a limit that was set (ulimit -v), has less than this "
         "needs";
}

}  // namespace surd
