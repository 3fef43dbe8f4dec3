// The operands of a backup, opened once: below them everything goes by descriptors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tree/dir.h"

namespace cura {

// One operand. A directory is held itself; a file through the directory that holds it.
struct Source {
  std::string name;          // of its entry in the snapshot
  std::string path;          // as the user typed it
  std::shared_ptr<Dir> dir;  // the directory itself, or the file's parent
  std::string base;          // the file's name in its parent; empty for a directory
};

// An operand that cannot be read, and why. Its entry stays as the previous snapshot has it.
struct FailedSource {
  std::string name;
  OsError error;  // with the operand's path
};

// What the addon answers beside errnos when an operand cannot be backed up.
inline constexpr int kSourceInStoreCode = 100'002;
inline constexpr int kSourceTypeCode = 100'003;

// Opened sources, in the order of their names' bytes, and the budget for the directories below;
// and in the same order those that failed.
class Sources {
 public:
  explicit Sources(size_t descriptors) : budget_(descriptors) {}
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  // Opens `path` as `name`, or notes that it failed. The errors are those that no other run would
  // be spared: kSourceInStoreCode (it is the store or lies in it), kSourceTypeCode, no descriptors.
  Status Add(const std::string& name, const std::string& path, Identity store);
  // Moves an opened source to those that failed, unless there is none of that name. Not while a
  // comparison runs.
  void Drop(std::string_view name);
  [[nodiscard]] const std::vector<Source>& list() const { return list_; }
  [[nodiscard]] const std::vector<FailedSource>& failed() const { return failed_; }
  // Null for one that failed.
  [[nodiscard]] const Source* Find(std::string_view name) const;
  // One that is known to be open.
  [[nodiscard]] const Source& Named(std::string_view name) const;
  // Whether an entry may be seen twice, because one source lies in another. Also where it cannot be
  // told.
  [[nodiscard]] bool Overlap() const;
  // A directory by its names from the source's down.
  [[nodiscard]] std::shared_ptr<Dir> Find(const std::vector<std::string>& names) const;

 private:
  Status Open(std::string name, const std::string& path, Identity store);

  DirBudget budget_;
  std::vector<Source> list_;
  std::vector<FailedSource> failed_;
};

}  // namespace cura
