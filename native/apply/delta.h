// The delta directory: a second tree of hardlinks to what a snapshot added or changed.
#pragma once

#include <mutex>

#include "apply/work_tree.h"
#include "base/result.h"

namespace cura {

inline constexpr const char* kDeltaName = ".backup_delta";

// Makes directories of the delta when something is to be put into them. Threads share it.
class Delta {
 public:
  // The delta's own directory, below the root's work directory.
  Status Start(TreeNode* root);
  // The delta's directory for a directory of the tree, made if need be with those above it.
  Result<std::shared_ptr<Dir>> For(TreeNode* node);
  // Links an entry that was made into the delta.
  Status Add(const NodeEntry& at, int work);

 private:
  std::mutex mutex_;
};

}  // namespace cura
