// One entry of a tree, as the scan finds it and as a manifest keeps it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "platform/sys.h"

namespace cura {

using sys::Timestamp;

// SHA-256 of a file's content; all zero: not known.
using Digest = sys::Sha256::Digest;
inline constexpr Digest kNoDigest{};

// Stands in a rebuilt manifest for an owner that the stored tree does not show.
inline constexpr std::uint32_t kUnknownOwner = 0xFFFFFFFF;

// At the top of a snapshot, names that start with this belong to the store.
inline constexpr std::string_view kReserved = ".backup_";

enum class Type : std::uint8_t {
  kFile,
  kDirectory,
  kSymlink,
  kFifo,
  kCharDevice,
  kBlockDevice,
  kSocket,  // never in a manifest: a socket means nothing without its process
};

// Views point into the listing or the manifest that the entry was read from.
struct Entry {
  std::string_view name;
  Type type = Type::kFile;
  bool linked = false;  // not a directory, and its inode has other names
  bool unread = false;  // could not be read: reported, in no tree
  // It is unread because the store cannot hold it.
  bool not_stored = false;
  bool carried = false;    // as the previous manifest has it, for the source could not tell
  bool boundary = false;   // a directory on a filesystem that is to be left out
  std::uint16_t mode = 0;  // permission bits with suid, sgid and sticky
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;  // of regular files and symlinks
  Timestamp mtime;
  Timestamp ctime;  // all zero: not proven, so that the next run has to look into it
  std::uint64_t dev = 0;
  std::uint64_t volume = 0;      // the filesystem that has it, see volumes.h; 0: not known
  std::uint64_t ino = 0;         // of the source; 0: not known, and then neither is ctime
  std::uint64_t stored_ino = 0;  // of the snapshot's own inode; 0: there is none
  std::uint64_t rdev = 0;
  std::uint64_t xattrs = 0;     // digest of the extended attributes, 0: none
  Digest digest = kNoDigest;    // of a regular file's stored content
  std::string_view target;      // of a symlink
  std::uint32_t directory = 0;  // a directory's number in its manifest
  std::uint64_t allocated = 0;  // bytes on disk; like `carried` and `names` not in manifests
  std::uint32_t nlink = 0;      // of its inode, wherever they are
};

// In place of a ctime that --ignore-ctime has passed over: no file has it, so that a run without
// the flag looks into the file, and one with it does not.
inline constexpr Timestamp kPassedOver{0, 2};

// An inode's identity while it is in use.
struct Identity {
  std::uint64_t dev = 0;
  std::uint64_t ino = 0;
  bool operator==(const Identity&) const = default;
};

struct IdentityHash {
  size_t operator()(const Identity& id) const { return id.ino * 0x9E3779B97F4A7C15U ^ id.dev; }
};

Type TypeOf(std::uint32_t mode);

// The bits that mknod and stat use for a type.
std::uint32_t TypeBits(Type type);

// An entry without name and target from what stat said.
Entry EntryOf(const sys::Stat& stat);

inline bool IsSpecial(Type type) {
  return type == Type::kFifo || type == Type::kCharDevice || type == Type::kBlockDevice;
}

}  // namespace cura
