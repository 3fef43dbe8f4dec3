// Makes new entries durable one by one if flushing the whole filesystem is not enough.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tree/job_context.h"

namespace cura {

// Whether flushing the filesystem of a directory has no effect: on FUSE, which does not pass the
// call to its daemon, and on filesystems not known to support it. Each new file and directory must
// then be synced.
bool NeedsEachSynced(int dir);

// Syncs an open file or directory. Adds a note if the filesystem does not support fsync (CIFS of
// older kernels returns EINVAL for directories). Any other error is an error of the store.
Status SyncEntry(int fd, const std::function<std::string()>& path, Failures* failures);

// Syncs the renames in the store's directory. Flushes the whole filesystem if it cannot fsync
// directories. Returns -1 and sets errno on failure.
int SyncRenames(const Fd& store);

// Syncs every directory and regular file of a tree. `root` must open its children for listing.
Status SyncTree(const std::shared_ptr<Dir>& root, const JobContext& job);

}  // namespace cura
