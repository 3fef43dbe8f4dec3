// Encodes entries as variable-length numbers, and as differences from the preceding entry.
#include "manifest/codec.h"

#include <algorithm>
#include <utility>

namespace cura {

namespace {

// The first number of an entry has the type in its low three bits. 7 ends the block.
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

// The flags that exist in a version.
constexpr std::uint64_t KnownFlags(int version) {
  const unsigned bits = version == 1 ? 9 : version == 2 ? 10 : 12;
  return (std::uint64_t{1} << bits) - 1;
}

constexpr size_t kLongestName = 1024;  // some filesystems allow 255 characters, not bytes
constexpr size_t kLongestTarget = 4096;
constexpr std::uint32_t kLastNanosecond = 999'999'999;

void AppendNumber(std::uint64_t number, std::string* out) {
  constexpr std::uint64_t kMore = 0x80;
  constexpr size_t kLongest = 10;
  if (number < kMore) {
    out->push_back(static_cast<char>(number));
    return;
  }
  char bytes[kLongest];
  size_t size = 0;
  for (; number >= kMore; number >>= 7U) bytes[size++] = static_cast<char>(number | kMore);
  bytes[size++] = static_cast<char>(number);
  out->append(bytes, size);
}

// Maps small positive and negative numbers to small unsigned ones.
void AppendSigned(std::int64_t number, std::string* out) {
  const auto bits = static_cast<std::uint64_t>(number);
  AppendNumber((bits << 1U) ^ (number < 0 ? ~std::uint64_t{0} : 0), out);
}

void AppendBytes(std::string_view bytes, std::string* out) {
  AppendNumber(bytes.size(), out);
  out->append(bytes);
}

// Differences wrap around, so no pair of values overflows.
std::int64_t Minus(std::uint64_t a, std::uint64_t b) { return static_cast<std::int64_t>(a - b); }
std::int64_t Minus(std::int64_t a, std::int64_t b) {
  return Minus(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b));
}

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

}  // namespace

void EncodeHead(const BlockHead& head, std::string* out) {
  AppendNumber(head.parent, out);
  AppendBytes(head.name, out);
  AppendNumber(head.dev, out);
  AppendNumber(head.volume, out);
}

void EncodeEntry(const Entry& entry, const BlockHead& head, const CodecBase& last,
                 const Streams& out) {
  std::string* const bytes = out.entries;
  const bool same_owner = entry.uid == last.uid && entry.gid == last.gid;
  const bool has_digest = entry.type == Type::kFile && entry.digest != kNoDigest;
  const std::uint64_t flags =
      static_cast<std::uint64_t>(entry.type) | (entry.mode == last.mode ? kSameMode : 0) |
      (same_owner ? kSameOwner : 0) | (entry.linked ? kLinked : 0) |
      (entry.xattrs != 0 ? kXattrs : 0) | (entry.unread ? kUnread : 0) |
      (entry.dev != head.dev ? kOtherDevice : 0) | (has_digest ? kDigest : 0) |
      (entry.volume != head.volume ? kOtherVolume : 0) | (entry.not_stored ? kNotStored : 0);
  AppendNumber(flags, bytes);
  AppendBytes(entry.name, bytes);
  if ((flags & kSameMode) == 0) AppendNumber(entry.mode, bytes);
  if (!same_owner) {
    AppendNumber(entry.uid, bytes);
    AppendNumber(entry.gid, bytes);
  }
  AppendSigned(Minus(entry.mtime.sec, last.mtime_s), bytes);
  AppendNumber(entry.mtime.nsec, bytes);
  AppendSigned(Minus(entry.ctime.sec, last.ctime_s), bytes);
  AppendNumber(entry.ctime.nsec, bytes);
  AppendSigned(Minus(entry.ino, last.ino), bytes);
  if ((flags & kOtherDevice) != 0) AppendNumber(entry.dev, bytes);
  if ((flags & kOtherVolume) != 0) AppendNumber(entry.volume, bytes);
  if (entry.xattrs != 0) AppendNumber(entry.xattrs, bytes);
  if (entry.type == Type::kDirectory) {
    AppendNumber(entry.directory, bytes);
  } else {
    AppendSigned(Minus(entry.stored_ino, last.stored_ino), out.stored_inodes);
  }
  if (entry.type == Type::kFile || entry.type == Type::kSymlink) AppendNumber(entry.size, bytes);
  if (has_digest) out.digests->append(entry.digest.begin(), entry.digest.end());
  if (entry.type == Type::kSymlink) AppendBytes(entry.target, bytes);
  if (IsSpecial(entry.type)) AppendNumber(entry.rdev, bytes);
}

void EncodeEnd(std::string* out) { AppendNumber(kEnd, out); }

BlockWriter::BlockWriter(const BlockHead& head) : head_(head) { EncodeHead(head, &bytes_); }

void BlockWriter::Add(const Entry& entry) {
  EncodeEntry(entry, head_, last_, {&bytes_, &bytes_, &bytes_});
  last_.Follow(entry);
}

std::string BlockWriter::Take() {
  EncodeEnd(&bytes_);
  return std::move(bytes_);
}

BlockReader::BlockReader(std::string_view bytes, int version, DirId offset)
    : version_(version), offset_(offset) {
  streams_[kEntries].bytes = bytes;
  ReadHead(&head_);
}

BlockReader::BlockReader(std::shared_ptr<const DirectoryBytes> directory, DirId offset)
    : directory_(std::move(directory)), offset_(offset), is_split_(true) {
  OpenPart();
  ReadHead(&head_);
}

BlockReader BlockReader::OfPart(const SectionViews& sections) {
  BlockReader reader;
  reader.is_split_ = true;
  for (size_t i = 0; i < kSections; ++i) reader.streams_[i].bytes = sections[i];
  reader.ReadHead(&reader.head_);
  return reader;
}

std::string_view BlockReader::FirstName(std::string_view entries) {
  BlockReader reader;
  reader.streams_[kEntries].bytes = entries;
  reader.ReadHead(&reader.head_);
  const std::uint64_t flags = reader.Number();
  if (flags == kEnd) return {};
  const std::string_view name = reader.Bytes(reader.Number());
  return reader.malformed_ ? std::string_view() : name;
}

void BlockReader::ReadHead(BlockHead* head) {
  const std::uint64_t parent = Number();
  if (parent >= kNoDir - offset_) malformed_ = true;
  head->parent = parent == 0 ? 0 : static_cast<DirId>(parent) + offset_;
  head->name = Bytes(Number());
  head->dev = Number();
  if (version_ >= 3) head->volume = Number();
  if (!head->name.empty() && !IsName(head->name)) malformed_ = true;
}

// Opens the streams of the current part, which begin where the preceding part ends.
void BlockReader::OpenPart() {
  for (size_t i = 0; i < kSections; ++i) {
    const size_t size = directory_->parts[part_].sizes[i];
    streams_[i] = {directory_->bytes.substr(place_, size), 0};
    place_ += size;
  }
}

// Enters the next part. Returns false if there is none or it belongs to another directory.
bool BlockReader::EnterNextPart() {
  if (is_split_ && !AreAllAtEnd()) malformed_ = true;
  const bool has_more = directory_ != nullptr && part_ + 1 < directory_->parts.size();
  if (malformed_ || !has_more) return false;
  ++part_;
  OpenPart();
  BlockHead head;
  ReadHead(&head);
  if (head != head_) malformed_ = true;
  last_ = CodecBase{last_.name, 0, 0, 0, 0, 0, 0, 0};
  return !malformed_;
}

bool BlockReader::HasSameBytes(const BlockReader& other) const {
  if (directory_ == nullptr || other.directory_ == nullptr || malformed_ || other.malformed_) {
    return false;
  }
  const auto& ours = directory_->parts;
  const auto& theirs = other.directory_->parts;
  if (ours.size() != theirs.size()) return false;
  for (size_t part = 0; part < ours.size(); ++part) {
    for (size_t i = 0; i < kSections; ++i) {
      const bool has_head = part == 0 && i == kEntries;
      const size_t our_size = ours[part].sizes[i] - (has_head ? streams_[kEntries].at : 0);
      const size_t their_size =
          theirs[part].sizes[i] - (has_head ? other.streams_[kEntries].at : 0);
      if (our_size != their_size) return false;
    }
  }
  return directory_->bytes.substr(streams_[kEntries].at) ==
         other.directory_->bytes.substr(other.streams_[kEntries].at);
}

bool BlockReader::AreAllAtEnd() const {
  return std::all_of(streams_.begin(), streams_.end(),
                     [](const Stream& stream) { return stream.at == stream.bytes.size(); });
}

// Reads a number of at most ten bytes, the last with a single bit. A number that extends past the
// end of the block is malformed.
std::uint64_t BlockReader::LongNumber(Stream* from) {
  constexpr unsigned kLastShift = 63;
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift <= kLastShift && from->at < from->bytes.size(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(from->bytes[from->at++]);
    const std::uint64_t bits = byte & 0x7FU;
    if (shift == kLastShift && bits > 1) break;
    number |= bits << shift;
    if ((byte & 0x80U) == 0) return number;
  }
  malformed_ = true;
  return 0;
}

std::int64_t BlockReader::Signed(Section section) {
  const std::uint64_t number = Number(section);
  return static_cast<std::int64_t>((number >> 1U) ^ (~(number & 1U) + 1));
}

std::string_view BlockReader::Bytes(size_t size, Section section) {
  Stream& from = In(section);
  if (malformed_ || size > from.bytes.size() - from.at) {
    malformed_ = true;
    return {};
  }
  const std::string_view found = from.bytes.substr(from.at, size);
  from.at += size;
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

// Only regular files have digests, and unknown digests are not written.
void BlockReader::ReadDigest(Entry* entry) {
  const std::string_view bytes = Bytes(entry->digest.size(), kDigests);
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
    // 0 means that the directory could not be stored.
    entry->directory = directory == 0 ? 0 : static_cast<DirId>(directory) + offset_;
  } else {
    entry->stored_ino = last_.stored_ino + static_cast<std::uint64_t>(Signed(kStoredInodes));
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
  std::uint64_t flags = Number();
  if (flags == kEnd && !malformed_) {
    if (!EnterNextPart()) return false;
    flags = Number();
    if (flags == kEnd) malformed_ = true;  // only an empty directory has a block without entries
  }
  if (malformed_) return false;
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
  // Merges rely on strictly ascending names, which also excludes duplicates.
  if (!IsName(entry->name) || entry->name <= last_.name) malformed_ = true;
  if (malformed_) return false;
  last_.Follow(*entry);
  return true;
}

}  // namespace cura
