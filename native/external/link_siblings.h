// Takes names out of a work directory together with all other names of their inodes.
#pragma once

#include <memory>
#include <vector>

#include "manifest/manifest.h"
#include "tree/tree_editor.h"

namespace cura {

// The names of a work directory's inodes, as the previous snapshot's manifest has them.
struct OtherNames {
  bool is_right = true;  // false: the manifest has another tree's inodes, as after a copied store
  std::vector<NamedInode> names;
};

// Whether an inode that a work directory shares with the previous snapshot may have one more name
// in both: then it has two in each.
inline bool MayHaveOtherNames(const sys::Stat& stat) {
  constexpr std::uint32_t kTwoInEach = 4;
  return stat.nlink >= kTwoInEach;
}

// All names in the tree of those inodes, themselves included.
OtherNames FindOtherNames(const Manifest& manifest, const std::vector<NamedInode>& taken);

}  // namespace cura
