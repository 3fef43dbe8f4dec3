// Decides whether two entries of records have the same content.
#pragma once

#include "base/entry.h"

namespace cura {

// The target of a symlink and the number of a device are content; a directory's names are not.
// Files without two known digests have the same content only if they are one stored inode with the
// same size and time; if a stored inode is unknown, size and time decide.
inline bool HasSameContent(const Entry& a, const Entry& b) {
  if (a.type != b.type) return false;
  if (a.type == Type::kDirectory) return true;
  if (a.type == Type::kSymlink) return a.target == b.target;
  if (a.type != Type::kFile) return a.rdev == b.rdev;
  if (a.size != b.size) return false;
  if (a.digest != kNoDigest && b.digest != kNoDigest) return a.digest == b.digest;
  const bool has_inodes = a.stored_ino != 0 && b.stored_ino != 0;
  return a.mtime == b.mtime && (!has_inodes || a.stored_ino == b.stored_ino);
}

// Whether mode, owner, time and extended attributes are equal as far as they are known.
inline bool HasSameMetadata(const Entry& a, const Entry& b) {
  const bool has_owners = a.uid != kUnknownOwner && b.uid != kUnknownOwner &&
                          a.gid != kUnknownOwner && b.gid != kUnknownOwner;
  const bool same_owner = !has_owners || (a.uid == b.uid && a.gid == b.gid);
  return a.mode == b.mode && same_owner && a.mtime == b.mtime && a.xattrs == b.xattrs;
}

}  // namespace cura
