// HDF5's C calls, each wrapped once: handles that close themselves, failures as Error with the
// library's own stack. Only .cpp files of this room include it. Arrays are row-major; strings are
// variable-length UTF-8.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "store/contents.hpp"

namespace surd::store::h5 {

// Owns an identifier of any kind.
class Handle {
 public:
  Handle() = default;
  explicit Handle(hid_t id) : id_(id) {}
  ~Handle() { close(); }
  Handle(Handle&& other) noexcept : id_(other.id_) { other.id_ = H5I_INVALID_HID; }
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  hid_t get() const { return id_; }

 private:
  void close() const;
  hid_t id_ = H5I_INVALID_HID;
};

// A new file in memory alone, called `name` in messages: a disk that is full makes the library
// crash later, so it never writes to one.
Handle create_image(const std::string& name);
// The file with everything in it, for write_file_atomically.
std::string bytes_of(const Handle& image);
// For reading. InputError where it cannot be read or is no HDF5 file, Error where it is damaged.
Handle open_file(const std::filesystem::path& path);

Handle create_group(const Handle& parent, const std::string& name);
bool exists(const Handle& parent, const std::string& name);
// The following read; Error where the name or the type is not there, with the file and the path
// inside it.
Handle open_group(const Handle& parent, const std::string& name);
std::vector<std::string> names(const Handle& group);  // in the order of creation
enum class Object { group, dataset, other };
// Other: what lies in another file, or elsewhere in this one, too.
Object object_of(const Handle& group, const std::string& name);

using Shape = std::vector<hsize_t>;
Handle write(const Handle& group, const std::string& name, const std::vector<double>& values,
             const Shape& shape);
Handle write(const Handle& group, const std::string& name, const std::vector<std::int64_t>& values,
             const Shape& shape);
Handle write(const Handle& group, const std::string& name, const std::vector<std::string>& values,
             const Shape& shape);

// Text is that of variable length alone.
enum class Type { integer, real, text, other };
Type type_of(const Handle& group, const std::string& name);
Shape shape_of(const Handle& group, const std::string& name);
// Of any shape, row by row.
std::vector<double> read_doubles(const Handle& group, const std::string& name);
std::vector<std::int64_t> read_integers(const Handle& group, const std::string& name);
std::vector<std::string> read_texts(const Handle& group, const std::string& name);

void set_attribute(const Handle& object, const std::string& name, const std::string& value);
void set_attribute(const Handle& object, const std::string& name, std::int64_t value);
// Of those that `attribute` can read.
std::vector<std::string> attribute_names(const Handle& object);
// A number is given as its decimal text.
std::string attribute(const Handle& object, const std::string& name);

// Dimension scales as netCDF-4 wants them: the scale has the name of its dimension.
void make_scale(const Handle& dataset, const std::string& name);
void attach_scale(const Handle& dataset, const Handle& scale, unsigned axis);

}  // namespace surd::store::h5

namespace surd::store {

// What read_contents reads, in this process: for a file that was not read but made.
void put_contents(const Put& put, const h5::Handle& file);

}  // namespace surd::store
