// Compares what two records say about an entry.
#include "query/facts.h"

namespace cura {

namespace {

bool SameOwner(std::uint32_t a, std::uint32_t b) {
  return a == b || a == kUnknownOwner || b == kUnknownOwner;
}

bool SameFileContent(const Facts& a, const Facts& b) {
  if (a.size != b.size) return false;
  if (a.size == 0) return true;
  if (a.digest != kNoDigest && b.digest != kNoDigest) return a.digest == b.digest;
  // Two inodes with the same size and time may still hold different bytes.
  if (a.stored_ino != 0 && b.stored_ino != 0) return false;
  return a.mtime == b.mtime;
}

bool SameContent(const Facts& a, const Facts& b) {
  if (a.type != b.type) return false;
  if (ShareInode(a, b)) return true;
  switch (a.type) {
    case Type::kFile:
      return SameFileContent(a, b);
    case Type::kSymlink:
      return a.target == b.target;
    default:
      return a.rdev == b.rdev;
  }
}

bool SameXattrs(const Facts& a, const Facts& b) {
  const bool both_known = a.knows_xattrs && b.knows_xattrs;
  return !both_known || ShareInode(a, b) || a.xattrs == b.xattrs;
}

}  // namespace

Facts FactsOf(const Entry& entry, Ignorance ignorance) {
  Facts facts;
  facts.type = entry.type;
  facts.knows_xattrs = !ignorance.of_xattrs;
  facts.mode = entry.mode;
  facts.uid = entry.uid;
  facts.gid = entry.gid;
  facts.size = entry.size;
  facts.mtime = entry.mtime;
  facts.stored_ino = ignorance.of_inodes ? 0 : entry.stored_ino;
  facts.ino = entry.ino;
  facts.volume = entry.volume;
  facts.rdev = entry.rdev;
  facts.xattrs = entry.xattrs;
  facts.digest = entry.digest;
  facts.target = entry.target;
  return facts;
}

bool ShareInode(const Facts& a, const Facts& b) {
  return a.type == b.type && a.stored_ino != 0 && a.stored_ino == b.stored_ino;
}

bool WereSameDirectory(const Facts& a, const Facts& b) {
  return a.type == Type::kDirectory && b.type == a.type && a.ino != 0 && a.ino == b.ino &&
         a.volume == b.volume;
}

ChangeKind DifferenceOf(const Facts& before, const Facts& after) {
  if (!SameContent(before, after)) return ChangeKind::kChanged;
  const bool same = before.mode == after.mode && SameOwner(before.uid, after.uid) &&
                    SameOwner(before.gid, after.gid) && before.mtime == after.mtime &&
                    SameXattrs(before, after);
  return same ? ChangeKind::kNone : ChangeKind::kMetadata;
}

}  // namespace cura
