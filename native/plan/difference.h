// Says how an entry of the source differs from the same one in the previous snapshot.
#pragma once

#include "base/entry.h"

namespace cura {

enum class Difference : std::uint8_t {
  kNone,       // certainly the same
  kUnchecked,  // the same, but contents are to be compared nonetheless
  kUnproven,   // the same as far as the previous manifest knows
  kCreated,    // there was none
  kType,       // another kind of thing has taken its name
  kContent,    // other content, or another target or device
  kMetadata,   // only mode, owner or (directories) time
  kMoved,      // only inode, ctime or filesystem are others, or not proven: content and extended
               // attributes must be looked at
  kUnread,     // the same as one that could not be read
};

// How far the source is believed.
struct Trust {
  bool inodes = true;    // their numbers stay the same from mount to mount
  bool ctimes = true;    // they are kept, and change with everything else
  bool contents = true;  // are the same where nothing says that they may have changed
  bool quick = false;    // contents are the same where size and mtime are, whatever else says
};

// Pure. `store_dev` is the store's device: a source that is the very inode in the store would be
// shared with it, so it counts as other content and is copied.
Difference Compare(const Entry& now, const Entry* before, std::uint64_t store_dev,
                   const Trust& trust);

// Whether mode and owner are the same as far as known.
bool SameModeAndOwner(const Entry& now, const Entry& before);

}  // namespace cura
