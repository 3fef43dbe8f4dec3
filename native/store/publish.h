// The two ends of a snapshot's making: its hidden work directory, and its appearance in the store.
#pragma once

#include <string>

#include "base/result.h"
#include "platform/fd.h"
#include "tree/job_context.h"

namespace cura {

// Not an errno: the filesystem of the store cannot hardlink.
inline constexpr int kNoHardlinksCode = 100'021;

// Nor this: it changes what a symlink points to instead of the symlink.
inline constexpr int kSymlinksFollowedCode = 100'022;

// Makes an empty directory `name` in the store, for its owner alone and without inherited ACLs.
// Tries whether files in it can have two names, and whether symlinks are left unfollowed.
Result<Fd> MakeWorkDirectory(const Fd& store, const std::string& name);

// What is published, and how.
struct Publication {
  std::string work;    // the finished work directory
  std::string name;    // which must not exist
  std::string marker;  // to be written into it
  bool each_synced =
      false;            // where flushing the filesystem means nothing, all but the top is synced
  JobContext job = {};  // an abort is heard until the rename
};

// Writes the marker, makes everything durable, and renames the directory to its name.
Status Publish(const Fd& store, const Publication& publication);

}  // namespace cura
