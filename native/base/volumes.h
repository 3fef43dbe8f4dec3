// Identifies the filesystem of an entry by a number that survives remounting.
#pragma once

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "base/entry.h"

namespace cura {

using sys::InodeTrust;

// A hash of the filesystem's UUID, or of the ID of a server or mount, with the InodeTrust in the
// low bits. 0 means unknown, and equals no other volume.
using VolumeId = std::uint64_t;

VolumeId VolumeIdOf(const sys::Volume& volume);
InodeTrust InodeTrustOf(VolumeId volume);
// The volume of an open file; 0 if unknown.
VolumeId VolumeOf(int fd);

// Whether equal inode numbers on this volume mean the same inode. On other volumes the
// content must match as well.
bool KeepsInodes(VolumeId volume);

// The key that all names of one inode share.
Identity GroupOf(const Entry& entry);

// The volumes of a walk. Queries each mount once. Threads share it.
class Volumes {
 public:
  // The volume of the entry `name` in an open directory. `stat` is that of the entry.
  VolumeId Of(int dir, const char* name, const sys::Stat& stat);
  // Whether a filesystem is mounted in two places, or that is unknown. The walk may then see more
  // names of an inode than its link count says.
  [[nodiscard]] bool HasTwins() const;

 private:
  struct Known {
    std::uint64_t mount = 0;
    std::uint64_t dev = 0;
    VolumeId volume = 0;
  };
  mutable std::mutex mutex_;
  std::vector<Known> known_;
};

// Whether an inode's timestamp proves that nothing was written to it since `seen`, when it was
// read: a later write would have changed the timestamp. A time without a fraction may be rounded.
bool IsSettled(Timestamp time, Timestamp seen);

// The same for an entry that was read after `seen`: by its ctime if the filesystem keeps one, else
// by its mtime. The next run must check an entry that is not settled.
bool IsSettled(const Entry& entry, Timestamp seen);

}  // namespace cura
