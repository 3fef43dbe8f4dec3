// Scans the records of bases for damaged inodes.
#include "store/without_damaged.h"

#include <algorithm>
#include <utility>

namespace cura {

namespace {

BlockReader BlockOf(const Base& base, DirId id) {
  const auto newer = base.newer.find(id);
  return newer != base.newer.end() ? BlockReader(newer->second)
                                   : base.stored.manifest->Directory(id);
}

// Without a ctime the next comparison counts the entry as changed, if only its inode is known.
void Hide(Entry* entry) {
  if (entry->ino == 0) entry->ino = entry->stored_ino;
  entry->unread = true;
  entry->ctime = {};
  entry->stored_ino = 0;
  entry->digest = kNoDigest;
}

}  // namespace

DamagedInodes::DamagedInodes(const std::vector<DamagedInode>& damaged) {
  for (const DamagedInode& one : damaged) keys_.emplace(one.ino, one.key);
}

bool DamagedInodes::Has(const Entry& stored) const {
  const bool may_be = stored.type != Type::kDirectory && !stored.unread && stored.stored_ino != 0;
  if (!may_be) return false;
  const auto [first, last] = keys_.equal_range(stored.stored_ino);
  if (first == last) return false;
  if (stored.type == Type::kFile && stored.digest == kNoDigest) return true;
  Entry without = stored;
  without.digest = kNoDigest;
  return std::any_of(first, last, [&](const auto& one) {
    return one.second == ScrubKey(stored) || one.second == ScrubKey(without);
  });
}

std::vector<HiddenNames> HideDamaged(Base* base, const DamagedInodes& damaged) {
  std::vector<HiddenNames> hidden;
  const DirId directories = damaged.empty() ? 0 : base->stored.manifest->directories();
  for (DirId id = 0; id < directories; ++id) {
    std::vector<std::string> names;
    BlockReader block = BlockOf(*base, id);
    for (Entry entry; block.Next(&entry);) {
      if (damaged.Has(entry)) names.emplace_back(entry.name);
    }
    if (names.empty()) continue;
    BlockReader from = BlockOf(*base, id);
    BlockWriter to(from.head());
    for (Entry entry; from.Next(&entry);) {
      if (damaged.Has(entry)) Hide(&entry);
      to.Add(entry);
    }
    base->newer.insert_or_assign(id, to.Take());
    hidden.push_back({base->stored.manifest->PathOf(id), std::move(names)});
  }
  return hidden;
}

}  // namespace cura
