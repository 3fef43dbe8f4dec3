// The state of one directory while the new tree is made.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "file/metadata.h"
#include "plan/plan.h"
#include "tree/dir.h"
#include "tree/walk.h"

namespace cura {

struct TreeNode : WalkNode<TreeNode> {
  std::string name;
  DirRef ref = 0;
  DirId id = 0;  // in the new manifest
  Entry own;     // metadata; unused for the root
  Xattrs xattrs;
  std::shared_ptr<Dir> work;
  // Null for the root, whose entries are the operands, and below an operand that failed.
  std::shared_ptr<Dir> source;
  std::shared_ptr<Dir> previous;  // null if there is none
  std::shared_ptr<Dir> delta;     // guarded by the delta's mutex

  const PlannedDir* planned = nullptr;  // null: nothing differs in it
  std::vector<Entry> entries;
  std::shared_ptr<const void> owner;  // holds the bytes that the entries point into
  std::vector<char> dropped;          // by place: not made, and not in the manifest
  std::vector<std::uint32_t> todo;    // places of entries that need more than a plain link
  std::vector<std::uint32_t> late;    // places of entries that the store could not hold; tried last

  [[nodiscard]] Decision DecisionAt(std::uint32_t place) const {
    if (planned != nullptr) return planned->decisions[place];
    const Entry& entry = entries[place];
    if (entry.unread) return {Step::kUnread, ChangeKind::kNone};
    return {entry.type == Type::kDirectory ? Step::kDirectory : Step::kLink, ChangeKind::kNone};
  }
  // The previous place of a moved entry, or null.
  [[nodiscard]] const MovedFrom* MovedFromAt(std::uint32_t place) const {
    return planned == nullptr ? nullptr : planned->MovedFromAt(place);
  }
};

// One entry of a directory.
struct NodeEntry {
  std::shared_ptr<TreeNode> node;
  std::uint32_t place = 0;

  [[nodiscard]] Entry& entry() const { return node->entries[place]; }
  [[nodiscard]] Decision decision() const { return node->DecisionAt(place); }
};

}  // namespace cura
