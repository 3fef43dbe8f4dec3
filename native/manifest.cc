// Frame and index of a manifest: head, blocks, index, footer. docs/manifest.md has the layout.
#include "manifest.h"

#include <algorithm>
#include <utility>

namespace cura {

namespace {

constexpr std::string_view kHead = "CURAMAN\x02";  // the last byte is the version
constexpr std::string_view kTail = "CURAEND\x02";
constexpr size_t kOffsetSize = 8;
// Footer: directories, entries, offset of the index (8 bytes each), CRC (4), tail mark.
constexpr size_t kFooterSize = 3 * kOffsetSize + 4 + 8;
constexpr size_t kBufferSize = 1U << 20U;

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

Status WriteAll(const Fd& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = sys::Write(file.get(), bytes.data(), bytes.size());
    if (written < 0) return LastError("write", kManifestName);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return std::nullopt;
}

}  // namespace

Manifest::Manifest(Manifest&& other) noexcept
    : owned_(std::move(other.owned_)),
      bytes_(owned_),
      // A short string moves with its bytes, so the views follow it.
      blocks_(bytes_.substr(0, other.blocks_.size())),
      index_(bytes_.substr(blocks_.size(), other.index_.size())),
      directories_(other.directories_),
      entries_(other.entries_) {}

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
  if (stat.size < kFooterSize) return std::string("it is cut short");
  std::string bytes(stat.size, '\0');
  const ssize_t got = sys::ReadFull(file.get(), bytes.data(), bytes.size());
  if (got < 0) return std::string("it cannot be read");
  if (static_cast<size_t>(got) < bytes.size()) return std::string("it is cut short");
  return Parse(std::move(bytes));
}

std::string Manifest::Check() {
  if (std::string why = CheckFrame(); !why.empty()) return why;
  return CheckBlocks();
}

std::string Manifest::CheckFrame() {
  if (bytes_.size() < kHead.size() + kFooterSize) return "it is cut short";
  if (bytes_.substr(0, kHead.size() - 1) != kHead.substr(0, kHead.size() - 1)) {
    return "it is not a manifest";
  }
  const auto version = static_cast<unsigned char>(bytes_[kHead.size() - 1]);
  if (version != static_cast<unsigned char>(kHead.back())) {
    return "its version " + std::to_string(version) + " is not known here";
  }
  const size_t footer = bytes_.size() - kFooterSize;
  if (bytes_.substr(bytes_.size() - kTail.size()) != kTail) return "it is cut short";
  const size_t crc_at = footer + 3 * kOffsetSize;
  if (ReadFixed(bytes_, crc_at, 4) != Crc32c(bytes_.substr(0, crc_at))) {
    return "its checksum is wrong";
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

BlockReader Manifest::Directory(DirId id) const {
  return BlockReader(blocks_.substr(OffsetOf(id)));
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
  if (auto error = WriteAll(*file_, buffer_)) return error;
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
  AppendFixed(Crc32c(buffer_, crc_), 4, &buffer_);
  buffer_.append(kTail);
  return file_ != nullptr ? Flush() : std::nullopt;
}

}  // namespace cura
