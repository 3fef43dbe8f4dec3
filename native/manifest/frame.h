// Encodes the parts of a manifest that have a fixed size: head, index records, footer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "manifest/codec.h"
#include "platform/fd.h"

namespace cura {

inline constexpr const char* kManifestName = ".backup_manifest";
inline constexpr int kManifestVersion = 4;
// The last byte of both marks is the version.
inline constexpr std::string_view kManifestHead = "CURAMAN\x04";
inline constexpr std::string_view kManifestTail = "CURAEND\x04";

// The file that a manifest was written to. Its stored inode numbers are valid only in that file.
struct Stamp {
  std::uint64_t ino = 0;  // inode of the manifest; 0: none
  std::uint64_t volume = 0;
  bool operator==(const Stamp&) const = default;
};

// The stamp of a manifest in this file.
Stamp StampOf(const Fd& file);

// Whether `bytes` begin with a mark, of any version.
bool HasMark(std::string_view bytes, std::string_view mark);

// The place of a part. The record with the number of a directory describes its first part.
struct IndexRecord {
  std::uint64_t offset = 0;
  PartSizes part;
  DirId parent = 0;        // in a further part: its directory
  std::uint32_t next = 0;  // record number of the second part
  std::uint32_t more = 0;  // parts after the first
};
inline constexpr size_t kRecordSize = 48;

// Each record has its own checksum, which also covers its number, so that it can be read alone.
void AppendRecord(const IndexRecord& record, std::uint64_t number, std::string* out);
// Returns nothing if the checksum is wrong.
std::optional<IndexRecord> ReadRecord(std::string_view bytes, std::uint64_t number);
// The checksum of an index that ends with this record; `before` is that of the records before. It
// leaves out the record's own checksum, because a CRC over bytes and their CRC is always the same.
std::uint32_t IndexChecksum(std::string_view record, std::uint32_t before);

struct Footer {
  std::uint64_t directories = 0;
  std::uint64_t records = 0;
  std::uint64_t entries = 0;
  std::uint64_t index = 0;  // offset of the index
  Stamp stamp;
  std::uint32_t index_checksum = 0;
};
inline constexpr size_t kFooterSize = 6 * 8 + 4 + 4 + kManifestTail.size();

void AppendFooter(const Footer& footer, std::string* out);
// Returns the footer of a manifest of that size, or a sentence about what is wrong.
std::variant<Footer, std::string> ReadFooter(std::string_view bytes, std::uint64_t file_size);
// The checksum of the footer. It covers the checksum of the index and thereby those of all parts,
// so it identifies the manifest.
std::uint32_t ChecksumIn(std::string_view footer);

// The maximum size of a part. A part ends with the first entry beyond kPartTarget.
inline constexpr size_t kPartTarget = 4096;
inline constexpr size_t kLargestPart = 65536;

}  // namespace cura
