// Keeps damaged inodes out of new snapshots: a base seems to lack them, so that their files are
// copied from the source again.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "store/previous.h"
#include "store/scrub_record.h"

namespace cura {

// Damaged inodes of a store, to look up.
class DamagedInodes {
 public:
  DamagedInodes() = default;
  explicit DamagedInodes(const std::vector<DamagedInode>& damaged);

  [[nodiscard]] bool empty() const { return keys_.empty(); }
  // Whether an entry of a stored tree has a damaged inode. An entry without a digest is compared by
  // its inode number alone if another record of the inode has one.
  [[nodiscard]] bool Has(const Entry& stored) const;

 private:
  std::unordered_multimap<std::uint64_t, std::uint64_t> keys_;  // by inode
};

// Hidden entries of one directory.
struct HiddenNames {
  std::vector<std::string> path;   // of the directory, by names
  std::vector<std::string> names;  // sorted
};

// Replaces blocks of a base that is not in use yet, so that entries with a damaged inode look as if
// the last run could not read them: they are in no tree, and a comparison reads them again.
std::vector<HiddenNames> HideDamaged(Base* base, const DamagedInodes& damaged);

}  // namespace cura
