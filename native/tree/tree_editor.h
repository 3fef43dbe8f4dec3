// Changes single names in a work directory that another program fills. The paths come from that
// program's output, so they are not trusted.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tree/job_context.h"

namespace cura {

// A path below the top of a snapshot, split into a directory and a name.
struct SplitPath {
  std::string_view above;  // names joined by '/', empty for the top
  std::string_view name;
  [[nodiscard]] std::string path() const;
  bool operator==(const SplitPath&) const = default;
};

// Splits a path at its last '/'. The parts point into `path`.
SplitPath SplitLast(std::string_view path);

// A name in a tree and its inode.
struct NamedInode {
  std::string path;
  std::uint64_t ino = 0;
};

// Sorts the paths by directory and removes duplicates. Omits invalid paths, for example with '.' or
// '..', and the store's own files at the top.
std::vector<SplitPath> SplitPaths(const std::vector<std::string>& paths);

// Whether a call failed because the path does not exist or has a symlink on the way.
bool IsAbsent(int code);

// Opens directories of one tree by path. Fast if successive paths are close to each other.
class Finder {
 public:
  explicit Finder(std::shared_ptr<Dir> root) : root_(std::move(root)) {}

  // Fails with the errors of openat. Follows no symlink.
  Result<DirLease> Open(std::string_view path);
  // Opens the parent of the directory that was opened last, which must not be the top. `name` is
  // the directory's name in that parent.
  Result<DirLease> OpenAbove();
  [[nodiscard]] const std::string& name() const { return steps_.back().name; }

 private:
  struct Step {
    std::string name;
    std::shared_ptr<Dir> dir;
  };
  std::shared_ptr<Dir> root_;
  std::vector<Step> steps_;
};

// Changes entries in one directory after the other, and restores the mode and the mtime of each
// directory afterwards. Snapshots never share directories.
class Editor {
 public:
  Editor(std::shared_ptr<Dir> root, Failures* failures)
      : finder_(std::move(root)), failures_(failures) {}

  // Goes to the directory of a path and examines the name in it. The result is empty if the
  // directory does not exist, or if this user may not enter it, which is reported.
  struct Found {
    bool has_directory = false;
    std::optional<sys::Stat> stat;
  };
  Result<Found> Find(const SplitPath& path);
  // The directory of the last path.
  [[nodiscard]] int fd() const { return lease_.fd(); }
  // Call before changing entries of that directory.
  Status Unseal();
  // Call after the last change.
  Status Reseal();

 private:
  Result<Found> NotFound(OsError error, bool has_directory);

  Finder finder_;
  Failures* const failures_;
  std::string path_;
  DirLease lease_;
  bool changed_ = false;
  sys::Stat before_;
};

// Whether to remove the entry at a path. It is never called for directories.
using Accept = std::function<bool(const SplitPath& path, const sys::Stat& stat)>;

// Unlinks names and returns their number. Skips directories and missing names. Skips and reports
// names that this user may not examine.
Result<std::uint64_t> RemoveNames(const std::shared_ptr<Dir>& root,
                                  const std::vector<SplitPath>& paths, const Accept& accept,
                                  const JobContext& job);

}  // namespace cura
