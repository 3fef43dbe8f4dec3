// Changes single names in the tree of a work directory, which another program fills. Paths come
// from that program's output, so nothing is believed of them.
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

// A path below the top of a snapshot: a directory, and a name in it.
struct SplitPath {
  std::string_view above;  // names joined by '/', empty for the top
  std::string_view name;
  [[nodiscard]] std::string path() const;
  bool operator==(const SplitPath&) const = default;
};

// A name in a tree, and the inode behind it.
struct NamedInode {
  std::string path;
  std::uint64_t ino = 0;
};

// The paths in the order of their directories, each once. Those that are not names joined by '/'
// ('.' and '..' are none) are left out, and at the top those of the store's own files.
std::vector<SplitPath> SplitPaths(const std::vector<std::string>& paths);

// Whether a call failed because there is nothing with that path, or a symlink on the way.
bool IsAbsent(int code);

// Opens directories of one tree by their paths, fast where one is near the one before.
class Finder {
 public:
  explicit Finder(std::shared_ptr<Dir> root) : root_(std::move(root)) {}

  // Errors: those of openat. No symlink is followed.
  Result<DirLease> Open(std::string_view path);
  // Of the directory that was opened last: the one above it, and its name there. Not for the top.
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

// Goes from directory to directory of a work directory's tree and leaves each with the mode and the
// time that it had. Directories are never shared between snapshots.
class Editor {
 public:
  Editor(std::shared_ptr<Dir> root, Failures* failures)
      : finder_(std::move(root)), failures_(failures) {}

  // Goes to the directory and says what has that name in it: nothing where there is no such
  // directory, or where this user may not look, which is reported.
  struct Found {
    bool has_directory = false;
    std::optional<sys::Stat> stat;
  };
  Result<Found> Look(const SplitPath& path);
  // Of the directory in which was looked.
  [[nodiscard]] int fd() const { return lease_.fd(); }
  // To be called before names of that directory are changed.
  Status Unseal();
  // To be called after the last change.
  Status Leave();

 private:
  Result<Found> NotFound(OsError error, bool has_directory);

  Finder finder_;
  Failures* const failures_;
  std::string path_;
  DirLease lease_;
  bool changed_ = false;
  sys::Stat before_;
};

// Says whether what has that path in the tree, which is no directory, is to go.
using Accept = std::function<bool(const SplitPath& path, const sys::Stat& stat)>;

// Unlinks names; their number. Those that are not there, and directories, are passed over; what
// this user may not look at is reported and passed over.
Result<std::uint64_t> RemoveNames(const std::shared_ptr<Dir>& root,
                                  const std::vector<SplitPath>& paths, const Accept& accept,
                                  const JobContext& job);

}  // namespace cura
