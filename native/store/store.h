// Holds a store directory by its descriptor, with a few operations on single files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/entry.h"
#include "base/result.h"
#include "platform/fd.h"

namespace cura {

// Not errnos: reasons why a directory must not be a store.
inline constexpr int kStoreOwnerCode = 100'011;
inline constexpr int kStoreWritableCode = 100'012;
inline constexpr int kStoreLinkCode = 100'013;

struct StoreEntry {
  std::string name;
  Type type = Type::kFile;
};

// All names are plain names in the store, never paths.
class Store {
 public:
  // Opens the directory component by component. Follows a symlink only if root or the running user
  // owns it. The running user must own the directory, and nobody else may have write access.
  static Result<Store> Open(const std::string& path);

  [[nodiscard]] const Fd& fd() const { return fd_; }
  [[nodiscard]] Identity identity() const { return identity_; }

  // Lists the store, or one of its directories if `directory` is not empty.
  [[nodiscard]] Result<std::vector<StoreEntry>> List(const std::string& directory) const;
  // Opens a regular file at any path below a directory of the store. Follows no symlinks and does
  // not wait for a writer. EINVAL if it is no regular file.
  [[nodiscard]] Result<Fd> OpenBelow(const std::string& directory, const std::string& path) const;
  // Opens a directory at any path below a directory of the store, or that one if `path` is empty.
  // Follows no symlinks.
  [[nodiscard]] Result<Fd> OpenDirectoryBelow(const std::string& directory,
                                              const std::string& path) const;
  // Reads such a file. Returns nothing if it exceeds `limit` bytes.
  [[nodiscard]] Result<std::optional<std::string>> ReadBelow(const std::string& directory,
                                                             const std::string& path,
                                                             size_t limit) const;

 private:
  [[nodiscard]] Result<Fd> Walk(const std::string& directory, const std::string& path,
                                int flags) const;

  Store(Fd fd, Identity identity) : fd_(std::move(fd)), identity_(identity) {}
  Fd fd_;
  Identity identity_;
};

// The records of past runs, directly in the store.
inline constexpr const char* kStateName = ".backups_state";

// The completion marker of a snapshot.
inline constexpr const char* kMarkerName = ".backup_finished";

// Whether the name refers to the open file or directory.
bool IsNamed(const Fd& store, const char* name, const Fd& file);

// Renames a directory of the store. Fails with EEXIST if the new name exists.
int RenameNew(const Fd& store, const std::string& from, const std::string& to);

// Reads a regular file in an open directory. Returns nothing if it does not exist, and EFBIG if it
// exceeds `limit` bytes.
Result<std::optional<std::string>> ReadFileIn(const Fd& dir, const std::string& file, size_t limit);

// Reads at most `limit` bytes of an open file.
Result<std::string> ReadSome(const Fd& file, size_t limit);

}  // namespace cura
