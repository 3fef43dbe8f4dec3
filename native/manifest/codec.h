// Encodes the entries of a directory. docs/manifest.md describes the layout.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/entry.h"

namespace cura {

// A directory's number in its manifest; the root of the tree is 0.
using DirId = std::uint32_t;
inline constexpr DirId kNoDir = 0xFFFFFFFF;

// The first fields of a block.
struct BlockHead {
  DirId parent = 0;       // the root is its own parent
  std::string_view name;  // empty for the root
  std::uint64_t dev = 0;  // the device of the source directory
  std::uint64_t volume = 0;
  bool operator==(const BlockHead&) const = default;
};

// The version that is written. Version 1 has no digests, and versions 1 and 2 have no volumes.
inline constexpr int kCodecVersion = 3;

// The sections of a block. In memory and before format 4, one stream of bytes has all three.
enum Section : std::uint8_t { kEntries, kStoredInodes, kDigests };
inline constexpr size_t kSections = 3;
using SectionViews = std::array<std::string_view, kSections>;

// The output of a writer, by section.
struct Streams {
  std::string* entries;
  std::string* stored_inodes;
  std::string* digests;
};

// The preceding entry. The next entry is encoded as its difference from this one.
struct CodecBase {
  std::string_view name;
  std::uint16_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t mtime_s = 0;
  std::int64_t ctime_s = 0;
  std::uint64_t ino = 0;
  std::uint64_t stored_ino = 0;

  void Follow(const Entry& entry) {
    name = entry.name;
    mode = entry.mode;
    uid = entry.uid;
    gid = entry.gid;
    mtime_s = entry.mtime.sec;
    ctime_s = entry.ctime.sec;
    ino = entry.ino;
    if (entry.type != Type::kDirectory) stored_ino = entry.stored_ino;
  }
};

void EncodeHead(const BlockHead& head, std::string* out);
void EncodeEntry(const Entry& entry, const BlockHead& head, const CodecBase& last,
                 const Streams& out);
void EncodeEnd(std::string* out);

// Encodes a block as one stream. Entries must be added in the byte order of their names.
class BlockWriter {
 public:
  // `head.name` is not used after the constructor.
  explicit BlockWriter(const BlockHead& head);
  void Add(const Entry& entry);
  // Returns the block. Do not call `Add` afterwards.
  std::string Take();

 private:
  BlockHead head_;
  std::string bytes_;
  CodecBase last_;
};

// Sizes and checksums of the sections of a part.
struct PartSizes {
  std::array<std::uint32_t, kSections> sizes{};
  std::array<std::uint32_t, kSections> checksums{};

  [[nodiscard]] std::uint64_t total() const {
    return std::uint64_t{sizes[kEntries]} + sizes[kStoredInodes] + sizes[kDigests];
  }
};

// The bytes of a directory in format 4: one or more parts, each with its sections one after the
// other. Several parts keep a lookup in a large directory cheap.
struct DirectoryBytes {
  std::string_view bytes;
  std::vector<PartSizes> parts;
  std::string own;                     // has the bytes, or
  std::shared_ptr<const void> keeper;  // keeps them alive
};

// Reads the blocks of a directory, and never reads beyond the given bytes. Entries point into these
// bytes: they are valid while the caller holds `owner`, or the bytes.
class BlockReader {
 public:
  // Reads a block in one stream. Adds `offset` to the numbers of directories, except to the root's.
  explicit BlockReader(std::string_view bytes, int version = kCodecVersion, DirId offset = 0);
  explicit BlockReader(std::shared_ptr<const DirectoryBytes> directory, DirId offset = 0);
  // Reads a single part.
  static BlockReader OfPart(const SectionViews& sections);
  // The name of the first entry of a part, from its section of entries; empty if there is none.
  static std::string_view FirstName(std::string_view entries);

  [[nodiscard]] const BlockHead& head() const { return head_; }
  // Whether the directory of a fresh reader has the same bytes as that of another one, apart from
  // its place in the tree and the filesystem that most entries are on. All other facts are then
  // equal.
  [[nodiscard]] bool HasSameBytes(const BlockReader& other) const;
  // Makes the volume of all further entries unknown.
  void ForgetVolumes() { has_volumes_ = false; }
  // Returns false at the end, and at the first malformed entry.
  bool Next(Entry* entry);
  [[nodiscard]] bool malformed() const { return malformed_; }
  // The size of a block in one stream. Valid after Next returned false and nothing was malformed.
  [[nodiscard]] size_t size() const { return streams_[kEntries].at; }
  [[nodiscard]] std::shared_ptr<const void> owner() const { return directory_; }

 private:
  struct Stream {
    std::string_view bytes;
    size_t at = 0;
  };

  BlockReader() = default;
  void ReadHead(BlockHead* head);
  void OpenPart();
  bool EnterNextPart();
  [[nodiscard]] bool AreAllAtEnd() const;
  Stream& In(Section section) { return streams_[is_split_ ? section : kEntries]; }
  std::uint64_t Number(Section section = kEntries) {
    Stream& from = In(section);
    const auto byte =
        from.at < from.bytes.size() ? static_cast<std::uint8_t>(from.bytes[from.at]) : 0x80U;
    if (byte >= 0x80U) return LongNumber(&from);
    ++from.at;
    return byte;
  }
  std::uint64_t LongNumber(Stream* from);
  std::int64_t Signed(Section section = kEntries);
  std::string_view Bytes(size_t size, Section section = kEntries);
  Timestamp Time(std::int64_t base);
  void ReadDigest(Entry* entry);
  void ReadBody(std::uint64_t flags, Entry* entry);

  std::shared_ptr<const DirectoryBytes> directory_;
  std::array<Stream, kSections> streams_;
  size_t part_ = 0;
  size_t place_ = 0;  // offset of the next part
  int version_ = kCodecVersion;
  DirId offset_ = 0;
  bool is_split_ = false;
  bool has_volumes_ = true;
  BlockHead head_;
  CodecBase last_;
  bool malformed_ = false;
};

}  // namespace cura
