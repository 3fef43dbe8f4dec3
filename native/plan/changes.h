// Lists the changes of a plan, page by page, for text and JSON.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "manifest/merge.h"
#include "plan/moved_directories.h"

namespace cura {

struct Change {
  ChangeKind change = ChangeKind::kNone;
  Type type = Type::kFile;
  std::string path;        // raw bytes, starting with the name of the source
  std::string from;        // the previous path of a renamed entry
  std::uint64_t size = 0;  // of a regular file
  std::string moved_from;  // of a new directory: where it was, with everything that is in it now
  std::uint64_t moved_entries = 0;  // how many entries are below it
  bool in_move = false;             // a part of such a move, at its old or its new place
};

// Visits the parts of the tree that differ, in the order of their paths.
class ChangeLister {
 public:
  // All must outlive the lister.
  ChangeLister(const Plan* plan, const Previous* previous, const DirectoryMoves* moves);
  // Returns the next changes, at most `limit`; empty at the end.
  std::vector<Change> Next(size_t limit);

 private:
  // A directory on the current path: its entries now and in the previous snapshot.
  struct Frame {
    const PlannedDir* dir = nullptr;  // null: nothing differs in it, only below it
    MergeJoin<BlockList, BlockList> names;
    std::uint32_t place = 0;
    size_t path_size = 0;   // length of its parent's path
    bool is_moved = false;  // with everything in it
  };

  void MarkDiffering();
  void EnterDirectory(DirRef ref, std::string_view name);
  void VisitNext();
  void LeaveDirectory();
  void ListEntry(const Frame& frame, const Entry& entry);
  [[nodiscard]] std::string PathOf(DirId dir) const;
  std::optional<std::string> ListDeleted(const std::string& above, DirId dir, const Entry& entry);
  void ListDeletedBelow(const std::string& path, DirId dir);

  const Plan* const plan_;
  const Previous* const previous_;
  const DirectoryMoves* const moves_;
  // By number in the previous manifest: whether the directory or anything below it differs.
  std::vector<bool> differs_;
  std::vector<Frame> frames_;
  std::string path_;
  std::deque<Change> ready_;
};

}  // namespace cura
