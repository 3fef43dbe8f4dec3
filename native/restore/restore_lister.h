// Lists what a restore would do, page by page.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "manifest/cursor.h"
#include "restore/left_out.h"
#include "restore/restore_plan.h"
#include "restore/stored_tree.h"

namespace cura {

enum class RestoreAction : std::uint8_t { kRestored, kUpdated, kDeleted, kKept };

struct RestoreChange {
  RestoreAction action = RestoreAction::kRestored;
  Type type = Type::kFile;
  std::string path;         // as in the snapshot
  std::uint64_t bytes = 0;  // size of a regular file
};

class RestoreLister {
 public:
  // All must outlive the lister.
  RestoreLister(const RestorePlan* plan, const StoredTree* stored, const LeftOut* left_out)
      : plan_(plan), stored_(stored), left_out_(left_out) {}
  // Returns the next changes, at most `limit`; empty at the end.
  Result<std::vector<RestoreChange>> Next(size_t limit);

 private:
  void ListNext();
  bool ListBelow();
  void ListItem(const RestoreDir& dir, const RestoreItem& item);

  const RestorePlan* const plan_;
  const StoredTree* const stored_;
  const LeftOut* const left_out_;
  size_t dir_ = 0;
  size_t item_ = 0;
  std::optional<ManifestCursor> below_;  // of a directory that is made
  std::string only_;
  size_t above_ = 0;  // length of its path with a slash
  std::deque<RestoreChange> ready_;
};

}  // namespace cura
