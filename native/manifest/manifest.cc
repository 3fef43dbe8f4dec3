// Frame and index of a manifest: head, blocks, index, footer. docs/manifest.md has the layout.
#include "manifest/manifest.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/volumes.h"

namespace cura {

namespace {

constexpr std::string_view kHead = "CURAMAN\x03";  // the last byte is the version
constexpr std::string_view kTail = "CURAEND\x03";
static_assert(kHead.back() == kCodecVersion && kTail.back() == kCodecVersion);
constexpr size_t kOffsetSize = 8;
constexpr size_t kBufferSize = 1U << 20U;

// Footer: directories, entries, offset of the index, stamp's inode and volume (8 bytes each; the
// stamp since version 3), CRC (4), tail mark.
constexpr size_t FooterSize(int version) {
  return (version >= 3 ? 5 : 3) * kOffsetSize + 4 + kTail.size();
}

// Whether `bytes` begin with a mark, but for the version, which is the last byte.
bool HasMark(std::string_view bytes, std::string_view mark) {
  return bytes.substr(0, mark.size() - 1) == mark.substr(0, mark.size() - 1);
}

// The stamp of a manifest that lies in this file.
Stamp StampOf(const Fd& file) {
  sys::Stat stat;
  if (sys::StatFd(file.get(), &stat) != 0) return {};
  return {stat.ino, VolumeOf(file.get())};
}

}  // namespace

Manifest::Manifest(Manifest&& other) noexcept
    : owned_(std::move(other.owned_)),
      bytes_(owned_),
      // A short string moves with its bytes, so the views follow it.
      blocks_(bytes_.substr(0, other.blocks_.size())),
      index_(bytes_.substr(blocks_.size(), other.index_.size())),
      version_(other.version_),
      directories_(other.directories_),
      entries_(other.entries_),
      checksum_(other.checksum_),
      stamp_(other.stamp_),
      is_in_place_(other.is_in_place_) {}

std::variant<Manifest, std::string> Manifest::Parse(std::string bytes) {
  Manifest manifest;
  manifest.owned_ = std::move(bytes);
  manifest.bytes_ = manifest.owned_;
  if (std::string why = manifest.Check(); !why.empty()) return why;
  return manifest;
}

std::variant<Manifest, std::string> Manifest::Load(const Fd& file) {
  sys::Stat stat;
  if (sys::StatFd(file.get(), &stat) != 0) return std::string("it cannot be read");
  if (TypeOf(stat.mode) != Type::kFile) return std::string("it is not a regular file");
  if (stat.size < kHead.size() + FooterSize(1)) return std::string("it is cut short");
  // Both marks come first: nothing is allocated for a file that is only as long as a manifest.
  std::string head(kHead.size(), '\0'), tail(kTail.size(), '\0');
  const auto tail_at = static_cast<off_t>(stat.size - tail.size());
  const bool read = sys::ReadFull(file.get(), head.data(), head.size()) >= 0 &&
                    sys::Seek(file.get(), tail_at, SEEK_SET) >= 0 &&
                    sys::ReadFull(file.get(), tail.data(), tail.size()) >= 0 &&
                    sys::Seek(file.get(), 0, SEEK_SET) >= 0;
  if (!read) return std::string("it cannot be read");
  if (!HasMark(head, kHead)) return std::string("it is not a manifest");
  if (!HasMark(tail, kTail)) return std::string("it is cut short");
  std::string bytes;
  // Compression may make a file smaller on disk, but hardly to a thousandth of its length.
  constexpr std::uint64_t kMostDense = 1024;
  constexpr std::uint64_t kAlwaysFine = 1U << 26U;
  if (stat.size > kAlwaysFine && stat.size / kMostDense > stat.allocated) {
    return std::string("it is nearly all holes");
  }
  bytes.resize(stat.size);
  const ssize_t got = sys::ReadFull(file.get(), bytes.data(), bytes.size());
  if (got < 0) return std::string("it cannot be read");
  if (static_cast<size_t>(got) < bytes.size()) return std::string("it is cut short");
  auto parsed = Parse(std::move(bytes));
  if (auto* manifest = std::get_if<Manifest>(&parsed); manifest != nullptr) {
    const bool is_stamped = manifest->version_ >= 3;
    manifest->is_in_place_ =
        !is_stamped || (manifest->stamp_.volume != 0 && manifest->stamp_ == StampOf(file));
  }
  return parsed;
}

std::string Manifest::Check() {
  if (std::string why = CheckFrame(); !why.empty()) return why;
  return CheckBlocks();
}

std::string Manifest::CheckFrame() {
  if (bytes_.size() < kHead.size()) return "it is cut short";
  if (!HasMark(bytes_, kHead)) return "it is not a manifest";
  version_ = static_cast<unsigned char>(bytes_[kHead.size() - 1]);
  if (version_ < 1 || version_ > kCodecVersion) {
    return "its version " + std::to_string(version_) + " is not known here";
  }
  const size_t footer_size = FooterSize(version_);
  if (bytes_.size() < kHead.size() + footer_size) return "it is cut short";
  const size_t footer = bytes_.size() - footer_size;
  const std::string_view tail = bytes_.substr(bytes_.size() - kTail.size());
  if (!HasMark(tail, kTail) || tail.back() != static_cast<char>(version_)) return "it is cut short";
  const size_t crc_at = bytes_.size() - kTail.size() - 4;
  checksum_ = static_cast<std::uint32_t>(ReadFixed(bytes_, crc_at, 4));
  if (checksum_ != Crc32c(bytes_.substr(0, crc_at))) return "its checksum is wrong";
  if (version_ >= 3) {
    stamp_.ino = ReadFixed(bytes_, footer + 3 * kOffsetSize, kOffsetSize);
    stamp_.volume = ReadFixed(bytes_, footer + 4 * kOffsetSize, kOffsetSize);
  }
  const std::uint64_t directories = ReadFixed(bytes_, footer, kOffsetSize);
  entries_ = ReadFixed(bytes_, footer + kOffsetSize, kOffsetSize);
  const std::uint64_t index = ReadFixed(bytes_, footer + 2 * kOffsetSize, kOffsetSize);
  if (index < kHead.size() || index > footer || directories == 0 || directories >= kNoDir ||
      (footer - index) / kOffsetSize != directories || (footer - index) % kOffsetSize != 0) {
    return "its index is wrong";
  }
  directories_ = static_cast<DirId>(directories);
  blocks_ = bytes_.substr(0, index);
  constexpr size_t kSmallestEntry = 8;
  if (entries_ > blocks_.size() / kSmallestEntry) return "its count of entries is wrong";
  index_ = bytes_.substr(index, footer - index);
  return {};
}

// Every directory but the root is named once, by the one that it calls its parent: a tree.
std::string Manifest::CheckBlocks() {
  std::vector<bool> named(directories_);
  std::uint64_t entries = 0;
  for (DirId id = 0; id < directories_; ++id) {
    if (OffsetOf(id) < kHead.size() || OffsetOf(id) >= blocks_.size()) return "its index is wrong";
    BlockReader block = Directory(id);
    const bool root = id == 0;
    if (root != block.head().name.empty()) return "a directory has no name";
    Entry entry;
    while (block.Next(&entry)) {
      // Blocks that overlap would let a small file hold a quadratic number of entries.
      if (++entries > entries_) return "its count of entries is wrong";
      if (entry.type != Type::kDirectory) continue;
      if (entry.unread) {
        if (entry.directory != 0) return "its directories are no tree";
        continue;
      }
      if (entry.directory == 0 || entry.directory >= directories_ || named[entry.directory]) {
        return "its directories are no tree";
      }
      named[entry.directory] = true;
      if (OffsetOf(entry.directory) >= blocks_.size()) return "its index is wrong";
      const BlockHead child = Directory(entry.directory).head();
      if (child.parent != id || child.name != entry.name) return "its directories are no tree";
    }
    if (block.malformed()) return "an entry is malformed";
  }
  if (entries != entries_) return "its count of entries is wrong";
  if (!std::all_of(named.begin() + 1, named.end(), [](bool is_named) { return is_named; })) {
    return "its directories are no tree";
  }
  return {};
}

std::uint64_t Manifest::OffsetOf(DirId id) const {
  return ReadFixed(index_, static_cast<size_t>(id) * kOffsetSize, kOffsetSize);
}

BlockReader Manifest::Directory(DirId id, DirId offset) const {
  return BlockReader(blocks_.substr(OffsetOf(id)), version_, offset);
}

std::vector<std::string_view> Manifest::PathOf(DirId id) const {
  std::vector<std::string_view> names;
  while (id != 0) {
    const BlockHead head = Directory(id).head();
    names.push_back(head.name);
    id = head.parent;
  }
  std::reverse(names.begin(), names.end());
  return names;
}

Status WriteAll(const Fd& file, std::string_view bytes, const char* name) {
  while (!bytes.empty()) {
    const ssize_t written = sys::Write(file.get(), bytes.data(), bytes.size());
    if (written < 0) return LastError("write", name);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return std::nullopt;
}

ManifestWriter::ManifestWriter() { buffer_ = kHead; }

ManifestWriter::ManifestWriter(const Fd* file) : file_(file) { buffer_ = kHead; }

Status ManifestWriter::Add(DirId id, std::string_view block, std::uint64_t entries) {
  const std::lock_guard lock(mutex_);
  if (offsets_.size() <= id) offsets_.resize(static_cast<size_t>(id) + 1);
  offsets_[id] = size_ + buffer_.size();
  entries_ += entries;
  return Append(block);
}

Status ManifestWriter::Append(std::string_view bytes) {
  buffer_.append(bytes);
  return file_ != nullptr && buffer_.size() >= kBufferSize ? Flush() : std::nullopt;
}

// Hands what is buffered to the file, and to the checksum.
Status ManifestWriter::Flush() {
  crc_ = Crc32c(buffer_, crc_);
  if (auto error = WriteAll(*file_, buffer_, kManifestName)) return error;
  size_ += buffer_.size();
  buffer_.clear();
  return std::nullopt;
}

Status ManifestWriter::Finish(DirId directories) {
  const std::lock_guard lock(mutex_);
  offsets_.resize(directories);
  const bool whole = std::find(offsets_.begin(), offsets_.end(), 0U) == offsets_.end();
  if (!whole) return OsError{kUnfinishedCode, "manifest", {}, {}};
  const std::uint64_t index = size_ + buffer_.size();
  for (const std::uint64_t offset : offsets_) AppendFixed(offset, kOffsetSize, &buffer_);
  AppendFixed(directories, kOffsetSize, &buffer_);
  AppendFixed(entries_, kOffsetSize, &buffer_);
  AppendFixed(index, kOffsetSize, &buffer_);
  const Stamp stamp = file_ != nullptr ? StampOf(*file_) : Stamp();
  AppendFixed(stamp.ino, kOffsetSize, &buffer_);
  AppendFixed(stamp.volume, kOffsetSize, &buffer_);
  AppendFixed(Crc32c(buffer_, crc_), 4, &buffer_);
  buffer_.append(kTail);
  return file_ != nullptr ? Flush() : std::nullopt;
}

}  // namespace cura
