// A store directory held by its descriptor, and the few single-file operations on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/entry.h"
#include "base/result.h"
#include "platform/fd.h"

namespace cura {

// What the addon answers beside errnos when a directory must not be a store.
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
  // Opens the directory component by component. On the way a symlink is followed only when root or
  // the running user owns it; the directory must be theirs, and writable for nobody else.
  static Result<Store> Open(const std::string& path);

  [[nodiscard]] const Fd& fd() const { return fd_; }
  [[nodiscard]] Identity identity() const { return identity_; }

  // What is in the store, or (not empty) in one of its directories.
  [[nodiscard]] Result<std::vector<StoreEntry>> List(const std::string& directory) const;
  // A regular file of one of the store's directories; nothing when there is none, EFBIG above
  // `limit` bytes.
  [[nodiscard]] Result<std::optional<std::string>> Read(const std::string& directory,
                                                        const std::string& file,
                                                        size_t limit) const;

 private:
  Store(Fd fd, Identity identity) : fd_(std::move(fd)), identity_(identity) {}
  Fd fd_;
  Identity identity_;
};

// The completion marker of a snapshot.
inline constexpr const char* kMarkerName = ".backup_finished";

// Whether the name stands for the open file or directory.
bool IsNamed(const Fd& store, const char* name, const Fd& file);

// Renames one of the store's directories to a name that must not exist: EEXIST.
int RenameNew(const Fd& store, const std::string& from, const std::string& to);

// At most `limit` bytes of an open file.
Result<std::string> ReadSome(const Fd& file, size_t limit);

}  // namespace cura
