#include "store/hdf5.hpp"

#include <hdf5_hl.h>

#include <numeric>

#include "base/error.hpp"

namespace surd::store::h5 {
namespace {

// The library would print its stack to stderr; it goes into the Error instead. Cheap, and per
// thread in a thread-safe build.
void quiet() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

herr_t add_frame(unsigned, const H5E_error2_t* frame, void* text) {
  auto& all = *static_cast<std::string*>(text);
  if (frame->desc == nullptr || *frame->desc == '\0') return 0;
  if (!all.empty()) all += " < ";
  all += frame->desc;
  return 0;
}

// From the innermost call outwards.
std::string stack() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, add_frame, &text);
  H5Eclear2(H5E_DEFAULT);
  return text;
}

std::string where_of(hid_t object, const std::string& name) {
  std::string file(4096, '\0');
  std::string path(4096, '\0');
  const ssize_t file_bytes = H5Fget_name(object, file.data(), file.size());
  const ssize_t path_bytes = H5Iget_name(object, path.data(), path.size());
  file.resize(file_bytes > 0 ? static_cast<std::size_t>(file_bytes) : 0);
  path.resize(path_bytes > 0 ? static_cast<std::size_t>(path_bytes) : 0);
  if (!name.empty()) path += (path.ends_with('/') ? "" : "/") + name;
  return file + path;
}

// `what` failed at `name` inside `object`.
[[noreturn]] void fail(const std::string& what, hid_t object, const std::string& name) {
  const std::string reason = stack();
  throw Error({.what = "HDF5 cannot " + what + (reason.empty() ? "" : ": " + reason),
               .where = where_of(object, name)});
}

struct Place {
  hid_t object;
  const std::string& name;
};

Handle own(hid_t id, const char* what, const Place& place) {
  if (id < 0) fail(what, place.object, place.name);
  return Handle(id);
}

void check(herr_t status, const char* what, const Place& place) {
  if (status < 0) fail(what, place.object, place.name);
}

Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1));
  if (type.get() < 0 || H5Tset_size(type.get(), H5T_VARIABLE) < 0 ||
      H5Tset_cset(type.get(), H5T_CSET_UTF8) < 0) {
    throw Error("HDF5 cannot make a string type: " + stack());
  }
  return type;
}

std::vector<const char*> pointers(const std::vector<std::string>& values) {
  std::vector<const char*> pointers;
  pointers.reserve(values.size());
  for (const std::string& value : values) pointers.push_back(value.c_str());
  return pointers;
}

Handle write_any(const Handle& group, const std::string& name, const void* data, std::size_t count,
                 hid_t file_type, hid_t memory_type, const Shape& shape) {
  quiet();
  const Place place{group.get(), name};
  if (std::accumulate(shape.begin(), shape.end(), hsize_t{1}, std::multiplies<>()) != count) {
    throw Error({.what = "an array does not have its shape's number of elements",
                 .where = where_of(group.get(), name)});
  }
  const Handle space = own(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                           "make a shape", place);
  const Handle settings = own(H5Pcreate(H5P_DATASET_CREATE), "make settings", place);
  check(H5Pset_obj_track_times(settings.get(), false), "leave times out",
        place);  // the same content gives the same bytes
  check(H5Pset_attr_creation_order(settings.get(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "keep the order of attributes", place);
  Handle dataset = own(H5Dcreate2(group.get(), name.c_str(), file_type, space.get(), H5P_DEFAULT,
                                  settings.get(), H5P_DEFAULT),
                       "make the dataset", place);
  if (count > 0)
    check(H5Dwrite(dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "write",
          place);
  return dataset;
}

struct Opened {
  Handle dataset;
  Handle space;
  std::size_t count = 0;
};

Opened open_dataset(const Handle& group, const std::string& name) {
  quiet();
  const Place place{group.get(), name};
  Opened opened;
  opened.dataset = own(H5Dopen2(group.get(), name.c_str(), H5P_DEFAULT), "find the dataset", place);
  opened.space = own(H5Dget_space(opened.dataset.get()), "read the shape", place);
  const hssize_t count = H5Sget_simple_extent_npoints(opened.space.get());
  if (count < 0) fail("count the values", group.get(), name);
  opened.count = static_cast<std::size_t>(count);
  return opened;
}

template <typename Number>
std::vector<Number> read_numbers(const Handle& group, const std::string& name, hid_t memory_type) {
  const Opened opened = open_dataset(group, name);
  std::vector<Number> values(opened.count);
  if (values.empty()) return values;
  check(H5Dread(opened.dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
        "read", {group.get(), name});
  return values;
}

void put_attribute(const Handle& object, const std::string& name, hid_t file_type,
                   hid_t memory_type, const void* data) {
  quiet();
  const Place place{object.get(), name};
  const Handle space = own(H5Screate(H5S_SCALAR), "make a shape", place);
  const Handle attribute =
      own(H5Acreate2(object.get(), name.c_str(), file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
          "make the attribute", place);
  check(H5Awrite(attribute.get(), memory_type, data), "write the attribute", place);
}

}  // namespace

void Handle::close() const {
  if (id_ < 0) return;
  switch (H5Iget_type(id_)) {
    case H5I_FILE: H5Fclose(id_); break;
    case H5I_GROUP: H5Gclose(id_); break;
    case H5I_DATASET: H5Dclose(id_); break;
    case H5I_DATASPACE: H5Sclose(id_); break;
    case H5I_DATATYPE: H5Tclose(id_); break;
    case H5I_ATTR: H5Aclose(id_); break;
    case H5I_GENPROP_LST: H5Pclose(id_); break;
    default: break;
  }
}

Handle create_image(const std::string& name) {
  quiet();
  constexpr std::size_t growth_bytes = std::size_t{1} << 22;
  const Place place{H5I_INVALID_HID, name};
  const Handle access = own(H5Pcreate(H5P_FILE_ACCESS), "make settings", place);
  check(H5Pset_fapl_core(access.get(), growth_bytes, false), "keep the file in memory", place);
  const Handle settings = own(H5Pcreate(H5P_FILE_CREATE), "make settings", place);
  check(H5Pset_link_creation_order(settings.get(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "keep the order", place);
  check(H5Pset_attr_creation_order(settings.get(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "keep the order", place);
  const hid_t file = H5Fcreate(name.c_str(), H5F_ACC_TRUNC, settings.get(), access.get());
  if (file < 0) throw Error({.what = "HDF5 cannot create the file: " + stack(), .where = name});
  return Handle(file);
}

std::string bytes_of(const Handle& image) {
  quiet();
  const Place place{image.get(), ""};
  check(H5Fflush(image.get(), H5F_SCOPE_LOCAL), "flush the file", place);
  const ssize_t size = H5Fget_file_image(image.get(), nullptr, 0);
  if (size < 0) fail("measure the file", image.get(), "");
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (H5Fget_file_image(image.get(), bytes.data(), bytes.size()) != size)
    fail("copy the file", image.get(), "");
  return bytes;
}

Handle open_file(const std::filesystem::path& path) {
  quiet();
  const std::string& name = path.native();
  const htri_t is_hdf5 = H5Fis_hdf5(name.c_str());
  if (is_hdf5 < 0) throw InputError({.what = "cannot read the file: " + stack(), .where = name});
  if (is_hdf5 == 0)
    throw InputError({.what = "not an HDF5 file", .where = name, .expected = "a results.h5"});
  const Place place{H5I_INVALID_HID, name};
  const Handle access = own(H5Pcreate(H5P_FILE_ACCESS), "make settings", place);
  // Files change by rename only, so readers need no lock, and some cluster file systems have none.
  check(H5Pset_file_locking(access.get(), false, true), "switch off file locks", place);
  const hid_t file = H5Fopen(name.c_str(), H5F_ACC_RDONLY, access.get());
  if (file < 0) throw Error("HDF5 cannot open the file: " + stack());
  return Handle(file);
}

Handle create_group(const Handle& parent, const std::string& name) {
  quiet();
  const Place place{parent.get(), name};
  const Handle settings = own(H5Pcreate(H5P_GROUP_CREATE), "make settings", place);
  check(H5Pset_link_creation_order(settings.get(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "keep the order of names", place);
  check(H5Pset_attr_creation_order(settings.get(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "keep the order of attributes", place);
  return own(H5Gcreate2(parent.get(), name.c_str(), H5P_DEFAULT, settings.get(), H5P_DEFAULT),
             "make the group", place);
}

bool exists(const Handle& parent, const std::string& name) {
  quiet();
  return H5Lexists(parent.get(), name.c_str(), H5P_DEFAULT) > 0;
}

Handle open_group(const Handle& parent, const std::string& name) {
  quiet();
  return own(H5Gopen2(parent.get(), name.c_str(), H5P_DEFAULT), "find the group",
             {parent.get(), name});
}

std::vector<std::string> names(const Handle& group) {
  quiet();
  std::vector<std::string> found;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* list) -> herr_t {
    static_cast<std::vector<std::string>*>(list)->emplace_back(name);
    return 0;
  };
  if (H5Literate(group.get(), H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, add, &found) >= 0)
    return found;
  found.clear();  // a file that another program rewrote may keep no order
  check(H5Literate(group.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &found), "list the names",
        {group.get(), ""});
  return found;
}

Object object_of(const Handle& group, const std::string& name) {
  quiet();
  const Place place{group.get(), name};
  H5L_info_t link;
  check(H5Lget_info(group.get(), name.c_str(), &link, H5P_DEFAULT), "find the name", place);
  if (link.type != H5L_TYPE_HARD) return Object::other;
  const Handle object = own(H5Oopen(group.get(), name.c_str(), H5P_DEFAULT), "open", place);
  switch (H5Iget_type(object.get())) {
    case H5I_GROUP: return Object::group;
    case H5I_DATASET: return Object::dataset;
    default: return Object::other;
  }
}

Handle write(const Handle& group, const std::string& name, const std::vector<double>& values,
             const Shape& shape) {
  return write_any(group, name, values.data(), values.size(), H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                   shape);
}
Handle write(const Handle& group, const std::string& name, const std::vector<std::int64_t>& values,
             const Shape& shape) {
  return write_any(group, name, values.data(), values.size(), H5T_STD_I64LE, H5T_NATIVE_INT64,
                   shape);
}
Handle write(const Handle& group, const std::string& name, const std::vector<std::string>& values,
             const Shape& shape) {
  const Handle type = text_type();
  return write_any(group, name, pointers(values).data(), values.size(), type.get(), type.get(),
                   shape);
}

Type type_of(const Handle& group, const std::string& name) {
  const Opened opened = open_dataset(group, name);
  const Handle type = own(H5Dget_type(opened.dataset.get()), "read the type", {group.get(), name});
  switch (H5Tget_class(type.get())) {
    case H5T_INTEGER: return Type::integer;
    case H5T_FLOAT: return Type::real;
    case H5T_STRING: return H5Tis_variable_str(type.get()) > 0 ? Type::text : Type::other;
    default: return Type::other;
  }
}

Shape shape_of(const Handle& group, const std::string& name) {
  const Opened opened = open_dataset(group, name);
  const int rank = H5Sget_simple_extent_ndims(opened.space.get());
  if (rank < 0) fail("read the shape", group.get(), name);
  Shape shape(static_cast<std::size_t>(rank));
  check(H5Sget_simple_extent_dims(opened.space.get(), shape.data(), nullptr), "read the shape",
        {group.get(), name});
  return shape;
}

std::vector<double> read_doubles(const Handle& group, const std::string& name) {
  return read_numbers<double>(group, name, H5T_NATIVE_DOUBLE);
}
std::vector<std::int64_t> read_integers(const Handle& group, const std::string& name) {
  return read_numbers<std::int64_t>(group, name, H5T_NATIVE_INT64);
}

std::vector<std::string> read_texts(const Handle& group, const std::string& name) {
  const Place place{group.get(), name};
  const Opened opened = open_dataset(group, name);
  const Handle stored = own(H5Dget_type(opened.dataset.get()), "read the type", place);
  if (H5Tget_class(stored.get()) != H5T_STRING || H5Tis_variable_str(stored.get()) <= 0) {
    throw Error({.what = "the dataset has the wrong type",
                 .where = where_of(group.get(), name),
                 .expected = "variable-length strings"});
  }
  std::vector<std::string> values(opened.count);
  if (values.empty()) return values;
  const Handle type = text_type();
  check(H5Tset_cset(type.get(), H5Tget_cset(stored.get())), "read the character set", place);
  std::vector<char*> texts(opened.count, nullptr);
  check(H5Dread(opened.dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()),
        "read", place);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i] != nullptr) values[i] = texts[i];
  }
  check(H5Dvlen_reclaim(type.get(), opened.space.get(), H5P_DEFAULT, texts.data()), "free strings",
        place);
  return values;
}

void set_attribute(const Handle& object, const std::string& name, const std::string& value) {
  const Handle type = text_type();
  const char* text = value.c_str();
  put_attribute(object, name, type.get(), type.get(), &text);
}
void set_attribute(const Handle& object, const std::string& name, std::int64_t value) {
  put_attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

std::vector<std::string> attribute_names(const Handle& object) {
  quiet();
  std::vector<std::string> found;
  const auto add = [](hid_t of, const char* name, const H5A_info_t*, void* list) -> herr_t {
    const Handle attribute(H5Aopen(of, name, H5P_DEFAULT));
    const Handle type(H5Aget_type(attribute.get()));
    const Handle space(H5Aget_space(attribute.get()));
    const H5T_class_t kind = H5Tget_class(type.get());
    if ((kind == H5T_INTEGER || kind == H5T_STRING) &&
        H5Sget_simple_extent_npoints(space.get()) == 1)
      static_cast<std::vector<std::string>*>(list)->emplace_back(name);
    return 0;
  };
  check(H5Aiterate2(object.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &found),
        "list the attributes", {object.get(), ""});
  return found;
}

std::string attribute(const Handle& object, const std::string& name) {
  quiet();
  const Place place{object.get(), name};
  const Handle attribute =
      own(H5Aopen(object.get(), name.c_str(), H5P_DEFAULT), "find the attribute", place);
  const Handle stored = own(H5Aget_type(attribute.get()), "read the attribute's type", place);
  const Handle space = own(H5Aget_space(attribute.get()), "read the attribute's shape", place);
  if (H5Sget_simple_extent_npoints(space.get()) != 1)
    throw Error(
        {.what = "the attribute is no single value", .where = where_of(object.get(), name)});
  switch (H5Tget_class(stored.get())) {
    case H5T_INTEGER: {
      std::int64_t value = 0;
      check(H5Aread(attribute.get(), H5T_NATIVE_INT64, &value), "read the attribute", place);
      return std::to_string(value);
    }
    case H5T_STRING: {
      if (H5Tis_variable_str(stored.get()) > 0) {
        char* text = nullptr;
        check(H5Aread(attribute.get(), stored.get(), &text), "read the attribute", place);
        std::string value = text == nullptr ? "" : text;
        H5free_memory(text);
        return value;
      }
      std::string value(H5Tget_size(stored.get()), '\0');
      check(H5Aread(attribute.get(), stored.get(), value.data()), "read the attribute", place);
      return value.c_str();  // up to the first zero
    }
    default:
      throw Error({.what = "the attribute has the wrong type",
                   .where = where_of(object.get(), name),
                   .expected = "a string or an integer"});
  }
}

void make_scale(const Handle& dataset, const std::string& name) {
  quiet();
  check(H5DSset_scale(dataset.get(), name.c_str()), "make a dimension scale", {dataset.get(), ""});
}

void attach_scale(const Handle& dataset, const Handle& scale, unsigned axis) {
  quiet();
  check(H5DSattach_scale(dataset.get(), scale.get(), axis), "attach a dimension scale",
        {dataset.get(), ""});
}

}  // namespace surd::store::h5
