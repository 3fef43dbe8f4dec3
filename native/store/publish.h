// Begins and ends the making of a snapshot: its hidden work directory, and its publication.
#pragma once

#include <string>

#include "base/result.h"
#include "platform/fd.h"
#include "tree/job_context.h"

namespace cura {

// Not an errno: the store's filesystem cannot create hardlinks.
inline constexpr int kNoHardlinksCode = 100'021;

// Not an errno: metadata calls on a symlink change its target instead.
inline constexpr int kSymlinksFollowedCode = 100'022;

// Creates an empty directory `name` in the store, with access for the owner only and without
// inherited ACLs. Checks that hardlinks work in it and that metadata calls do not follow symlinks.
Result<Fd> MakeWorkDirectory(const Fd& store, const std::string& name);

// A finished work directory and how to publish it.
struct Publication {
  std::string work;          // the finished work directory
  std::string name;          // must not exist
  std::string marker;        // written into the directory
  bool each_synced = false;  // everything but the top was synced already, because flushing the
                             // filesystem has no effect
  JobContext job = {};       // can be aborted until the rename
};

// Writes the marker, makes everything durable and renames the directory to its name.
Status Publish(const Fd& store, const Publication& publication);

}  // namespace cura
