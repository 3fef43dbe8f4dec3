// Finds all names of an inode, so that they leave a work directory together.
#pragma once

#include <memory>
#include <vector>

#include "manifest/manifest.h"
#include "tree/tree_editor.h"

namespace cura {

// The names of inodes in a work directory, according to the previous snapshot's manifest.
struct OtherNames {
  bool is_right = true;  // false: the manifest has inode numbers of another tree (copied store)
  std::vector<NamedInode> names;
};

// Whether an inode that a work directory shares with the previous snapshot may have another name in
// both. It then has at least two names in each.
inline bool MayHaveOtherNames(const sys::Stat& stat) {
  constexpr std::uint32_t kTwoInEach = 4;
  return stat.nlink >= kTwoInEach;
}

// Finds all names of those inodes in the tree, including the given ones.
OtherNames FindOtherNames(const Manifest& manifest, const std::vector<NamedInode>& taken);

}  // namespace cura
