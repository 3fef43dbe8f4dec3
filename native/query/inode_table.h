// Counts the names that each inode of a store has in its snapshots, for questions about space.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "platform/sys.h"

namespace cura {

// Where a name is: the number of its snapshot, and whether that is in the asked set.
struct NamePlace {
  std::uint32_t snapshot = 0;
  bool in_set = false;
};

// What is known of one inode that is not a directory.
struct InodeUse {
  static constexpr std::uint32_t kSeveral = 0x3FFFFFFF;

  std::uint64_t ino = 0;
  std::uint64_t allocated = 0;  // bytes on disk
  std::uint32_t nlink = 0;      // names anywhere
  std::uint32_t names = 0;      // counted names
  // The number of the only snapshot with a name of it, or kSeveral.
  std::uint32_t only : 30 = kSeveral;
  std::uint32_t outside : 1 = 0;  // has a name in a snapshot that is not in the set
  std::uint32_t is_met : 1 = 0;   // in the current round
};
static_assert(sizeof(InodeUse) == 32);

// All inodes that have been met, by number. Several threads may add names.
class InodeTable {
 public:
  // Counts one more name of a known inode. Returns false, and counts nothing, for an unknown one:
  // the caller looks at it and calls Add.
  bool AddName(std::uint64_t ino, NamePlace place);
  // Counts a name of an inode that stat has just shown.
  void Add(const sys::Stat& stat, NamePlace place);

  // What is known of an inode; nothing if it has not been met.
  [[nodiscard]] const InodeUse* Find(std::uint64_t ino) const;
  // Begins a round in which each inode is met once.
  void BeginRound();
  // Returns whether a known inode is met for the first time in this round. Not for several threads.
  bool Meet(std::uint64_t ino);
  // Calls `visit` for each inode. Not while names are added.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const Shard& shard : shards_) {
      for (const InodeUse& use : shard.slots) {
        if (use.names > 0) visit(use);
      }
    }
  }

 private:
  static constexpr size_t kShards = 64;

  // A part of the table, so that threads seldom wait for each other. Open addressing.
  struct Shard {
    mutable std::mutex mutex;
    std::vector<InodeUse> slots;  // their number is a power of two
    size_t used = 0;

    // The slot of the inode, or the empty one where it belongs. There must be a free slot.
    [[nodiscard]] size_t SlotOf(std::uint64_t ino) const;
    void Grow();
  };

  static size_t Hash(std::uint64_t ino) {
    const std::uint64_t mixed = ino * 0x9E3779B97F4A7C15U;
    return static_cast<size_t>(mixed ^ (mixed >> 32U));
  }
  Shard& ShardOf(std::uint64_t ino) { return shards_[Hash(ino) % kShards]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace cura
