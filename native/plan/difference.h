// Compares an entry of the source with the same entry of the previous snapshot.
#pragma once

#include "base/entry.h"

namespace cura {

enum class Difference : std::uint8_t {
  kNone,       // proven equal
  kUnchecked,  // equal, but the contents must be compared as well
  kUnproven,   // equal as far as the previous manifest knows
  kCreated,    // new
  kType,       // another type has this name
  kContent,    // other content, target or device number
  kMetadata,   // only mode, owner or (directories) mtime differ
  kMoved,      // only inode, ctime or filesystem differ or are unproven: content and extended
               // attributes must be compared
  kUnread,     // unchanged, and could not be read last time
};

// How far to trust the source.
struct Trust {
  bool inodes = true;    // inode numbers survive remounting
  bool ctimes = true;    // ctimes are kept, and change with everything else
  bool contents = true;  // equal metadata means equal content
  bool quick = false;    // equal size and mtime mean equal content, whatever else differs
};

// Pure. `store_dev` is the device of the store: a source file that is itself an inode of the store
// must not be linked, so it counts as changed and is copied.
Difference Compare(const Entry& now, const Entry* before, std::uint64_t store_dev,
                   const Trust& trust);

// Whether mode and owner are equal as far as known.
bool SameModeAndOwner(const Entry& now, const Entry& before);

}  // namespace cura
