// Opens manifests, and reads their directories by number.
#include "manifest/manifest.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "manifest/check.h"
#include "manifest/checksum.h"
#include "manifest/legacy.h"

namespace cura {

void ManifestBytes::Rest(Opener opener) {
  if (sys::StatFd(file_.get(), &known_) != 0) return;
  opener_ = std::move(opener);
  file_ = Fd();
}

bool ManifestBytes::Read(std::uint64_t offset, size_t size, char* to) const {
  ssize_t got = 0;
  if (memory_ == nullptr && opener_) {
    const Fd file = opener_();
    sys::Stat stat;
    if (!file.valid() || sys::StatFd(file.get(), &stat) != 0) return false;
    const bool is_same = stat.dev == known_.dev && stat.ino == known_.ino &&
                         stat.size == known_.size && stat.ctime == known_.ctime;
    if (!is_same) errno = ESTALE;
    if (!is_same) return false;
    got = sys::ReadAt(file.get(), to, size, offset);
  } else if (memory_ == nullptr) {
    got = sys::ReadAt(file_.get(), to, size, offset);
  } else if (offset <= memory_->size()) {
    got = static_cast<ssize_t>(memory_->copy(to, size, offset));
  }
  if (got < 0) return false;
  if (static_cast<size_t>(got) == size) return true;
  errno = EIO;
  return false;
}

bool ReadWindow::Read(const ManifestBytes& from, std::uint64_t offset, size_t size,
                      std::uint64_t end, char* to) {
  constexpr std::uint64_t kBefore = 8U << 10U;
  constexpr std::uint64_t kLength = 32U << 10U;
  const bool is_inside = offset >= at_ && offset + size <= at_ + bytes_.size();
  if (!is_inside) {
    at_ = offset - std::min(offset, kBefore);
    const std::uint64_t stop = std::max(offset + size, std::min(end, at_ + kLength));
    bytes_.resize(stop - at_);
    if (!from.Read(at_, bytes_.size(), bytes_.data())) {
      bytes_.clear();
      return false;
    }
  }
  bytes_.copy(to, size, offset - at_);
  return true;
}

namespace {

// Compression makes a file smaller on disk, but hardly to a thousandth of its length.
bool IsNearlyAllHoles(const sys::Stat& stat) {
  constexpr std::uint64_t kMostDense = 1024;
  constexpr std::uint64_t kAlwaysFine = 1U << 26U;
  return stat.size > kAlwaysFine && stat.size / kMostDense > stat.allocated;
}

// The version of a file with the marks of a manifest, or a sentence about what is wrong.
std::variant<int, std::string> VersionIn(const Fd& file, std::uint64_t size) {
  if (size < kManifestHead.size() + kManifestTail.size()) return "it is cut short";
  std::string head(kManifestHead.size(), '\0'), tail(kManifestTail.size(), '\0');
  if (sys::ReadAt(file.get(), head.data(), head.size(), 0) < 0 ||
      sys::ReadAt(file.get(), tail.data(), tail.size(), size - tail.size()) < 0) {
    return "it cannot be read";
  }
  if (!HasMark(head, kManifestHead)) return "it is not a manifest";
  const int version = static_cast<unsigned char>(head.back());
  if (version < 1 || version > kManifestVersion) {
    return "its version " + std::to_string(version) + " is not known here";
  }
  if (!HasMark(tail, kManifestTail) || tail.back() != head.back()) return "it is cut short";
  return version;
}

// The same part with only its section of entries.
PartSizes EntriesOf(const PartSizes& part) {
  PartSizes entries;
  entries.sizes[kEntries] = part.sizes[kEntries];
  entries.checksums[kEntries] = part.checksums[kEntries];
  return entries;
}

}  // namespace

Manifest::Opened Manifest::Open(Fd file, std::string name, ManifestBytes::Opener opener) {
  sys::Stat stat;
  if (sys::StatFd(file.get(), &stat) != 0) return "it cannot be read";
  if (TypeOf(stat.mode) != Type::kFile) return "it is not a regular file";
  const auto version = VersionIn(file, stat.size);
  if (const auto* why = std::get_if<std::string>(&version)) return *why;
  if (IsNearlyAllHoles(stat)) return "it is nearly all holes";
  if (std::get<int>(version) < kManifestVersion) {
    std::string bytes(stat.size, '\0');
    const ssize_t got = sys::ReadAt(file.get(), bytes.data(), bytes.size(), 0);
    if (got < 0) return "it cannot be read";
    if (static_cast<size_t>(got) < bytes.size()) return "it is cut short";
    return Convert(std::move(file), std::move(name), std::move(bytes));
  }
  const auto manifest = std::make_shared<Manifest>(ManifestBytes(std::move(file)), std::move(name));
  if (std::string why = manifest->OpenFrame(stat.size); !why.empty()) return why;
  manifest->is_in_place_ =
      manifest->stamp_.volume != 0 && manifest->stamp_ == StampOf(manifest->bytes_.file());
  if (opener) manifest->bytes_.Rest(std::move(opener));
  return manifest;
}

Manifest::Opened Manifest::Load(Fd file, std::string name) {
  Opened opened = Open(std::move(file), std::move(name));
  auto* const manifest = std::get_if<std::shared_ptr<const Manifest>>(&opened);
  // A manifest in memory was checked when it was converted.
  if (manifest == nullptr || (*manifest)->bytes_.memory() != nullptr) return opened;
  std::string why = CheckWhole(**manifest);
  return why.empty() ? opened : Opened(std::move(why));
}

Manifest::Opened Manifest::Parse(std::string bytes) {
  if (bytes.size() < kManifestHead.size()) return "it is cut short";
  if (!HasMark(bytes, kManifestHead)) return "it is not a manifest";
  const int version = static_cast<unsigned char>(bytes[kManifestHead.size() - 1]);
  if (version < kManifestVersion) return Convert(Fd(), {}, std::move(bytes));
  if (version > kManifestVersion) {
    return "its version " + std::to_string(version) + " is not known here";
  }
  const size_t size = bytes.size();
  const auto manifest = std::make_shared<Manifest>(ManifestBytes(std::move(bytes)), "");
  std::string why = manifest->OpenFrame(size);
  if (why.empty()) why = CheckWhole(*manifest);
  return why.empty() ? Opened(manifest) : Opened(std::move(why));
}

// Rewrites formats 1 to 3 in memory, because they have neither records nor parts.
Manifest::Opened Manifest::Convert(Fd file, std::string name, std::string bytes) {
  auto converted = ConvertLegacy(bytes);
  if (auto* why = std::get_if<std::string>(&converted)) return std::move(*why);
  auto& legacy = std::get<Legacy>(converted);
  std::string().swap(bytes);
  const size_t size = legacy.bytes.size();
  const auto manifest =
      std::make_shared<Manifest>(ManifestBytes(std::move(legacy.bytes)), std::move(name));
  std::string why = manifest->OpenFrame(size);
  if (why.empty()) why = CheckWhole(*manifest);
  if (!why.empty()) return why;
  manifest->checksum_ = legacy.checksum;
  manifest->stamp_ = legacy.stamp;
  const bool is_judged = legacy.is_stamped && file.valid();
  manifest->is_in_place_ =
      !is_judged || (legacy.stamp.volume != 0 && legacy.stamp == StampOf(file));
  return manifest;
}

// Reads the footer. Returns a sentence if it is wrong.
std::string Manifest::OpenFrame(std::uint64_t size) {
  if (size < kManifestHead.size() + kFooterSize) return "it is cut short";
  std::string bytes(kFooterSize, '\0');
  if (!Read(size - kFooterSize, bytes.size(), bytes.data())) return "it cannot be read";
  const auto read = ReadFooter(bytes, size);
  if (const auto* why = std::get_if<std::string>(&read)) return *why;
  const auto& footer = std::get<Footer>(read);
  directories_ = static_cast<DirId>(footer.directories);
  records_ = footer.records;
  entries_ = footer.entries;
  index_ = footer.index;
  index_checksum_ = footer.index_checksum;
  stamp_ = footer.stamp;
  checksum_ = ChecksumIn(bytes);
  return {};
}

bool Manifest::Read(std::uint64_t offset, size_t size, char* to, ReadWindow* window) const {
  bytes_read_ += size;
  if (window == nullptr) return bytes_.Read(offset, size, to);
  const std::uint64_t end = offset < index_ ? index_ : index_ + records_ * kRecordSize;
  return window->Read(bytes_, offset, size, end, to);
}

void Manifest::NoteFailure(int code) const {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = OsError{code, "pread", name_, {}};
  failed_ = true;
}

Status Manifest::failure() const {
  if (!failed_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return failure_;
}

// Returns nothing and notes the failure if the record cannot be read.
std::optional<IndexRecord> Manifest::RecordAt(std::uint64_t number, ReadWindow* window) const {
  std::string bytes(kRecordSize, '\0');
  if (number >= records_) {
    NoteFailure(kDamagedManifestCode);
    return std::nullopt;
  }
  if (!Read(index_ + number * kRecordSize, bytes.size(), bytes.data(), window)) {
    NoteFailure(errno);
    return std::nullopt;
  }
  auto record = ReadRecord(bytes, number);
  if (!record || record->part.total() > kLargestPart) {
    NoteFailure(kDamagedManifestCode);
    return std::nullopt;
  }
  return record;
}

// Reads adjacent parts from `offset` on. Returns null and notes the failure if they cannot be read.
std::shared_ptr<const DirectoryBytes> Manifest::Bytes(std::uint64_t offset,
                                                      std::vector<PartSizes> parts,
                                                      ReadWindow* window) const {
  auto directory = std::make_shared<DirectoryBytes>();
  std::uint64_t size = 0;
  for (const PartSizes& part : parts) size += part.total();
  directory->parts = std::move(parts);
  if (offset > index_ || size > index_ - offset) {
    NoteFailure(kDamagedManifestCode);
    return nullptr;
  }
  if (bytes_.memory() != nullptr) {
    directory->keeper = bytes_.memory();
    directory->bytes = std::string_view(*bytes_.memory()).substr(offset, size);
  } else {
    directory->own.resize(size);
    if (!Read(offset, size, directory->own.data(), window)) {
      NoteFailure(errno);
      return nullptr;
    }
    directory->bytes = directory->own;
  }
  if (HasRightChecksums(*directory)) return directory;
  NoteFailure(kDamagedManifestCode);
  return nullptr;
}

BlockReader Manifest::Directory(DirId id, DirId offset, ReadWindows* windows) const {
  ReadWindow* const index = windows == nullptr ? nullptr : &windows->index;
  const auto first = RecordAt(id, index);
  if (!first) return BlockReader(std::string_view());
  std::vector<PartSizes> parts = {first->part};
  for (std::uint32_t i = 0; i < first->more; ++i) {
    const auto record = RecordAt(std::uint64_t{first->next} + i, index);
    if (!record) return BlockReader(std::string_view());
    parts.push_back(record->part);
  }
  ReadWindow* const window = windows == nullptr ? nullptr : &windows->parts;
  auto directory = Bytes(first->offset, std::move(parts), window);
  return directory == nullptr ? BlockReader(std::string_view())
                              : BlockReader(std::move(directory), offset);
}

DirId Manifest::ParentOf(DirId id) const {
  const auto record = RecordAt(id);
  return record ? record->parent : 0;
}

std::vector<std::string> Manifest::PathOf(DirId id) const {
  std::vector<std::string> names;
  while (id != 0) {
    const auto record = RecordAt(id);
    const auto part = record ? Bytes(record->offset, {EntriesOf(record->part)}) : nullptr;
    if (part == nullptr) break;
    names.emplace_back(BlockReader(part).head().name);
    id = record->parent;
  }
  std::reverse(names.begin(), names.end());
  return names;
}

// The only part of a directory that can contain the name.
std::shared_ptr<const DirectoryBytes> Manifest::PartWith(const IndexRecord& first,
                                                         std::string_view name) const {
  std::uint32_t low = 0;
  std::uint32_t high = first.more;
  IndexRecord at = first;
  while (low < high) {
    const std::uint32_t middle = high - (high - low) / 2;
    const auto record = RecordAt(std::uint64_t{first.next} + middle - 1);
    if (!record) return nullptr;
    const auto part = Bytes(record->offset, {EntriesOf(record->part)});
    if (part == nullptr) return nullptr;
    const bool is_before = BlockReader::FirstName(part->bytes) <= name;
    if (is_before) at = *record;
    low = is_before ? middle : low;
    high = is_before ? high : middle - 1;
  }
  return Bytes(at.offset, {at.part});
}

std::optional<FoundEntry> Manifest::FindIn(DirId id, std::string_view name) const {
  const auto record = RecordAt(id);
  const auto part = record ? PartWith(*record, name) : nullptr;
  if (part == nullptr) return std::nullopt;
  BlockReader block(part);
  for (Entry entry; block.Next(&entry) && entry.name <= name;) {
    if (entry.name != name) continue;
    if (!is_in_place_) entry.stored_ino = 0;
    return FoundEntry{entry, id, part};
  }
  if (block.malformed()) NoteFailure(kDamagedManifestCode);
  return std::nullopt;
}

Result<std::optional<FoundEntry>> Manifest::Lookup(std::string_view path) const {
  std::optional<FoundEntry> found;
  DirId id = 0;
  while (true) {
    const size_t slash = path.find('/');
    found = FindIn(id, path.substr(0, slash));
    if (auto error = failure()) return std::move(*error);
    if (!found || slash == std::string_view::npos) return found;
    const bool enters = found->entry.type == Type::kDirectory && !found->entry.unread;
    if (!enters) return std::optional<FoundEntry>();
    id = found->entry.directory;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace cura
