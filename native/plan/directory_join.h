// The state of one directory while it is compared with the previous snapshot.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "file/metadata.h"
#include "manifest/merge.h"
#include "plan/plan.h"
#include "scan/scan.h"

namespace cura {

// An entry of the previous snapshot that lost its name: it was deleted, moved or replaced.
struct Gone {
  Entry entry;  // views into what `owner` holds
  std::shared_ptr<const void> owner;
  DirId dir = kNoDir;
  bool deleted = false;  // false: another file has this name now
};

// Whether an entry may be found elsewhere by its inode.
bool MayHaveMoved(const Entry& before);

// Beyond this number, the search for moves would cost more memory than it saves copying.
inline constexpr size_t kMostGone = 1'000'000;

// A directory and its counterpart in the previous snapshot.
struct Join {
  const ScanItem* item = nullptr;
  BlockList before;  // in the previous snapshot; entries of the listing have views into it
  int dir = -1;
  Place source;    // of the current entry
  Timestamp seen;  // taken before the first stat
  std::vector<Decision> decisions;
  std::vector<Gone> gone;
  std::vector<DirId> gone_dirs;
  std::vector<DirId> carried_dirs;  // directories that stay as in the previous manifest
  Tally tally;
  std::vector<std::pair<Identity, std::uint64_t>> sparse;  // size on disk of sparse files
  std::vector<size_t> leaders;  // places of entries that lead a link group
  bool has_followers = false;
  bool stale = false;               // the previous manifest's block must not be reused
  std::optional<DirLease> stored;   // the directory in the previous snapshot, opened on demand
  std::deque<std::string> targets;  // of symlinks

  [[nodiscard]] std::string PathOf(std::string_view name) const {
    return item->dir == nullptr ? std::string(name) : item->dir->PathOf(name);
  }
};

}  // namespace cura
