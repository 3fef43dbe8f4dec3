// What the comparison found and apply will do: only directories in which something differs.
#pragma once

#include <algorithm>
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

// How an entry of the new tree comes to be.
enum class Step : std::uint8_t {
  kLink,       // linked from the previous snapshot
  kCopy,       // made from the source: content copied, symlink or special file made
  kClone,      // content from the previous snapshot's file, metadata from the source
  kFollow,     // linked to another entry of the new tree, the first of its link group
  kDirectory,  // made, and its entries after it
  kUnread,     // could not be read: it stays in the manifest alone
};

// How an entry differs, as it is reported.
enum class ChangeKind : std::uint8_t { kNone, kNew, kChanged, kMetadata, kRenamed, kDeleted };
inline constexpr size_t kChangeKinds = 6;

struct Decision {
  Step step = Step::kCopy;
  ChangeKind change = ChangeKind::kNone;
};

// Where a moved entry was in the previous snapshot, and what is known of it.
struct MovedFrom {
  DirId dir = kNoDir;
  std::string name;
  std::uint64_t stored_ino = 0;
  std::uint64_t xattrs = 0;
  Digest digest = kNoDigest;
};

// A number of a planned directory, or (the bit not set) of an unchanged one in the previous
// manifest. Entries of type directory carry it in a plan's blocks.
using DirRef = std::uint32_t;
inline constexpr DirRef kPlannedBit = 0x80000000;

// What few directories have.
struct PlannedExtras {
  std::optional<Identity> replaced;               // of the source, where its entry has an older one
  std::map<std::uint32_t, MovedFrom> moved_from;  // of moved entries, by their place in the block
};

// Small, because a first backup plans every directory.
struct PlannedDir {
  DirId previous = kNoDir;                // the same directory in the previous manifest
  DirRef parent = 0;                      // of a new one: its parent's number in the plan
  std::string_view block;                 // in the plan's arena, as the decisions are
  std::span<Decision> decisions;          // one for each entry of the block
  std::unique_ptr<PlannedExtras> extras;  // null where there are none

  [[nodiscard]] PlannedExtras& Extras();
  // Where a moved entry was, or null.
  [[nodiscard]] const MovedFrom* MovedFromAt(std::uint32_t place) const;
};

// Entries of the new tree that share one inode, where the previous snapshot does not already hold
// them so. One leads and is made; the others follow, linked to it.
struct LinkGroup {
  bool has_leader = false;
  bool is_proven = false;        // nothing was written to the leader since it was seen
  std::uint64_t stored_ino = 0;  // of the previous snapshot's file that the leader links, else 0
  // The leader, or a follower that leads if no better one comes: its directory in the plan, and its
  // place there.
  std::uint32_t first_dir = kNoDir;
  std::uint32_t first_place = 0;
  std::uint32_t changed_names = 0;  // in which something has changed, of
  std::uint32_t nlink = 0;          // all that the source's inode has, wherever they are
  std::uint64_t allocated = 0;      // that a copy of it takes on disk
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

// Space on disk for that many bytes, in the blocks that most filesystems have.
inline std::uint64_t RoundToBlock(std::uint64_t bytes) {
  constexpr std::uint64_t kBlock = 4096;
  return (bytes + kBlock - 1) / kBlock * kBlock;
}

// What a copy of a file takes on disk: its holes stay holes.
inline std::uint64_t AllocatedFor(std::uint64_t size, std::uint64_t allocated) {
  return RoundToBlock(std::min(size, allocated));
}

// What apply has to write.
struct Need {
  std::uint64_t bytes = 0;
  std::uint64_t allocated = 0;
  std::uint64_t inodes = 0;

  // One file more, or less.
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

// What was counted in a part of the tree, or in all of it.
struct Tally {
  Totals totals;
  Need need;
  std::uint64_t changes[kChangeKinds] = {};
  bool differs = false;

  [[nodiscard]] std::uint64_t& of(ChangeKind change) {
    return changes[static_cast<size_t>(change)];
  }
  [[nodiscard]] std::uint64_t of(ChangeKind change) const {
    return changes[static_cast<size_t>(change)];
  }
  void Merge(const Tally& other);
};

struct Plan {
  Arena arena;
  std::deque<PlannedDir> dirs;      // the root is the first
  std::vector<DirRef> by_previous;  // previous manifest's number -> place in dirs, or kNoDir
  std::unordered_map<Identity, LinkGroup, IdentityHash> groups;
  std::set<std::pair<DirId, std::string>> moved_away;  // names that a move explains
  // What files with holes, which may prove to be moved ones, take on disk.
  std::unordered_map<Identity, std::uint64_t, IdentityHash> sparse;
  Tally tally;

  // The top of the tree: of a first backup it is planned, as all else is.
  [[nodiscard]] DirRef Root() const { return by_previous.empty() ? kPlannedBit : 0; }
  // What a copy of the file takes on disk.
  [[nodiscard]] std::uint64_t AllocatedFor(const Entry& file) const;
  // The planned directory behind a reference, or null where nothing differs there.
  [[nodiscard]] const PlannedDir* Find(DirRef ref) const;
  // Its number in the previous manifest, or kNoDir.
  [[nodiscard]] DirId PreviousOf(DirRef ref) const;
  // Names from below the root down to the directory.
  [[nodiscard]] std::vector<std::string> PathOf(const PlannedDir& dir,
                                                const Previous& previous) const;
};

}  // namespace cura
