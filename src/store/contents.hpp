// What stands in a results.h5, free of HDF5: attributes and columns by their path. HDF5 may crash
// on a damaged file, or never come back from it, so a process of its own reads; and each part has a
// digest in the file, so that what was read is what was written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/isolated.hpp"

namespace surd::store {

// Views into the memory of its Contents.
struct Dataset {
  std::vector<std::uint64_t> shape;
  std::variant<std::span<const std::int64_t>, std::span<const double>,
               std::vector<std::string_view>>
      values;
  std::string_view bytes;  // type, shape and values, as they are digested
};

struct Contents {
  // Of the file ("/") and of its groups ("/trials"), by name; numbers as decimal texts.
  std::map<std::string, std::map<std::string, std::string>> attributes;
  std::map<std::string, Dataset> datasets;  // by path: "/trials/id"
  std::shared_ptr<const char> memory;

  // Null where the file has none.
  const std::string* attribute(const std::string& group, const std::string& name) const;
};

// The attribute of the file that holds the digests, as JSON: of a dataset's type, shape and values
// by its path, and of a group's attributes by that of the group.
inline constexpr const char* digests_name = "digests";
std::string digests_of(const Contents& contents);
// Whether the file says its digests: one that an older surd wrote, or another program changed, does
// not. Error that names what is not as it was written.
bool check_digests(const Contents& contents, const std::filesystem::path& path);

// Of a whole file, read at once, so that nothing mixes with what is put in its place meanwhile.
// InputError: no such file, not a regular one, not HDF5. Error: damaged, or taking HDF5 too long.
Contents read_contents(const std::filesystem::path& path);
// The Error of a results.h5 that cannot be used, with what to do about it.
[[noreturn]] void refuse_damaged(const std::filesystem::path& path, const std::string& what);

// The form in which contents come from the process that reads: parts that begin at multiples of 8
// bytes, one after the other.
void put_attributes(const Put& put, const std::string& group,
                    const std::map<std::string, std::string>& attributes);
using Extents = std::vector<std::uint64_t>;
void put_dataset(const Put& put, const std::string& path, const Extents& shape,
                 std::span<const std::int64_t> values);
void put_dataset(const Put& put, const std::string& path, const Extents& shape,
                 std::span<const double> values);
void put_dataset(const Put& put, const std::string& path, const Extents& shape,
                 std::span<const std::string> values);
// `bytes` begin where a double may, and lie in `memory`. Error where they are cut off.
Contents contents_from(std::string_view bytes, std::shared_ptr<const char> memory);

}  // namespace surd::store
