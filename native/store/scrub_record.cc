// Encodes the scrub record: a head with the summary and the damaged inodes, then all inodes. Each
// part has its own CRC, so that the head can be read alone. All numbers have 8 bytes.
#include "store/scrub_record.h"

#include <cstring>
#include <string>
#include <utility>

#include "manifest/checksum.h"
#include "store/replace_file.h"
#include "store/store.h"

namespace cura {

namespace {

constexpr const char* kName = ".backup_scrub";
constexpr const char* kLockName = ".backup_verify_lock";
constexpr std::string_view kHead = "CURASCR\x01";
constexpr size_t kNumber = 8;
constexpr size_t kCrc = 4;
// Store inode and volume, the summary's six numbers, the number of damaged inodes.
constexpr size_t kFixed = kHead.size() + 9 * kNumber;
constexpr size_t kDamagedSize = 4 * kNumber;
constexpr size_t kScrubbedSize = 4 * kNumber;

void Append(std::uint64_t number, std::string* out) { AppendFixed(number, kNumber, out); }

// Reads numbers one after the other.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t Next() { return ReadFixed(bytes_, std::exchange(at_, at_ + kNumber), kNumber); }
  std::int64_t NextTime() { return static_cast<std::int64_t>(Next()); }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

// Reads `size` bytes and their CRC; empty if they are damaged.
std::string ReadPart(const Fd& file, std::uint64_t at, size_t size) {
  std::string bytes(size + kCrc, '\0');
  const ssize_t got = sys::ReadAt(file.get(), bytes.data(), bytes.size(), at);
  if (got != static_cast<ssize_t>(bytes.size())) return {};
  const bool is_right =
      ReadFixed(bytes, size, kCrc) == Crc32c(std::string_view(bytes).substr(0, size));
  bytes.resize(size);
  return is_right ? bytes : std::string();
}

struct Opened {
  Fd file;
  std::uint64_t size = 0;
  std::uint64_t damaged = 0;
  ScrubSummary summary;
};

// The fixed part has a CRC of its own, because it says how long the next part is.
std::optional<Opened> OpenScrub(const Fd& store) {
  Opened opened;
  opened.file = OpenReplaced(store, kName, &opened.size);
  if (!opened.file.valid()) return std::nullopt;
  const std::string bytes = ReadPart(opened.file, 0, kFixed);
  if (!bytes.starts_with(kHead)) return std::nullopt;
  Reader reader(std::string_view(bytes).substr(kHead.size()));
  const Stamp stamp{reader.Next(), reader.Next()};
  opened.summary.oldest_s = reader.NextTime();
  opened.summary.time_s = reader.NextTime();
  opened.summary.inodes = reader.Next();
  opened.summary.unread = reader.Next();
  opened.summary.damaged = reader.Next();
  opened.summary.excused = reader.Next();
  opened.damaged = reader.Next();
  const bool fits = opened.damaged <= opened.size / kDamagedSize;
  return fits && stamp == StampOf(store) ? std::optional(std::move(opened)) : std::nullopt;
}

std::vector<DamagedInode> ReadDamaged(const Opened& opened) {
  const std::string bytes = ReadPart(opened.file, kFixed + kCrc, opened.damaged * kDamagedSize);
  std::vector<DamagedInode> damaged;
  Reader reader(bytes);
  for (size_t left = bytes.size() / kDamagedSize; left > 0; --left) {
    damaged.push_back({reader.Next(), reader.Next(), reader.NextTime(), reader.Next() != 0});
  }
  return damaged;
}

}  // namespace

std::optional<ScrubSummary> LoadScrubSummary(const Fd& store) {
  const auto opened = OpenScrub(store);
  return opened ? std::optional(opened->summary) : std::nullopt;
}

std::vector<DamagedInode> LoadDamaged(const Fd& store) {
  const auto opened = OpenScrub(store);
  return opened ? ReadDamaged(*opened) : std::vector<DamagedInode>();
}

ScrubRecord LoadScrub(const Fd& store) {
  const auto opened = OpenScrub(store);
  if (!opened) return {};
  ScrubRecord record{opened->summary, ReadDamaged(*opened), {}};
  const std::uint64_t at = kFixed + kCrc + opened->damaged * kDamagedSize + kCrc;
  if (opened->size < at + kCrc) return record;
  const std::string bytes = ReadPart(opened->file, at, opened->size - at - kCrc);
  Reader reader(bytes);
  for (size_t left = bytes.size() / kScrubbedSize; left > 0; --left) {
    record.scrubbed.push_back({reader.Next(), reader.Next(), reader.Next(), reader.NextTime()});
  }
  return record;
}

Status SaveScrub(const Fd& store, const ScrubRecord& record) {
  std::string bytes(kHead);
  const Stamp stamp = StampOf(store);
  const ScrubSummary& summary = record.summary;
  for (const std::uint64_t number :
       {stamp.ino, stamp.volume, static_cast<std::uint64_t>(summary.oldest_s),
        static_cast<std::uint64_t>(summary.time_s), summary.inodes, summary.unread, summary.damaged,
        summary.excused, static_cast<std::uint64_t>(record.damaged.size())}) {
    Append(number, &bytes);
  }
  size_t part = 0;
  const auto end_part = [&] {
    AppendFixed(Crc32c(std::string_view(bytes).substr(part)), kCrc, &bytes);
    part = bytes.size();
  };
  end_part();
  for (const DamagedInode& inode : record.damaged) {
    Append(inode.ino, &bytes);
    Append(inode.key, &bytes);
    Append(static_cast<std::uint64_t>(inode.time_s), &bytes);
    Append(inode.by_content ? 1 : 0, &bytes);
  }
  end_part();
  for (const ScrubbedInode& inode : record.scrubbed) {
    Append(inode.ino, &bytes);
    Append(inode.key, &bytes);
    Append(inode.content, &bytes);
    Append(static_cast<std::uint64_t>(inode.time_s), &bytes);
  }
  end_part();
  return ReplaceFile(store, kName, bytes);
}

std::uint64_t PrefixOf(const Digest& digest) {
  std::uint64_t prefix = 0;
  std::memcpy(&prefix, digest.data(), sizeof prefix);
  return prefix;
}

std::uint64_t ScrubKey(const Entry& entry) {
  if (entry.digest != kNoDigest) return PrefixOf(entry.digest);
  constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15U;
  const auto seconds = static_cast<std::uint64_t>(entry.mtime.sec);
  return ((entry.size * kMix ^ seconds) * kMix ^ entry.mtime.nsec) * kMix;
}

Result<Fd> LockScrub(const Fd& store) {
  Fd file(sys::CreateAt(store.get(), kLockName));
  if (!file.valid() && errno == EEXIST) {
    file = Fd(sys::OpenAt(store.get(), kLockName, sys::kOpenFile));
  }
  if (!file.valid()) return LastError("openat", kLockName);
  // Any other error means that the filesystem cannot lock.
  const bool is_taken = sys::TryFlock(file.get()) != 0 && errno == EWOULDBLOCK;
  if (is_taken) return OsError{kVerifyLockedCode, "flock", kLockName, {}};
  return file;
}

}  // namespace cura
