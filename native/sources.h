// The operands of a backup, opened once: below them everything goes by descriptors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dir.h"

namespace cura {

// One operand. A directory is held itself; a file through the directory that holds it.
struct Source {
  std::string name;          // of its entry in the snapshot
  std::shared_ptr<Dir> dir;  // the directory itself, or the file's parent
  std::string base;          // the file's name in its parent; empty for a directory
};

// What the addon answers beside errnos when an operand cannot be backed up.
inline constexpr int kSourceInStoreCode = 100'002;
inline constexpr int kSourceTypeCode = 100'003;

// Opened sources, in the order of their names' bytes, and the budget for the directories below.
class Sources {
 public:
  explicit Sources(size_t descriptors) : budget_(descriptors) {}
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  // Opens `path` as `name`. kSourceInStoreCode: it is the store or lies in it.
  Status Add(std::string name, const std::string& path, Identity store);
  [[nodiscard]] const std::vector<Source>& list() const { return list_; }
  [[nodiscard]] const Source& Named(std::string_view name) const;
  // A directory by its names from the source's down.
  [[nodiscard]] std::shared_ptr<Dir> Find(const std::vector<std::string>& names) const;

 private:
  DirBudget budget_;
  std::vector<Source> list_;
};

}  // namespace cura
