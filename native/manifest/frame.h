// The parts of a manifest with a fixed size: head, index records, footer.
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

// Where a manifest was written: what it says of stored inodes holds there alone.
struct Stamp {
  std::uint64_t ino = 0;  // the manifest's own; 0: none
  std::uint64_t volume = 0;
  bool operator==(const Stamp&) const = default;
};

// The stamp of a manifest that lies in this file.
Stamp StampOf(const Fd& file);

// Whether `bytes` begin with a mark, whatever the version.
bool HasMark(std::string_view bytes, std::string_view mark);

// Where a part lies. The record of a directory, at its number, is that of its first part.
struct IndexRecord {
  std::uint64_t offset = 0;
  PartSizes part;
  DirId parent = 0;        // of a further part: its directory
  std::uint32_t next = 0;  // number of the record of the second part
  std::uint32_t more = 0;  // parts after the first
};
inline constexpr size_t kRecordSize = 48;

// Each record has a checksum of its own, over its number too, so that it can be read alone.
void AppendRecord(const IndexRecord& record, std::uint64_t number, std::string* out);
// Nothing where the checksum is wrong.
std::optional<IndexRecord> ReadRecord(std::string_view bytes, std::uint64_t number);

struct Footer {
  std::uint64_t directories = 0;
  std::uint64_t records = 0;
  std::uint64_t entries = 0;
  std::uint64_t index = 0;  // its offset
  Stamp stamp;
  std::uint32_t index_checksum = 0;
};
inline constexpr size_t kFooterSize = 6 * 8 + 4 + 4 + kManifestTail.size();

void AppendFooter(const Footer& footer, std::string* out);
// The footer of a manifest of that size, or a sentence that says what is wrong.
std::variant<Footer, std::string> ReadFooter(std::string_view bytes, std::uint64_t file_size);
// The footer's own checksum. It covers that of the index, which covers those of all parts, so it
// tells a manifest from any other.
std::uint32_t ChecksumIn(std::string_view footer);

// A part has at most this many bytes: it ends with the first entry beyond kPartTarget.
inline constexpr size_t kPartTarget = 4096;
inline constexpr size_t kLargestPart = 65536;

}  // namespace cura
