#include "store/contents.hpp"

#include <fmt/format.h>

#include <cstring>
#include <type_traits>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/shell.hpp"

namespace surd::store {
namespace {

enum class Part : std::uint64_t { integers, numbers, texts, attributes };

void add_size(std::string& bytes, std::uint64_t size) {
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
}

constexpr std::size_t padding_after(std::size_t size) { return (8 - size % 8) % 8; }

void add_text(std::string& bytes, std::string_view text) {
  add_size(bytes, text.size());
  bytes.append(text);
  bytes.append(padding_after(text.size()), '\0');
}

// What stands before the values.
std::string head_of(Part part, const std::string& path, const Extents& shape, std::size_t count) {
  std::string head;
  add_size(head, static_cast<std::uint64_t>(part));
  add_text(head, path);
  add_size(head, static_cast<std::uint64_t>(part));  // again: of what is digested
  add_size(head, shape.size());
  for (const std::uint64_t extent : shape) add_size(head, extent);
  add_size(head, count);
  return head;
}

template <typename Number>
void put_numbers(const Put& put, const std::string& head, std::span<const Number> values) {
  static_assert(sizeof(Number) == 8);
  put(head);
  put({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

// Takes parts off the front of the bytes.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : bytes_(bytes) {}

  bool at_end() const { return bytes_.empty(); }
  const char* place() const { return bytes_.data(); }

  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size()) throw Error("the contents of a results.h5 are cut off");
    const std::string_view part = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return part;
  }
  std::uint64_t size() {
    std::uint64_t size = 0;
    std::memcpy(&size, take(sizeof size).data(), sizeof size);
    return size;
  }
  std::string text() {
    const std::uint64_t count = size();
    std::string text(take(count));
    take(padding_after(count));
    return text;
  }
  template <typename Number>
  std::span<const Number> numbers() {
    const std::uint64_t count = size();
    if (count > bytes_.size() / sizeof(Number)) take(bytes_.size() + 1);
    return {reinterpret_cast<const Number*>(take(count * sizeof(Number)).data()), count};
  }
  std::vector<std::string_view> texts() {
    const auto sizes = numbers<std::uint64_t>();
    std::vector<std::string_view> values;
    values.reserve(sizes.size());
    std::size_t all = 0;
    for (const std::uint64_t count : sizes) {
      values.push_back(take(count));
      all += count;
    }
    take(padding_after(all));
    return values;
  }

 private:
  std::string_view bytes_;
};

Dataset dataset_from(Taker& taker) {
  Dataset dataset;
  const char* const begin = taker.place();
  const auto part = static_cast<Part>(taker.size());
  for (std::uint64_t left = taker.size(); left > 0; --left) dataset.shape.push_back(taker.size());
  switch (part) {
    case Part::integers: dataset.values = taker.numbers<std::int64_t>(); break;
    case Part::numbers: dataset.values = taker.numbers<double>(); break;
    default: dataset.values = taker.texts(); break;
  }
  dataset.bytes = {begin, static_cast<std::size_t>(taker.place() - begin)};
  return dataset;
}

// All but the digests themselves.
std::string digest_of(const std::map<std::string, std::string>& attributes) {
  std::string bytes;
  for (const auto& [name, value] : attributes) {
    if (name == digests_name) continue;
    add_text(bytes, name);
    add_text(bytes, value);
  }
  return hash128_hex(bytes);
}

}  // namespace

const std::string* Contents::attribute(const std::string& group, const std::string& name) const {
  const auto of_group = attributes.find(group);
  if (of_group == attributes.end()) return nullptr;
  const auto found = of_group->second.find(name);
  return found == of_group->second.end() ? nullptr : &found->second;
}

std::string digests_of(const Contents& contents) {
  Json digests = Json::object();
  for (const auto& [path, attributes] : contents.attributes) digests[path] = digest_of(attributes);
  for (const auto& [path, dataset] : contents.datasets) digests[path] = hash128_hex(dataset.bytes);
  return digests.dump();
}

bool check_digests(const Contents& contents, const std::filesystem::path& path) {
  const std::string* const text = contents.attribute("/", digests_name);
  if (text == nullptr) return false;
  const Json digests = Json::parse(*text, nullptr, false);
  if (!digests.is_object()) refuse_damaged(path, "its digests are no JSON");
  for (const auto& [part, digest] : digests.items()) {
    const auto dataset = contents.datasets.find(part);
    const auto group = contents.attributes.find(part);
    if (dataset == contents.datasets.end() && group == contents.attributes.end())
      refuse_damaged(path, fmt::format("{} is not there, or cannot be read", part));
    const std::string found = dataset != contents.datasets.end()
                                  ? hash128_hex(dataset->second.bytes)
                                  : digest_of(group->second);
    if (digest == found) continue;
    refuse_damaged(path,
                   fmt::format("{}{} is not as it was written: its digest does not match",
                               dataset != contents.datasets.end() ? "" : "an attribute of ", part));
  }
  return true;
}

void refuse_damaged(const std::filesystem::path& path, const std::string& what) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  std::error_code code;
  const bool has_journal = std::filesystem::exists(folder / "journal.jsonl", code);
  throw Error({.what = fmt::format("damaged: {}", what),
               .where = path.string(),
               .advice = fmt::format("`surd results rebuild {}` makes it anew from the journal",
                                     has_journal ? shell_word(folder.string()) : "RUN")});
}

void put_attributes(const Put& put, const std::string& group,
                    const std::map<std::string, std::string>& attributes) {
  std::string bytes;
  add_size(bytes, static_cast<std::uint64_t>(Part::attributes));
  add_text(bytes, group);
  add_size(bytes, attributes.size());
  for (const auto& [name, value] : attributes) {
    add_text(bytes, name);
    add_text(bytes, value);
  }
  put(bytes);
}

void put_dataset(const Put& put, const std::string& path, const Extents& shape,
                 std::span<const std::int64_t> values) {
  put_numbers(put, head_of(Part::integers, path, shape, values.size()), values);
}

void put_dataset(const Put& put, const std::string& path, const Extents& shape,
                 std::span<const double> values) {
  put_numbers(put, head_of(Part::numbers, path, shape, values.size()), values);
}

void put_dataset(const Put& put, const std::string& path, const Extents& shape,
                 std::span<const std::string> values) {
  std::string bytes = head_of(Part::texts, path, shape, values.size());
  for (const std::string& text : values) add_size(bytes, text.size());
  std::size_t all = 0;
  for (const std::string& text : values) {
    bytes += text;
    all += text.size();
  }
  put(bytes.append(padding_after(all), '\0'));
}

Contents contents_from(std::string_view bytes, std::shared_ptr<const char> memory) {
  Contents contents;
  contents.memory = std::move(memory);
  for (Taker taker(bytes); !taker.at_end();) {
    const auto part = static_cast<Part>(taker.size());
    std::string path = taker.text();
    if (part != Part::attributes) {
      contents.datasets[std::move(path)] = dataset_from(taker);
      continue;
    }
    auto& attributes = contents.attributes[std::move(path)];
    for (std::uint64_t left = taker.size(); left > 0; --left) {
      std::string name = taker.text();
      attributes[std::move(name)] = taker.text();
    }
  }
  return contents;
}

}  // namespace surd::store
