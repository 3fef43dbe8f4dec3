// Blocks: variable-length numbers, and differences to the entry before.
#include "manifest/codec.h"

#include <algorithm>
#include <array>

namespace cura {

namespace {

// The first number of an entry. Type in the low three bits, 7 ends the block.
constexpr std::uint64_t kTypeMask = 7;
constexpr std::uint64_t kEnd = 7;
constexpr std::uint64_t kSameMode = 1U << 3U;
constexpr std::uint64_t kSameOwner = 1U << 4U;
constexpr std::uint64_t kLinked = 1U << 5U;
constexpr std::uint64_t kXattrs = 1U << 6U;
constexpr std::uint64_t kUnread = 1U << 7U;
constexpr std::uint64_t kOtherDevice = 1U << 8U;
constexpr std::uint64_t kDigest = 1U << 9U;
constexpr std::uint64_t kOtherVolume = 1U << 10U;
constexpr std::uint64_t kNotStored = 1U << 11U;

// The flags that a version knows.
constexpr std::uint64_t KnownFlags(int version) {
  const unsigned bits = version == 1 ? 9 : version == 2 ? 10 : 12;
  return (std::uint64_t{1} << bits) - 1;
}

constexpr size_t kLongestName = 1024;  // some filesystems count 255 characters, not bytes
constexpr size_t kLongestTarget = 4096;
constexpr std::uint32_t kLastNanosecond = 999'999'999;

void AppendNumber(std::uint64_t number, std::string* out) {
  constexpr std::uint64_t kMore = 0x80;
  for (; number >= kMore; number >>= 7U) out->push_back(static_cast<char>(number | kMore));
  out->push_back(static_cast<char>(number));
}

// Small positive and negative numbers alike become small ones.
void AppendSigned(std::int64_t number, std::string* out) {
  const auto bits = static_cast<std::uint64_t>(number);
  AppendNumber((bits << 1U) ^ (number < 0 ? ~std::uint64_t{0} : 0), out);
}

void AppendBytes(std::string_view bytes, std::string* out) {
  AppendNumber(bytes.size(), out);
  out->append(bytes);
}

// Differences wrap around, so that no pair of values can overflow.
std::int64_t Minus(std::uint64_t a, std::uint64_t b) { return static_cast<std::int64_t>(a - b); }
std::int64_t Minus(std::int64_t a, std::int64_t b) {
  return Minus(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b));
}

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

}  // namespace

BlockWriter::BlockWriter(const BlockHead& head) : dev_(head.dev), volume_(head.volume) {
  AppendNumber(head.parent, &bytes_);
  AppendBytes(head.name, &bytes_);
  AppendNumber(head.dev, &bytes_);
  AppendNumber(head.volume, &bytes_);
}

void BlockWriter::Add(const Entry& entry) {
  const bool same_owner = entry.uid == last_.uid && entry.gid == last_.gid;
  const bool has_digest = entry.type == Type::kFile && entry.digest != kNoDigest;
  const std::uint64_t flags =
      static_cast<std::uint64_t>(entry.type) | (entry.mode == last_.mode ? kSameMode : 0) |
      (same_owner ? kSameOwner : 0) | (entry.linked ? kLinked : 0) |
      (entry.xattrs != 0 ? kXattrs : 0) | (entry.unread ? kUnread : 0) |
      (entry.dev != dev_ ? kOtherDevice : 0) | (has_digest ? kDigest : 0) |
      (entry.volume != volume_ ? kOtherVolume : 0) | (entry.not_stored ? kNotStored : 0);
  AppendNumber(flags, &bytes_);
  AppendBytes(entry.name, &bytes_);
  if ((flags & kSameMode) == 0) AppendNumber(entry.mode, &bytes_);
  if (!same_owner) {
    AppendNumber(entry.uid, &bytes_);
    AppendNumber(entry.gid, &bytes_);
  }
  AppendSigned(Minus(entry.mtime.sec, last_.mtime_s), &bytes_);
  AppendNumber(entry.mtime.nsec, &bytes_);
  AppendSigned(Minus(entry.ctime.sec, last_.ctime_s), &bytes_);
  AppendNumber(entry.ctime.nsec, &bytes_);
  AppendSigned(Minus(entry.ino, last_.ino), &bytes_);
  if ((flags & kOtherDevice) != 0) AppendNumber(entry.dev, &bytes_);
  if ((flags & kOtherVolume) != 0) AppendNumber(entry.volume, &bytes_);
  if (entry.xattrs != 0) AppendNumber(entry.xattrs, &bytes_);
  if (entry.type == Type::kDirectory) {
    AppendNumber(entry.directory, &bytes_);
  } else {
    AppendSigned(Minus(entry.stored_ino, last_.stored_ino), &bytes_);
  }
  if (entry.type == Type::kFile || entry.type == Type::kSymlink) AppendNumber(entry.size, &bytes_);
  if (has_digest) bytes_.append(entry.digest.begin(), entry.digest.end());
  if (entry.type == Type::kSymlink) AppendBytes(entry.target, &bytes_);
  if (IsSpecial(entry.type)) AppendNumber(entry.rdev, &bytes_);
  last_.Follow(entry);
}

std::string BlockWriter::Take() {
  AppendNumber(kEnd, &bytes_);
  return std::move(bytes_);
}

BlockReader::BlockReader(std::string_view bytes, int version, DirId offset)
    : bytes_(bytes), version_(version), offset_(offset) {
  const std::uint64_t parent = Number();
  if (parent >= kNoDir - offset_) malformed_ = true;
  head_.parent = parent == 0 ? 0 : static_cast<DirId>(parent) + offset_;
  head_.name = Bytes(Number());
  head_.dev = Number();
  if (version_ >= 3) head_.volume = Number();
  if (!head_.name.empty() && !IsName(head_.name)) malformed_ = true;
}

// At most ten bytes, the last of them with one bit; what goes on behind the block is malformed.
std::uint64_t BlockReader::LongNumber() {
  constexpr unsigned kLastShift = 63;
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift <= kLastShift && at_ < bytes_.size(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes_[at_++]);
    const std::uint64_t bits = byte & 0x7FU;
    if (shift == kLastShift && bits > 1) break;
    number |= bits << shift;
    if ((byte & 0x80U) == 0) return number;
  }
  malformed_ = true;
  return 0;
}

std::int64_t BlockReader::Signed() {
  const std::uint64_t number = Number();
  return static_cast<std::int64_t>((number >> 1U) ^ (~(number & 1U) + 1));
}

std::string_view BlockReader::Bytes(size_t size) {
  if (malformed_ || size > bytes_.size() - at_) {
    malformed_ = true;
    return {};
  }
  const std::string_view found = bytes_.substr(at_, size);
  at_ += size;
  return found;
}

Timestamp BlockReader::Time(std::int64_t base) {
  Timestamp time;
  time.sec = static_cast<std::int64_t>(static_cast<std::uint64_t>(base) +
                                       static_cast<std::uint64_t>(Signed()));
  const std::uint64_t nsec = Number();
  if (nsec > kLastNanosecond) malformed_ = true;
  time.nsec = static_cast<std::uint32_t>(nsec);
  return time;
}

// Only a regular file has one, and an unknown one is not written.
void BlockReader::ReadDigest(Entry* entry) {
  const std::string_view bytes = Bytes(entry->digest.size());
  if (malformed_) return;
  std::copy(bytes.begin(), bytes.end(), entry->digest.begin());
  if (entry->type != Type::kFile || entry->digest == kNoDigest) malformed_ = true;
}

void BlockReader::ReadBody(std::uint64_t flags, Entry* entry) {
  const std::uint64_t mode = (flags & kSameMode) != 0 ? last_.mode : Number();
  const bool same_owner = (flags & kSameOwner) != 0;
  const std::uint64_t uid = same_owner ? last_.uid : Number();
  const std::uint64_t gid = same_owner ? last_.gid : Number();
  if (mode > 07777 || uid > UINT32_MAX || gid > UINT32_MAX) malformed_ = true;
  entry->mode = static_cast<std::uint16_t>(mode);
  entry->uid = static_cast<std::uint32_t>(uid);
  entry->gid = static_cast<std::uint32_t>(gid);
  entry->mtime = Time(last_.mtime_s);
  entry->ctime = Time(last_.ctime_s);
  entry->ino = last_.ino + static_cast<std::uint64_t>(Signed());
  entry->dev = (flags & kOtherDevice) != 0 ? Number() : head_.dev;
  const std::uint64_t volume = (flags & kOtherVolume) != 0 ? Number() : head_.volume;
  entry->volume = has_volumes_ ? volume : 0;
  entry->xattrs = (flags & kXattrs) != 0 ? Number() : 0;
  if (entry->type == Type::kDirectory) {
    const std::uint64_t directory = Number();
    if (directory >= kNoDir - offset_) malformed_ = true;
    // 0 is that of a directory which could not be stored.
    entry->directory = directory == 0 ? 0 : static_cast<DirId>(directory) + offset_;
  } else {
    entry->stored_ino = last_.stored_ino + static_cast<std::uint64_t>(Signed());
  }
  if (entry->type == Type::kFile || entry->type == Type::kSymlink) entry->size = Number();
  if ((flags & kDigest) != 0) ReadDigest(entry);
  if (entry->type == Type::kSymlink) {
    entry->target = Bytes(Number());
    if (entry->target.size() > kLongestTarget) malformed_ = true;
  }
  if (IsSpecial(entry->type)) entry->rdev = Number();
}

bool BlockReader::Next(Entry* entry) {
  const std::uint64_t flags = Number();
  if (malformed_ || flags == kEnd) return false;
  if (flags > KnownFlags(version_) ||
      (flags & kTypeMask) > static_cast<std::uint64_t>(Type::kBlockDevice)) {
    malformed_ = true;
    return false;
  }
  *entry = Entry{};
  entry->type = static_cast<Type>(flags & kTypeMask);
  entry->linked = (flags & kLinked) != 0;
  entry->unread = (flags & kUnread) != 0;
  entry->not_stored = (flags & kNotStored) != 0;
  entry->name = Bytes(Number());
  ReadBody(flags, entry);
  // Strictly ascending names: a merge may rely on it, and none can come twice.
  if (!IsName(entry->name) || entry->name <= last_.name) malformed_ = true;
  if (malformed_) return false;
  last_.Follow(*entry);
  return true;
}

namespace {

using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

// Table k gives the CRC of a byte that k more bytes follow, so eight bytes are taken at once.
constexpr CrcTables MakeCrcTables() {
  constexpr std::uint32_t kCastagnoli = 0x82F63B78;
  CrcTables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kCastagnoli : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < tables.size(); ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = (crc >> 8U) ^ tables[0][crc & 0xFFU];
    }
  }
  return tables;
}

constexpr CrcTables kCrc = MakeCrcTables();

std::uint32_t FourBytes(const unsigned char* at) {
  return static_cast<std::uint32_t>(at[0]) | static_cast<std::uint32_t>(at[1]) << 8U |
         static_cast<std::uint32_t>(at[2]) << 16U | static_cast<std::uint32_t>(at[3]) << 24U;
}

}  // namespace

std::uint32_t Crc32c(std::string_view bytes, std::uint32_t before) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t left = bytes.size();
  std::uint32_t crc = ~before;
  for (; left >= 8; left -= 8, at += 8) {
    const std::uint32_t low = crc ^ FourBytes(at);
    const std::uint32_t high = FourBytes(at + 4);
    crc = kCrc[7][low & 0xFFU] ^ kCrc[6][low >> 8U & 0xFFU] ^ kCrc[5][low >> 16U & 0xFFU] ^
          kCrc[4][low >> 24U] ^ kCrc[3][high & 0xFFU] ^ kCrc[2][high >> 8U & 0xFFU] ^
          kCrc[1][high >> 16U & 0xFFU] ^ kCrc[0][high >> 24U];
  }
  for (; left > 0; --left, ++at) crc = (crc >> 8U) ^ kCrc[0][(crc ^ *at) & 0xFFU];
  return ~crc;
}

void AppendFixed(std::uint64_t number, size_t size, std::string* out) {
  for (size_t i = 0; i < size; ++i) out->push_back(static_cast<char>(number >> (8 * i)));
}

std::uint64_t ReadFixed(std::string_view bytes, size_t at, size_t size) {
  std::uint64_t number = 0;
  for (size_t i = 0; i < size; ++i) {
    number |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return number;
}

}  // namespace cura
