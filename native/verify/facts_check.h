// Compares an inode of the store with what the record says of it.
#pragma once

#include <string>
#include <string_view>

#include "base/entry.h"
#include "file/metadata.h"

namespace cura {

// Metadata that a store may not have kept, by the notes of its markers.
struct Excused {
  bool owner = false;
  bool mode = false;
  bool time = false;
  bool xattrs = false;
};

// How to judge the metadata of one snapshot.
struct FactRules {
  Excused excused;
  bool is_of_user = false;  // an ordinary user made it, who cannot set everything
  std::uint32_t owner = 0;  // of the snapshot's directory
};

// A number that differs if the record says anything else of an inode.
std::uint64_t HashOfFacts(const Entry& entry);

// A record that was made from the tree has no attributes; it knows no inode of the source either.
inline bool KnowsXattrs(const Entry& recorded) { return recorded.ino != 0; }

// What differs, as 'mode 644 instead of 600'; empty if nothing does. Size and type are not
// compared.
std::string MetadataFault(const Entry& recorded, const sys::Stat& actual, const FactRules& rules);
// The inode in the tree, and how to judge it.
struct Judged {
  const sys::Stat& stat;
  const FactRules& rules;
};

// What is wrong with an entry that is no directory; empty if nothing is. `is_other`: its type, size
// or target.
std::string FaultOf(const Entry& recorded, const Place& place, const Judged& judged,
                    bool* is_other);
// The target of a symlink; empty if it cannot be read.
std::string TargetOf(int dir, const char* name);
// Whether the attributes may be those that were recorded.
bool HasRecordedXattrs(const Entry& recorded, const Place& place, const FactRules& rules);

}  // namespace cura
