// Making new entries durable one by one, where flushing the whole filesystem does not reach them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tree/job_context.h"

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

// Syncs every directory and regular file of a tree. The children of `root` are opened to be listed.
Status SyncTree(const std::shared_ptr<Dir>& root, const JobContext& job);

}  // namespace cura
