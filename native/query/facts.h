// What a record says about an entry, and how two of them differ.
#pragma once

#include "base/entry.h"
#include "plan/plan.h"

namespace cura {

// What a record cannot say about its entries.
struct Ignorance {
  bool of_inodes = false;  // the record is a copy, so its stored inodes belong to another tree
  bool of_xattrs = false;  // it was made from the tree
};

// The part of an entry that is compared. The target points into memory of the caller.
struct Facts {
  Type type = Type::kFile;
  bool knows_xattrs = true;
  std::uint16_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;
  Timestamp mtime;
  std::uint64_t stored_ino = 0;  // 0: unknown
  std::uint64_t ino = 0;         // of the source
  std::uint64_t volume = 0;
  std::uint64_t rdev = 0;
  std::uint64_t xattrs = 0;
  Digest digest = kNoDigest;
  std::string_view target;
};

Facts FactsOf(const Entry& entry, Ignorance ignorance);

// Whether both have the same type and stored inode. No published inode is ever written to.
bool ShareInode(const Facts& a, const Facts& b);
// Whether both are directories that were the same one in the source.
bool WereSameDirectory(const Facts& a, const Facts& b);
// kNone, kMetadata, or kChanged: what is in doubt counts as changed.
ChangeKind DifferenceOf(const Facts& before, const Facts& after);

}  // namespace cura
