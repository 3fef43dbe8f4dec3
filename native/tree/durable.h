// Making new entries durable one by one, where flushing the whole filesystem does not reach them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/failures.h"
#include "tree/dir.h"

namespace cura {

// Whether flushing the filesystem of a directory means nothing: FUSE, whose daemons never hear of
// it, and everything that is not known to do it. Each new file and directory is then to be synced.
bool NeedsEachSynced(int dir);

// Syncs an open file or directory. A filesystem that knows no such thing (CIFS of older kernels
// says EINVAL for directories) becomes a note; any other error is the store's.
Status SyncEntry(int fd, const std::function<std::string()>& path, Failures* failures);

// Has what was renamed in the store's directory reach the disk. Where that directory cannot be
// synced, flushing all is what is left. -1 and errno.
int SyncRenames(const Fd& store);

// Syncs every directory and regular file of a tree, in so many threads.
struct SyncOptions {
  std::shared_ptr<Dir> root;  // its children are opened to be listed
  size_t threads = 1;
  const std::atomic<bool>* abort = nullptr;
  Failures* failures = nullptr;
};
Status SyncTree(const SyncOptions& options);

}  // namespace cura
