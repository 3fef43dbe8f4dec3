// Writes the pin and the tags of a snapshot.
#include "store/annotations.h"

#include "store/replace_file.h"
#include "tree/durable.h"

namespace cura {

namespace {

Result<Fd> OpenDirectory(const Fd& store, const std::string& snapshot) {
  Fd dir(sys::OpenAt(store.get(), snapshot.c_str(), sys::kOpenDirectory));
  if (!dir.valid()) return LastError("openat", snapshot);
  return dir;
}

Status SyncDirectory(const Fd& dir, const std::string& snapshot) {
  return SyncRenames(dir) == 0 ? std::nullopt : Status(LastError("fsync", snapshot));
}

}  // namespace

Status SetPinned(const Fd& store, const std::string& snapshot, bool is_pinned) {
  const auto dir = OpenDirectory(store, snapshot);
  if (!dir.ok()) return dir.error();
  const int fd = dir.value().get();
  if (is_pinned) {
    const Fd file(sys::CreateAt(fd, kPinName));
    if (!file.valid())
      return errno == EEXIST ? std::nullopt : Status(LastError("openat", kPinName));
  } else if (sys::UnlinkAt(fd, kPinName) != 0) {
    return errno == ENOENT ? std::nullopt : Status(LastError("unlinkat", kPinName));
  }
  return SyncDirectory(dir.value(), snapshot);
}

Status WriteTags(const Fd& store, const std::string& snapshot, const std::string& text) {
  const auto dir = OpenDirectory(store, snapshot);
  if (!dir.ok()) return dir.error();
  if (auto error = ReplaceFile(dir.value(), kTagsName, text)) return error;
  return SyncDirectory(dir.value(), snapshot);
}

}  // namespace cura
