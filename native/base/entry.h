// One entry of a tree, as the scan finds it and a manifest stores it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "platform/sys.h"

namespace cura {

using sys::Timestamp;

// SHA-256 of a file's content; all zero if unknown.
using Digest = sys::Sha256::Digest;
inline constexpr Digest kNoDigest{};

// The owner in a rebuilt manifest if the stored tree does not show it.
inline constexpr std::uint32_t kUnknownOwner = 0xFFFFFFFF;

// Names at the top of a snapshot that start with this prefix belong to the store.
inline constexpr std::string_view kReserved = ".backup_";

enum class Type : std::uint8_t {
  kFile,
  kDirectory,
  kSymlink,
  kFifo,
  kCharDevice,
  kBlockDevice,
  kSocket,  // never in a manifest, because a socket is useless without its process
};

// Views point into the listing or the manifest that the entry was read from.
struct Entry {
  std::string_view name;
  Type type = Type::kFile;
  bool linked = false;  // not a directory, and its inode has other names
  bool unread = false;  // could not be read: reported, and in no tree
  // It is unread because the store cannot hold it.
  bool not_stored = false;
  bool carried = false;   // copied from the previous manifest, because the source could not be read
  bool boundary = false;  // a directory on a filesystem that is excluded
  std::uint16_t mode = 0;  // permission bits with suid, sgid and sticky
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;  // of regular files and symlinks
  Timestamp mtime;
  Timestamp ctime;  // all zero: not proven, so the next run must check the entry
  std::uint64_t dev = 0;
  std::uint64_t volume = 0;      // the filesystem of the entry, see volumes.h; 0: unknown
  std::uint64_t ino = 0;         // of the source; 0: unknown, and the ctime too
  std::uint64_t stored_ino = 0;  // of the inode in the snapshot; 0: none
  std::uint64_t rdev = 0;
  std::uint64_t xattrs = 0;     // hash of the extended attributes; 0: none
  Digest digest = kNoDigest;    // of a regular file's stored content
  std::string_view target;      // of a symlink
  std::uint32_t directory = 0;  // a directory's number in its manifest
  std::uint64_t allocated = 0;  // bytes on disk; not stored in manifests
  std::uint32_t nlink = 0;      // link count of the inode, wherever its names are
};

// Replaces a ctime that --ignore-ctime ignored. No file has this ctime, so a later run without the
// flag checks the file, and a run with the flag does not.
inline constexpr Timestamp kPassedOver{0, 2};

// Identifies an inode while it is in use.
struct Identity {
  std::uint64_t dev = 0;
  std::uint64_t ino = 0;
  bool operator==(const Identity&) const = default;
};

struct IdentityHash {
  size_t operator()(const Identity& id) const { return id.ino * 0x9E3779B97F4A7C15U ^ id.dev; }
};

Type TypeOf(std::uint32_t mode);

// The bits of mknod and stat for a type.
std::uint32_t TypeBits(Type type);

// Makes an entry from a stat result, without name and target.
Entry EntryOf(const sys::Stat& stat);

inline bool IsSpecial(Type type) {
  return type == Type::kFifo || type == Type::kCharDevice || type == Type::kBlockDevice;
}

}  // namespace cura
