// The owner, mode, extended attributes and times of inodes that a snapshot makes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/entry.h"
#include "base/failures.h"
#include "base/result.h"

namespace cura {

// An inode to read or write: by its descriptor, or by name in a directory.
struct Place {
  int fd = -1;
  int dir = -1;
  const char* name = nullptr;

  static Place OfFd(int fd) { return {.fd = fd}; }
  static Place At(int dir, const char* name) { return {.dir = dir, .name = name}; }
};

// Extended attributes by name, including ACLs and capabilities.
using Xattrs = std::vector<std::pair<std::string, std::string>>;

// Returns nothing if the filesystem has no attributes. `refused` gets the names of attributes that
// this user may not read.
Result<Xattrs> ReadXattrs(const Place& place, std::vector<std::string>* refused = nullptr);

// Reads the attributes of an entry, and puts their digest into `entry`. An attribute that this user
// may not read becomes a note. On an error, which is reported, returns nothing; the entry goes
// without attributes and ctime, so the next run reads them again. `path` is for messages.
std::optional<Xattrs> ReadXattrsOf(Entry* entry, const Place& place,
                                   const std::function<std::string()>& path, Failures* failures);

// The attributes that any user may set on a file of their own.
Xattrs SettableByAll(Xattrs xattrs);

// A number that changes with any name or value; 0 for no attributes.
std::uint64_t DigestOf(const Xattrs& xattrs);

// Removes the ACLs that a new directory inherited: they would give others access, and what is made
// in it would get them.
Status DropInheritedAcls(int dir, const std::string& path);

// Whether an error means that the user lacks the permission, or the filesystem the support.
bool IsRefused(int error);

// A new inode that still needs its metadata.
struct NewInode {
  Place place;
  sys::Stat actual;                   // the result of stat
  std::function<std::string()> path;  // for messages
};

// Sets the metadata of `entry` in an order that never leaves a setuid file with a wrong owner:
// owner, user attributes, mode, other attributes (ACLs and capabilities among them), times.
// Metadata that this user may not set, or that the filesystem does not keep, becomes a note. Only a
// store error is returned.
Status SetMetadata(const NewInode& fresh, const Entry& entry, const Xattrs& xattrs,
                   Failures* failures);

}  // namespace cura
