// Lists what a plan changes, page by page, for people and for JSON.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace cura {

struct Change {
  ChangeKind change = ChangeKind::kNone;
  Type type = Type::kFile;
  std::string path;        // raw bytes, from the source's name down
  std::string from;        // of a renamed one: where it was
  std::uint64_t size = 0;  // of a regular file
};

// Goes through the tree in the order of its paths, and only where something differs.
class ChangeLister {
 public:
  // Both must outlive the lister.
  ChangeLister(const Plan* plan, const Previous* previous);
  // The next at most `limit` changes; none at the end.
  std::vector<Change> Next(size_t limit);

 private:
  // A directory on the way: its entries now, and those of the previous snapshot beside them.
  struct Frame {
    const PlannedDir* dir = nullptr;  // null: nothing differs in it, but somewhere below
    BlockReader now;
    std::optional<BlockReader> before;
    Entry lost;  // the next entry of `before`
    bool has_lost = false;
    std::uint32_t place = 0;
    size_t path_size = 0;  // of the path above it
  };

  void MarkDiffering();
  void Enter(DirRef ref, std::string_view name);
  void Step();
  void Leave();
  // Lists what was before the name `until`, or to the end, and is no longer.
  void ListLost(Frame* frame, const Entry* until);
  void ListEntry(const Frame& frame, const Entry& entry);
  std::optional<std::string> ListDeleted(const std::string& above, DirId dir, const Entry& entry);
  void ListDeletedBelow(const std::string& path, DirId dir);

  const Plan* const plan_;
  const Previous* const previous_;
  std::vector<bool> differs_;  // by number in the previous manifest: there or below it
  std::vector<Frame> frames_;
  std::string path_;
  std::deque<Change> ready_;
};

}  // namespace cura
