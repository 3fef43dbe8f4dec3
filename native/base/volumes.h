// Which filesystem an entry lies on, as a number that stays the same from mount to mount.
#pragma once

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "base/entry.h"

namespace cura {

using sys::InodeTrust;

// Made from the filesystem's UUID, a server's or the mount's number; its trust is in the low bits.
// 0: not known, and then never equal to another.
using VolumeId = std::uint64_t;

VolumeId VolumeIdOf(const sys::Volume& volume);
InodeTrust InodeTrustOf(VolumeId volume);
// The volume of an open file; 0 where it cannot be told.
VolumeId VolumeOf(int fd);

// Whether two entries with one inode number on a volume are one inode. Elsewhere they have to be of
// the same content, too.
bool KeepsInodes(VolumeId volume);

// What the names of one inode have in common, wherever they are.
Identity GroupOf(const Entry& entry);

// The volumes that one walk meets, asked for once a mount. Threads share it.
class Volumes {
 public:
  // Of the entry `name` of an open directory, of which `stat` tells.
  VolumeId Of(int dir, const char* name, const sys::Stat& stat);
  // Whether some filesystem was met in two places, or that cannot be told: an inode may have been
  // seen more often than it has names.
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

// Whether a time that the filesystem gave an inode proves that nothing was written since `seen`,
// when it was asked for: later writes would have moved it. A time without a fraction may be
// rounded.
bool IsSettled(Timestamp time, Timestamp seen);

// The same of an entry that was asked about after `seen`, by its ctime where there is a true one,
// else by its mtime. One that is not settled has to be looked into by the next run.
bool IsSettled(const Entry& entry, Timestamp seen);

}  // namespace cura
