// Makes the delta directory: a second tree of hardlinks to the entries that a snapshot added or
// changed.
#pragma once

#include <mutex>

#include "apply/work_tree.h"
#include "base/result.h"

namespace cura {

inline constexpr const char* kDeltaName = ".backup_delta";

// Makes directories of the delta when they get their first entry. Threads share it.
class Delta {
 public:
  // Makes the delta's top directory in the work directory of the root.
  Status Start(TreeNode* root);
  // Returns the delta's counterpart of a directory. Makes it and its parents if necessary.
  Result<std::shared_ptr<Dir>> For(TreeNode* node);
  // Links an entry of the new tree into the delta.
  Status Add(const NodeEntry& at, int work);

 private:
  std::mutex mutex_;
};

}  // namespace cura
