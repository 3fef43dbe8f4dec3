// The operands of a backup, opened once; everything below them is reached by descriptor.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tree/job_context.h"

namespace cura {

// One operand. A directory is held directly, a file through its parent.
struct Source {
  std::string name;          // of its entry in the snapshot
  std::string path;          // as the user typed it
  std::shared_ptr<Dir> dir;  // the directory itself, or the file's parent
  std::string base;          // the file's name in its parent; empty for a directory
  bool is_mounted = false;   // the directory is a mount point
};

// An operand that cannot be read, and why. Its entry stays as in the previous snapshot.
struct FailedSource {
  std::string name;
  OsError error;  // with the operand's path
};

// Error codes outside the range of errno, for an operand that cannot be backed up.
inline constexpr int kSourceInStoreCode = 100'002;
inline constexpr int kSourceTypeCode = 100'003;

// Whether an open directory is a mount point; the root directory is one. False if that is unknown.
bool IsMountPoint(int dir);
// The same of the directory at `path`; false if there is none. Follows symlinks, as for an operand.
bool IsMountPoint(const std::string& path);

// The opened sources and the failed ones, each sorted by the bytes of their names.
class Sources {
 public:
  explicit Sources(std::shared_ptr<Resources> resources) : resources_(std::move(resources)) {}
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  // Opens `path` as `name`, or records that it failed. Returns only errors that a later run would
  // also meet: kSourceInStoreCode (the path is the store or inside it), kSourceTypeCode, and a lack
  // of descriptors.
  Status Add(const std::string& name, const std::string& path, Identity store);
  // Moves an opened source to the failed ones, if it exists. Not allowed while a planner runs.
  void Drop(std::string_view name);
  [[nodiscard]] const std::vector<Source>& list() const { return list_; }
  [[nodiscard]] const std::vector<FailedSource>& failed() const { return failed_; }
  // Null for a failed source.
  [[nodiscard]] const Source* Find(std::string_view name) const;
  // The source must be open.
  [[nodiscard]] const Source& Named(std::string_view name) const;
  // Whether the walk may meet an entry twice because one source lies inside another. True if
  // unknown.
  [[nodiscard]] bool Overlap() const;
  // Finds a directory by its path components, starting with the name of the source.
  [[nodiscard]] std::shared_ptr<Dir> Find(const std::vector<std::string>& names) const;

 private:
  Status Open(std::string name, const std::string& path, Identity store);

  const std::shared_ptr<Resources> resources_;
  std::vector<Source> list_;
  std::vector<FailedSource> failed_;
};

}  // namespace cura
