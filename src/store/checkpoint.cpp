#include "store/checkpoint.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/error.hpp"
#include "base/file_calls.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/new_file.hpp"

namespace surd::store {
namespace {

static_assert(std::endian::native == std::endian::little,
              "checkpoints are written in the machine's order");

constexpr std::string_view magic = "SURDCKPT";
constexpr std::uint32_t version = 1;
constexpr std::size_t head_bytes = magic.size() + 4 + 4 + 8;
constexpr std::uint32_t index_bytes_most = 1U << 28;

class File {
 public:
  explicit File(std::filesystem::path path) : path_(std::move(path)), fd_(open_to_read(path_)) {
    if (fd_ < 0) fail("open");
  }
  ~File() { ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[noreturn]] void fail(const char* action) const {
    const Report report{
        .what = std::string("cannot ") + action + " the checkpoint: " + std::strerror(errno),
        .where = path_.string()};
    if (errno == ENOENT) throw InputError(report);
    throw Error(report);
  }
  [[noreturn]] void damaged(const std::string& part) const {
    throw Error({.what = "damaged checkpoint: " + part,
                 .where = path_.string(),
                 .advice = "Its trials have to start anew: remove the file"});
  }

  // Exactly so many bytes at the offset, or "damaged".
  std::string read(std::uint64_t offset, std::size_t size_bytes, const std::string& part) const {
    std::string bytes(size_bytes, '\0');
    for (std::size_t done = 0; done < size_bytes;) {
      const ssize_t got =
          ::pread(fd_, bytes.data() + done, size_bytes - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail("read");
      if (got == 0) damaged(part + " is cut off");
      done += static_cast<std::size_t>(got);
    }
    return bytes;
  }

  std::uint64_t size_bytes() const {
    const off_t size = ::lseek(fd_, 0, SEEK_END);
    if (size < 0) fail("measure");
    return static_cast<std::uint64_t>(size);
  }

 private:
  std::filesystem::path path_;
  int fd_;
};

template <typename Integer>
void put(std::string& bytes, Integer value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <typename Integer>
Integer get(const std::string& bytes, std::size_t offset) {
  Integer value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// Magic, version and size of the index: covered by the index checksum.
std::string head_of(std::uint32_t index_bytes) {
  std::string head(magic);
  put(head, version);
  put(head, index_bytes);
  return head;
}

struct IndexEntry {
  TrialId id;
  std::uint64_t offset = 0;  // from the file's start
  std::uint64_t bytes = 0;
  std::string checksum;
};

std::string index_of(std::span<const LaneState> lanes) {
  std::uint64_t offset = 0;
  Json entries = Json::array();
  for (const LaneState& lane : lanes) {
    entries.push_back({{"id", lane.id.value},
                       {"offset", offset},
                       {"bytes", lane.bytes.size()},
                       {"checksum", hex(hash64(lane.bytes))}});
    offset += lane.bytes.size();
  }
  return Json{{"lanes", std::move(entries)}}.dump();
}

std::vector<IndexEntry> read_index(const File& file, const std::filesystem::path& path) {
  const std::string head = file.read(0, head_bytes, "its head");
  if (head.compare(0, magic.size(), magic) != 0)
    file.damaged("it does not begin with " + std::string(magic));
  const auto found_version = get<std::uint32_t>(head, magic.size());
  const auto index_bytes = get<std::uint32_t>(head, magic.size() + 4);
  if (index_bytes > index_bytes_most || head_bytes + index_bytes > file.size_bytes())
    file.damaged("its index is cut off");
  const std::string index = file.read(head_bytes, index_bytes, "its index");
  if (hash64(head.substr(0, magic.size() + 8) + index) !=
      get<std::uint64_t>(head, magic.size() + 8)) {
    file.damaged("the checksum of its index does not match");
  }
  if (found_version > version) {
    throw InputError({.what = "checkpoint of a newer surd",
                      .where = path.string(),
                      .expected = fmt::format("version {} or lower", version),
                      .got = std::to_string(found_version),
                      .advice = "Go on with the surd that wrote it"});
  }
  std::vector<IndexEntry> entries;
  const Json json = Json::parse(index, nullptr, false);
  const std::uint64_t data_begin = head_bytes + index_bytes;
  const std::uint64_t data_bytes = file.size_bytes() - data_begin;
  std::uint64_t end = 0;  // of the lanes before, each of which begins where the last one ends
  for (const Json& entry : required<Json>(json, "lanes", path.string())) {
    const auto offset = required<std::uint64_t>(entry, "offset", path.string());
    const auto bytes = required<std::uint64_t>(entry, "bytes", path.string());
    if (offset != end || bytes > data_bytes - end)
      file.damaged("it is cut off, or its index is not of its lanes");
    entries.push_back({{required<std::string>(entry, "id", path.string())},
                       data_begin + offset,
                       bytes,
                       required<std::string>(entry, "checksum", path.string())});
    end += bytes;
  }
  if (end != data_bytes)
    file.damaged(fmt::format("it should have {} bytes and has {}", data_begin + end,
                             data_begin + data_bytes));
  return entries;
}

std::string read_lane(const File& file, const IndexEntry& entry) {
  std::string bytes = file.read(entry.offset, entry.bytes, "the state of trial " + entry.id.value);
  if (hex(hash64(bytes)) != entry.checksum)
    file.damaged("the checksum of trial " + entry.id.value + " does not match");
  return bytes;
}

}  // namespace

std::string checkpoint_name(AttemptId attempt) {
  return fmt::format("attempt-{:06}.ckpt", attempt.value);
}

AttemptId attempt_of_checkpoint(const std::string& name) {
  constexpr std::string_view prefix = "attempt-";
  std::int64_t number = 0;
  if (name.starts_with(prefix))
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), number);
  return {number};
}

void write_checkpoint(const std::filesystem::path& path, std::span<const LaneState> lanes) {
  std::set<TrialId> ids;
  for (const LaneState& lane : lanes) {
    if (!ids.insert(lane.id).second)
      throw Error({.what = "a checkpoint with a trial twice",
                   .where = path.string(),
                   .got = lane.id.value});
  }
  const std::string index = index_of(lanes);
  if (index.size() > index_bytes_most)
    throw Error({.what = "a checkpoint with too many trials", .where = path.string()});
  std::string head = head_of(static_cast<std::uint32_t>(index.size()));
  put(head, hash64(head + index));
  NewFile file(path);
  file.write(head);
  file.write(index);
  for (const LaneState& lane : lanes) file.write(lane.bytes);
  file.commit();
}

std::string read_checkpoint(const std::filesystem::path& path, const TrialId& id) {
  const File file(path);
  for (const IndexEntry& entry : read_index(file, path)) {
    if (entry.id == id) return read_lane(file, entry);
  }
  throw Error({.what = "the checkpoint does not hold trial " + id.value, .where = path.string()});
}

std::vector<TrialId> checkpoint_trials(const std::filesystem::path& path) {
  const File file(path);
  std::vector<TrialId> ids;
  for (IndexEntry& entry : read_index(file, path)) ids.push_back(std::move(entry.id));
  return ids;
}

std::vector<std::string> verify_checkpoint(const std::filesystem::path& path) {
  std::vector<std::string> findings;
  try {
    const File file(path);
    for (const IndexEntry& entry : read_index(file, path)) {
      try {
        read_lane(file, entry);
      } catch (const Error& error) {
        findings.push_back(error.what());
      }
    }
  } catch (const Error& error) {
    findings.push_back(error.what());
  }
  return findings;
}

int remove_stale_checkpoints(const std::filesystem::path& folder,
                             const std::set<std::string>& needed) {
  int removed = 0;
  std::error_code code;
  std::filesystem::directory_iterator files(folder, code);
  if (code) throw Error({.what = "cannot list: " + code.message(), .where = folder.string()});
  for (const auto& entry : files) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".ckpt") && !name.ends_with(".ckpt.tmp")) continue;
    if (needed.contains(name)) continue;
    if (file_calls::unlink(entry.path()) == 0) {
      ++removed;
    } else {  // it costs room, and no trial
      log::warning("{}: cannot remove: {}", entry.path().string(), std::strerror(errno));
    }
  }
  return removed;
}

}  // namespace surd::store
