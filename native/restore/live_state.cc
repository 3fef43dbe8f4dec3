// One reason per line.
#include "restore/live_state.h"

#include <sys/stat.h>

#include "base/volumes.h"

namespace cura {

namespace {

constexpr std::uint16_t kSuid = S_ISUID | S_ISGID;

bool IsProven(const Entry& live, const Entry& stored) {
  return stored.ino != 0 && live.ino == stored.ino && stored.ctime != Timestamp{} &&
         live.ctime == stored.ctime && live.volume == stored.volume && KeepsInodes(live.volume) &&
         live.size == stored.size && live.mtime == stored.mtime;
}

}  // namespace

// An ordinary user cannot give files away, and others' files keep their groups.
bool MetadataRules::SetsOwner(const Entry& stored, std::uint32_t uid) const {
  if (!keeps_owner_ || stored.uid == kUnknownOwner) return false;
  return is_privileged_ || (stored.uid == user_ && uid == user_);
}

Entry MetadataRules::Wanted(const Entry& stored, const sys::Stat& actual) const {
  Entry wanted = stored;
  const bool sets_owner = keeps_owner_ && stored.uid != kUnknownOwner;
  if (!sets_owner) {
    wanted.uid = actual.uid;
    wanted.gid = actual.gid;
  }
  const bool is_its_owner = wanted.uid == stored.uid && wanted.gid == stored.gid;
  const bool drops = !keeps_suid_ || (!is_its_owner && stored.uid != kUnknownOwner);
  if (drops && wanted.type == Type::kFile) wanted.mode &= static_cast<std::uint16_t>(~kSuid);
  return wanted;
}

LiveState MetadataRules::StateOf(const Entry& live, std::string_view link_target,
                                 const Entry& stored) const {
  if (live.type != stored.type) return LiveState::kType;
  const bool is_file = live.type == Type::kFile;
  if (is_file && live.size != stored.size) return LiveState::kContent;
  if (is_file && live.mtime != stored.mtime) return LiveState::kContent;
  if (live.type == Type::kSymlink && link_target != stored.target) return LiveState::kContent;
  if (IsSpecial(live.type) && live.rdev != stored.rdev) return LiveState::kContent;
  sys::Stat actual;
  actual.uid = live.uid;
  actual.gid = live.gid;
  const Entry wanted = Wanted(stored, actual);
  const bool owner_differs = wanted.uid != live.uid || wanted.gid != live.gid;
  const bool sets_owner = owner_differs && SetsOwner(stored, live.uid);
  const bool same_mode = live.mode == wanted.mode || live.type == Type::kSymlink;
  const bool differs = !same_mode || sets_owner || live.mtime != stored.mtime;
  if (differs && live.type == Type::kDirectory) return LiveState::kMetadata;
  // Another user may have written what looks like this file, and may still have it open. Only a new
  // inode may become somebody else's, or run with the rights of its owner.
  const bool gives_rights = sets_owner || (wanted.mode & kSuid) != 0;
  if (differs) return is_file && !gives_rights ? LiveState::kMetadata : LiveState::kContent;
  return IsProven(live, stored) ? LiveState::kProven : LiveState::kSame;
}

}  // namespace cura
