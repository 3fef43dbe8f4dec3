// Owner, mode, extended attributes and times of the inodes that a snapshot makes.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/entry.h"
#include "base/failures.h"
#include "base/result.h"

namespace cura {

// An inode to be read or written: by its descriptor, or by name in a directory.
struct Place {
  int fd = -1;
  int dir = -1;
  const char* name = nullptr;

  static Place OfFd(int fd) { return {.fd = fd}; }
  static Place At(int dir, const char* name) { return {.dir = dir, .name = name}; }
};

// Extended attributes by name, ACLs and capabilities among them.
using Xattrs = std::vector<std::pair<std::string, std::string>>;

// Empty where the filesystem has none. `refused` gets the names of those that this user may not
// read.
Result<Xattrs> ReadXattrs(const Place& place, std::vector<std::string>* refused = nullptr);

// Those of an entry that is backed up, and their digest into `entry`. What may not be read becomes
// a note. What cannot be read is reported and the entry goes without; it has no ctime then, so that
// the next run does not take it for proven, but looks again. `path` is for messages.
Xattrs ReadXattrsOf(Entry* entry, const Place& place, const std::function<std::string()>& path,
                    Failures* failures);

// Those that the owner of an inode may set, whoever that is.
Xattrs SettableByAll(Xattrs xattrs);

// A number that changes when any name or value does; 0 for none.
std::uint64_t DigestOf(const Xattrs& xattrs);

// Whether an error says that the user may not do it, or that the filesystem does not keep it.
bool IsRefused(int error);

// A new inode that is to get its metadata.
struct NewInode {
  Place place;
  sys::Stat actual;                   // what stat says of it now
  std::function<std::string()> path;  // for messages
};

// Gives it what belongs to `entry`, in the order that never leaves a setuid file with a wrong
// owner: owner, attributes of users, mode, other attributes (ACLs and capabilities among
// them), times. What this user or the filesystem may not set, or does not keep as it was set,
// becomes a note; only trouble with the store is an error.
Status SetMetadata(const NewInode& fresh, const Entry& entry, const Xattrs& xattrs,
                   Failures* failures);

}  // namespace cura
