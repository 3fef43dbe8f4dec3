// Lists what a plan changes, page by page, for people and for JSON.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "plan.h"

namespace cura {

struct ChangeRecord {
  Change change = Change::kNone;
  Type type = Type::kFile;
  std::string path;  // raw bytes, from the source's name down
  std::string from;  // of a renamed one: where it was
  std::uint64_t size = 0;
};

// Directory by directory in the order of their paths; inside each by name.
class ChangeLister {
 public:
  // Both must outlive the lister; `previous` is null for a first backup.
  ChangeLister(const Plan* plan, const Manifest* previous);
  // The next at most `limit` changes; none at the end.
  std::vector<ChangeRecord> Next(size_t limit);

 private:
  void List(const PlannedDir& dir, const std::string& path);
  void AddEntry(const PlannedDir& dir, const std::string& path, const Entry& entry,
                std::uint32_t place);
  void AddDeleted(const std::string& path, DirId dir, const Entry& entry);
  void AddDeletedBelow(const std::string& path, DirId dir);

  const Plan* const plan_;
  const Manifest* const previous_;
  std::vector<std::pair<std::vector<std::string>, const PlannedDir*>> dirs_;
  size_t next_dir_ = 0;
  std::deque<ChangeRecord> ready_;
};

}  // namespace cura
