// The two ends of a snapshot's making: its hidden work directory, and its appearance in the store.
#pragma once

#include <atomic>
#include <string>

#include "fd.h"
#include "result.h"

namespace cura {

// Not an errno: the filesystem of the store cannot hardlink.
inline constexpr int kNoHardlinksCode = 100'021;

// Makes an empty directory `name` in the store, for its owner alone and without inherited ACLs,
// and tries whether files in it can have two names.
Result<Fd> MakeWorkDirectory(const Fd& store, const std::string& name);

// Writes `marker` into the finished work directory, makes everything in the filesystem durable,
// and renames it to `name`, which must not exist. `abort` is heard until the rename.
Status Publish(const Fd& store, const std::string& work, const std::string& name,
               const std::string& marker, const std::atomic<bool>& abort);

}  // namespace cura
