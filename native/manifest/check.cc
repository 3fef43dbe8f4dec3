// Checks a manifest in one pass over the index and one over the parts.
#include "manifest/check.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "manifest/checksum.h"
#include "manifest/manifest.h"

namespace cura {

namespace {

constexpr size_t kWindow = 1U << 20U;
constexpr const char* kUnreadable = "it cannot be read";
constexpr const char* kWrongChecksum = "its checksum is wrong";
constexpr const char* kWrongIndex = "its index is wrong";
constexpr const char* kWrongCount = "its count of entries is wrong";
constexpr const char* kNoTree = "its directories are no tree";
constexpr const char* kMalformed = "an entry is malformed";

// Hashes the name of a directory and the number of its parent into one number.
std::uint64_t LinkOf(DirId parent, std::string_view name) {
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15U;
  const std::uint64_t mixed = (std::hash<std::string_view>()(name) ^ (parent * kSpread)) * kSpread;
  return mixed ^ (mixed >> 29U);
}

// Whether every directory has the root as an ancestor.
bool AllReachRoot(const std::vector<DirId>& parents) {
  std::vector<bool> reaches(parents.size());
  reaches[0] = true;
  std::vector<DirId> way;
  for (DirId id = 0; id < parents.size(); ++id) {
    way.clear();
    for (DirId at = id; !reaches[at]; at = parents[at]) {
      if (way.size() == parents.size()) return false;
      way.push_back(at);
    }
    for (const DirId at : way) reaches[at] = true;
  }
  return true;
}

}  // namespace

bool HasRightChecksums(const DirectoryBytes& directory) {
  size_t place = 0;
  for (const PartSizes& part : directory.parts) {
    for (size_t i = 0; i < kSections; ++i) {
      const std::string_view section = directory.bytes.substr(place, part.sizes[i]);
      if (Crc32c(section) != part.checksums[i]) return false;
      place += part.sizes[i];
    }
  }
  return true;
}

class ManifestCheck {
 public:
  explicit ManifestCheck(const Manifest& manifest) : manifest_(manifest) {}

  std::string Run() {
    if (std::string why = ReadIndex(); !why.empty()) return why;
    if (!AllReachRoot(parents_)) return kNoTree;
    if (std::string why = ReadParts(); !why.empty()) return why;
    if (entries_ != manifest_.entries_) return kWrongCount;
    const bool all_named = std::all_of(named_.begin() + 1, named_.end(), std::identity());
    const bool all_agree =
        std::all_of(links_.begin(), links_.end(), [](std::uint64_t link) { return link == 0; });
    return all_named && all_agree ? "" : kNoTree;
  }

 private:
  struct Place {
    std::uint64_t offset = 0;
    std::uint32_t number = 0;  // of the record
  };

  // Returns the bytes from `offset` on, through a window that moves ahead, or null if they cannot
  // be read.
  const char* Window(std::uint64_t offset, size_t size, std::uint64_t end) {
    const bool is_inside =
        offset >= window_at_ && offset + size <= window_at_ + window_.size() && !window_.empty();
    if (!is_inside) {
      window_at_ = offset;
      window_.resize(std::max<std::uint64_t>(size, std::min<std::uint64_t>(kWindow, end - offset)));
      if (!manifest_.Read(offset, window_.size(), window_.data())) return nullptr;
    }
    return window_.data() + (offset - window_at_);
  }

  std::string ReadIndex() {
    const std::uint64_t end = manifest_.index_ + manifest_.records_ * kRecordSize;
    std::uint32_t checksum = 0;
    std::uint32_t former = 0;  // earlier programs included the checksums of the records
    // Do not reserve memory for records in advance, because their count may be wrong.
    for (std::uint32_t number = 0; number < manifest_.records_; ++number) {
      const char* const at =
          Window(manifest_.index_ + std::uint64_t{number} * kRecordSize, kRecordSize, end);
      if (at == nullptr) return kUnreadable;
      const std::string_view bytes(at, kRecordSize);
      const auto record = ReadRecord(bytes, number);
      if (!record) return kWrongChecksum;
      checksum = IndexChecksum(bytes, checksum);
      former = Crc32c(bytes, former);
      if (record->part.total() > kLargestPart) return kWrongIndex;
      places_.push_back({record->offset, number});
      if (number >= manifest_.directories_) continue;
      if (record->parent >= manifest_.directories_) return kNoTree;
      parents_.push_back(record->parent);
    }
    const std::uint32_t recorded = manifest_.index_checksum_;
    return recorded == checksum || recorded == former ? "" : kWrongChecksum;
  }

  // Checks that the parts follow each other without gaps, and those of a directory in order.
  std::string ReadParts() {
    std::sort(places_.begin(), places_.end(),
              [](const Place& a, const Place& b) { return a.offset < b.offset; });
    named_.resize(manifest_.directories_);
    links_.resize(manifest_.directories_);
    window_.clear();
    std::uint64_t offset = kManifestHead.size();
    for (const Place& place : places_) {
      const auto record = manifest_.RecordAt(place.number);
      if (!record) return kUnreadable;
      if (place.offset != offset || record->part.total() > manifest_.index_ - offset) {
        return kWrongIndex;
      }
      if (std::string why = EnterPart(place.number, *record); !why.empty()) return why;
      if (std::string why = ReadPart(*record); !why.empty()) return why;
      offset += record->part.total();
    }
    return offset == manifest_.index_ && left_ == 0 ? "" : kWrongIndex;
  }

  // Begins a directory, or continues it with its next part.
  std::string EnterPart(std::uint32_t number, const IndexRecord& record) {
    is_further_ = number >= manifest_.directories_;
    if (is_further_ != (left_ > 0)) return kWrongIndex;
    if (is_further_) {
      if (number != next_ || record.parent != id_) return kWrongIndex;
      --left_;
      ++next_;
      return {};
    }
    id_ = number;
    next_ = record.next;
    left_ = record.more;
    last_name_.clear();
    return {};
  }

  std::string ReadPart(const IndexRecord& record) {
    const char* at = Window(record.offset, record.part.total(), manifest_.index_);
    if (at == nullptr) return kUnreadable;
    SectionViews sections;
    for (size_t i = 0; i < kSections; ++i) {
      sections[i] = std::string_view(at, record.part.sizes[i]);
      if (Crc32c(sections[i]) != record.part.checksums[i]) return kWrongChecksum;
      at += record.part.sizes[i];
    }
    BlockReader block = BlockReader::OfPart(sections);
    if (std::string why = ReadHead(block.head()); !why.empty()) return why;
    bool has_entries = false;
    std::string_view last;
    for (Entry entry; block.Next(&entry); has_entries = true, last = entry.name) {
      if (!has_entries && is_further_ && entry.name <= last_name_) return kMalformed;
      if (++entries_ > manifest_.entries_) return kWrongCount;
      if (entry.type == Type::kDirectory && !NoteChild(entry)) return kNoTree;
    }
    if (block.malformed() || (is_further_ && !has_entries)) return kMalformed;
    last_name_ = last;
    return {};
  }

  std::string ReadHead(const BlockHead& head) {
    if ((id_ == 0) != head.name.empty()) return "a directory has no name";
    if (head.parent != parents_[id_]) return kNoTree;
    if (is_further_) {
      const bool is_same =
          head.name == head_name_ && head.dev == head_.dev && head.volume == head_.volume;
      return is_same ? "" : kMalformed;
    }
    head_ = head;
    head_name_ = head.name;
    if (id_ != 0) links_[id_] ^= LinkOf(head.parent, head.name);
    return {};
  }

  // Every directory but the root must be listed once, by the directory that it names as its parent.
  bool NoteChild(const Entry& entry) {
    if (entry.unread) return entry.directory == 0;
    const DirId child = entry.directory;
    if (child == 0 || child >= manifest_.directories_ || named_[child]) return false;
    named_[child] = true;
    links_[child] ^= LinkOf(id_, entry.name);
    return true;
  }

  const Manifest& manifest_;
  std::vector<Place> places_;
  std::vector<DirId> parents_;
  std::vector<std::uint64_t> links_;  // by directory: XOR of what it and its parent say about it
  std::vector<bool> named_;
  std::uint64_t entries_ = 0;
  std::string window_;
  std::uint64_t window_at_ = 0;
  // The current directory.
  DirId id_ = 0;
  std::uint32_t next_ = 0;  // record of its next part
  std::uint32_t left_ = 0;  // its parts that are not read yet
  std::string last_name_;
  bool is_further_ = false;  // this part is not its first one
  BlockHead head_;
  std::string head_name_;
};

std::string CheckWhole(const Manifest& manifest) { return ManifestCheck(manifest).Run(); }

}  // namespace cura
