// Keeps inodes in hash tables of their own, because a store may have millions of them.
#include "query/inode_table.h"

#include <utility>

namespace cura {

namespace {

constexpr size_t kFirstSlots = 64;

// Counts one more name.
void Count(NamePlace place, InodeUse* use) {
  if (use->names == 0) use->only = place.snapshot;
  if (use->only != place.snapshot) use->only = InodeUse::kSeveral;
  if (!place.in_set) use->outside = 1;
  ++use->names;
}

}  // namespace

size_t InodeTable::Shard::SlotOf(std::uint64_t ino) const {
  const size_t mask = slots.size() - 1;
  size_t slot = (Hash(ino) / kShards) & mask;
  while (slots[slot].names > 0 && slots[slot].ino != ino) slot = (slot + 1) & mask;
  return slot;
}

void InodeTable::Shard::Grow() {
  std::vector<InodeUse> grown(slots.empty() ? kFirstSlots : 2 * slots.size());
  std::swap(slots, grown);
  for (const InodeUse& use : grown) {
    if (use.names > 0) slots[SlotOf(use.ino)] = use;
  }
}

bool InodeTable::AddName(std::uint64_t ino, NamePlace place) {
  Shard& shard = ShardOf(ino);
  const std::lock_guard lock(shard.mutex);
  if (shard.used == 0) return false;
  InodeUse& use = shard.slots[shard.SlotOf(ino)];
  if (use.names == 0) return false;
  Count(place, &use);
  return true;
}

void InodeTable::Add(const sys::Stat& stat, NamePlace place) {
  Shard& shard = ShardOf(stat.ino);
  const std::lock_guard lock(shard.mutex);
  // At most four of five slots are used, because long runs of used slots are slow.
  if (5 * shard.used >= 4 * shard.slots.size()) shard.Grow();
  InodeUse& use = shard.slots[shard.SlotOf(stat.ino)];
  if (use.names == 0) ++shard.used;
  use.ino = stat.ino;
  use.allocated = stat.allocated;
  use.nlink = stat.nlink;
  Count(place, &use);
}

const InodeUse* InodeTable::Find(std::uint64_t ino) const {
  const Shard& shard = shards_[Hash(ino) % kShards];
  if (shard.used == 0) return nullptr;
  const InodeUse& use = shard.slots[shard.SlotOf(ino)];
  return use.names == 0 ? nullptr : &use;
}

void InodeTable::BeginRound() {
  for (Shard& shard : shards_) {
    for (InodeUse& use : shard.slots) use.is_met = 0;
  }
}

bool InodeTable::Meet(std::uint64_t ino) {
  Shard& shard = ShardOf(ino);
  InodeUse& use = shard.slots[shard.SlotOf(ino)];
  const bool is_first = use.is_met == 0;
  use.is_met = 1;
  return is_first;
}

}  // namespace cura
