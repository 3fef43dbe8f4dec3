// Decides how an entry differs, with one reason per line.
#include "plan/difference.h"

namespace cura {

bool SameModeAndOwner(const Entry& now, const Entry& before) {
  const bool owner_known = before.uid != kUnknownOwner;
  return now.mode == before.mode &&
         (!owner_known || (now.uid == before.uid && now.gid == before.gid));
}

Difference Compare(const Entry& now, const Entry* before, std::uint64_t store_dev,
                   const Trust& trust) {
  if (before == nullptr) return Difference::kCreated;
  if (now.type != before->type) return Difference::kType;
  const bool known = before->ino != 0;
  // Ignores the device, since many filesystems get another number at each mount.
  const bool same_volume = now.volume != 0 && now.volume == before->volume;
  // An entry without a ctime was not proven, so this run must check it.
  const bool believes_ctime = trust.ctimes || before->ctime == Timestamp{};
  const bool touched =
      known && ((trust.inodes && now.ino != before->ino) ||
                (believes_ctime && now.ctime != before->ctime) || before->ctime == Timestamp{});
  if (before->unread) return touched ? Difference::kContent : Difference::kUnread;
  const bool moved = touched || (known && !same_volume);
  if (now.size != before->size) return Difference::kContent;
  if (now.rdev != before->rdev) return Difference::kContent;
  if (now.type == Type::kDirectory) {
    if (!SameModeAndOwner(now, *before) || now.mtime != before->mtime) return Difference::kMetadata;
  } else {
    if (now.mtime != before->mtime) return Difference::kContent;
    if (now.ino == before->stored_ino && now.dev == store_dev) return Difference::kContent;
  }
  if (moved) return Difference::kMoved;
  const bool doubts = !trust.contents && now.type == Type::kFile;
  if (!SameModeAndOwner(now, *before)) {
    // Without evidence the content may differ as well.
    const bool may_differ = doubts || (!known && now.type == Type::kFile);
    return may_differ ? Difference::kMoved : Difference::kMetadata;
  }
  if (!known) return doubts ? Difference::kMoved : Difference::kUnproven;
  return doubts ? Difference::kUnchecked : Difference::kNone;
}

}  // namespace cura
