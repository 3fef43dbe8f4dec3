// One directory while it is joined with the same one of the previous snapshot.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "file/metadata.h"
#include "plan/plan.h"
#include "scan/scan.h"

namespace cura {

// An entry of the previous snapshot whose name is no longer, or no longer its: a move may have
// taken it elsewhere.
struct Gone {
  Entry entry;  // views into the previous manifest
  DirId dir = kNoDir;
  bool deleted = false;  // false: another file has its name now
};

// Whether an entry that is gone may be found again by its inode.
bool MayHaveMoved(const Entry& before);

// With more of them than this, the search for moves would cost more memory than it saves copying.
inline constexpr size_t kMostGone = 1'000'000;

// One directory while it is joined with the previous one.
struct Join {
  const ScanItem* item = nullptr;
  int dir = -1;
  Place source;    // of the entry in hand
  Timestamp seen;  // before any entry was asked about
  std::vector<Decision> decisions;
  std::vector<Gone> gone;
  std::vector<DirId> gone_dirs;
  std::vector<DirId> carried_dirs;  // that stay as the previous manifest has them
  Tally tally;
  std::vector<std::pair<Identity, std::uint64_t>> sparse;  // what files with holes take on disk
  std::vector<size_t> leaders;  // places of entries that lead their link group
  bool has_followers = false;
  bool stale = false;               // the previous manifest must not be carried over as it is
  std::optional<DirLease> stored;   // the previous snapshot's directory, once it is needed
  std::deque<std::string> targets;  // of symlinks

  [[nodiscard]] std::string PathOf(std::string_view name) const {
    return item->dir == nullptr ? std::string(name) : item->dir->PathOf(name);
  }
};

}  // namespace cura
