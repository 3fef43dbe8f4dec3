// The plan: the directories in which something differs, and what to do with each entry.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "store/previous.h"

namespace cura {

// How an entry of the new tree is made.
enum class Step : std::uint8_t {
  kLink,       // link to the previous snapshot
  kCopy,       // copy the content, or make a symlink or special file, from the source
  kClone,      // content from the previous snapshot's file, metadata from the source
  kFollow,     // link to the first entry of its link group in the new tree
  kDirectory,  // make the directory, then its entries
  kUnread,     // make nothing: it cannot be read, and is only in the manifest
};

// How an entry has changed, for reports.
enum class ChangeKind : std::uint8_t { kNone, kNew, kChanged, kMetadata, kRenamed, kDeleted };
inline constexpr size_t kChangeKinds = 6;

struct Decision {
  Step step = Step::kCopy;
  ChangeKind change = ChangeKind::kNone;
};

// The previous place of a moved entry, and what the manifest knows of it.
struct MovedFrom {
  DirId dir = kNoDir;
  std::string name;
  std::uint64_t stored_ino = 0;
  std::uint64_t xattrs = 0;
  Digest digest = kNoDigest;
};

// The number of a planned directory (with kPlannedBit), or of an unchanged one in the previous
// manifest. Directory entries carry it in a plan's blocks.
using DirRef = std::uint32_t;
inline constexpr DirRef kPlannedBit = 0x80000000;

// Fields that few directories need.
struct PlannedExtras {
  std::optional<Identity> replaced;  // the source directory that replaced the listed one
  std::map<std::uint32_t, MovedFrom> moved_from;  // moved entries, by their place in the block
};

// Kept small, because a first backup plans every directory.
struct PlannedDir {
  DirId previous = kNoDir;                // its number in the previous manifest
  DirRef parent = 0;                      // of a new directory: its parent's number in the plan
  std::string_view block;                 // in the plan's arena, like the decisions
  std::span<Decision> decisions;          // one for each entry of the block
  std::unique_ptr<PlannedExtras> extras;  // null if none

  [[nodiscard]] PlannedExtras& Extras();
  // Returns the previous place of a moved entry, or null.
  [[nodiscard]] const MovedFrom* MovedFromAt(std::uint32_t place) const;
};

// Entries that must share one inode in the new tree, and do not yet share one in the previous
// snapshot. The leader is made, and the followers are linked to it.
struct LinkGroup {
  bool has_leader = false;
  bool is_proven = false;        // nothing was written to the leader since it was read
  std::uint64_t stored_ino = 0;  // the stored inode that the leader is linked to, or 0
  // Of a leader that the previous snapshot knows. Its entry has what the next manifest records,
  // which is another ctime if the leader is not proven.
  Timestamp seen_ctime;
  // The place in the plan of the leader, or of a follower that leads if no leader comes.
  std::uint32_t first_dir = kNoDir;
  std::uint32_t first_place = 0;
  std::uint32_t changed_names = 0;  // the number of its names in the plan
  std::uint32_t nlink = 0;          // the link count of the source inode
  std::uint64_t allocated = 0;      // the bytes that a copy takes on disk
};

struct Totals {
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t symlinks = 0;
  std::uint64_t specials = 0;
  std::uint64_t bytes = 0;

  void Add(const Entry& entry);
  void Merge(const Totals& other);
  [[nodiscard]] std::uint64_t entries() const { return files + directories + symlinks + specials; }
};

// Rounds bytes up to the block size of most filesystems.
inline std::uint64_t RoundToBlock(std::uint64_t bytes) {
  constexpr std::uint64_t kBlock = 4096;
  return (bytes + kBlock - 1) / kBlock * kBlock;
}

// The bytes that a copy of a file takes on disk, with holes kept.
inline std::uint64_t AllocatedFor(std::uint64_t size, std::uint64_t allocated) {
  return RoundToBlock(std::min(size, allocated));
}

// What apply must write.
struct Need {
  std::uint64_t bytes = 0;
  std::uint64_t allocated = 0;
  std::uint64_t inodes = 0;

  // Adds or removes one file.
  void Add(std::uint64_t size, std::uint64_t on_disk) {
    bytes += size;
    allocated += on_disk;
    ++inodes;
  }
  void Save(std::uint64_t size, std::uint64_t on_disk) {
    bytes -= size;
    allocated -= std::min(allocated, on_disk);
    --inodes;
  }
};

using KindCounts = std::array<std::uint64_t, kChangeKinds>;

// Counts for a part of the tree, or for all of it.
struct Tally {
  Totals totals;
  Need need;
  KindCounts changes{};
  KindCounts directory_changes{};  // those of `changes` that are directories
  bool differs = false;

  [[nodiscard]] std::uint64_t& of(ChangeKind change) {
    return changes[static_cast<size_t>(change)];
  }
  void Count(ChangeKind change, Type type) {
    ++of(change);
    if (type == Type::kDirectory) ++directory_changes[static_cast<size_t>(change)];
  }
  [[nodiscard]] std::uint64_t of(ChangeKind change) const {
    return changes[static_cast<size_t>(change)];
  }
  void Merge(const Tally& other);
};

struct Plan {
  Arena arena;
  std::deque<PlannedDir> dirs;      // the root comes first
  std::vector<DirRef> by_previous;  // number in the previous manifest -> index into dirs, or kNoDir
  std::unordered_map<Identity, LinkGroup, IdentityHash> groups;
  std::set<std::pair<DirId, std::string>> moved_away;  // deleted names that are explained by a move
  // The allocated bytes of files with holes that may turn out to be moved.
  std::unordered_map<Identity, std::uint64_t, IdentityHash> sparse;
  Tally tally;

  // The top of the tree. In a first backup it is planned like everything else.
  [[nodiscard]] DirRef Root() const { return by_previous.empty() ? kPlannedBit : 0; }
  // The bytes that a copy of the file takes on disk.
  [[nodiscard]] std::uint64_t AllocatedFor(const Entry& file) const;
  // The planned directory, or null if nothing differs there.
  [[nodiscard]] const PlannedDir* Find(DirRef ref) const;
  // Its number in the previous manifest, or kNoDir.
  [[nodiscard]] DirId PreviousOf(DirRef ref) const;
  // The path of a directory from the root, by names.
  [[nodiscard]] std::vector<std::string> PathOf(const PlannedDir& dir,
                                                const Previous& previous) const;
};

}  // namespace cura
