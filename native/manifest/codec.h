// How a directory's entries are written as bytes: one block per directory.
// docs/manifest.md describes the layout.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/entry.h"

namespace cura {

// A directory's number in its manifest; the root of the tree is 0.
using DirId = std::uint32_t;
inline constexpr DirId kNoDir = 0xFFFFFFFF;

// What stands at the head of a block.
struct BlockHead {
  DirId parent = 0;       // the root is its own parent
  std::string_view name;  // empty for the root
  std::uint64_t dev = 0;  // the device of the source directory
  std::uint64_t volume = 0;
};

// How blocks are written now. The first version has no digests, the second one no volumes.
inline constexpr int kCodecVersion = 3;

// What an entry is written as a difference to: the one before it.
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

// Writes a block, its entries in the order of their names' bytes.
class BlockWriter {
 public:
  explicit BlockWriter(const BlockHead& head);
  void Add(const Entry& entry);
  // The block so far; `Add` must not follow.
  std::string Take();

 private:
  std::uint64_t dev_;
  std::uint64_t volume_;
  std::string bytes_;
  CodecBase last_;
};

// Reads a block. It never reads beyond `bytes`, whatever they are.
class BlockReader {
 public:
  // `offset` is added to the numbers of directories, but not to that of the root.
  explicit BlockReader(std::string_view bytes, int version = kCodecVersion, DirId offset = 0);
  [[nodiscard]] const BlockHead& head() const { return head_; }
  // From now on no entry says which filesystem it was on.
  void ForgetVolumes() { has_volumes_ = false; }
  // False at the end and at the first thing that is not well formed. Views point into the block.
  bool Next(Entry* entry);
  [[nodiscard]] bool malformed() const { return malformed_; }
  // Where the block ends, once Next has said false and nothing was malformed.
  [[nodiscard]] size_t size() const { return at_; }

 private:
  std::uint64_t Number() {
    const auto byte = at_ < bytes_.size() ? static_cast<std::uint8_t>(bytes_[at_]) : 0x80U;
    if (byte >= 0x80U) return LongNumber();
    ++at_;
    return byte;
  }
  std::uint64_t LongNumber();
  std::int64_t Signed();
  std::string_view Bytes(size_t size);
  Timestamp Time(std::int64_t base);
  void ReadDigest(Entry* entry);
  void ReadBody(std::uint64_t flags, Entry* entry);

  std::string_view bytes_;
  int version_;
  DirId offset_;
  bool has_volumes_ = true;
  size_t at_ = 0;
  BlockHead head_;
  CodecBase last_;
  bool malformed_ = false;
};

// Numbers of a fixed size, little endian.
void AppendFixed(std::uint64_t number, size_t size, std::string* out);
std::uint64_t ReadFixed(std::string_view bytes, size_t at, size_t size);

// CRC-32C of `bytes`, going on from the CRC of what came before (0 at the start).
std::uint32_t Crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace cura
