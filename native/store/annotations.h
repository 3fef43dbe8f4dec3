// What a user adds to a published snapshot: a pin, and tags. They are files of their own, because a
// marker is never rewritten.
#pragma once

#include <string>

#include "base/result.h"
#include "platform/fd.h"

namespace cura {

// Any entry with this name pins the snapshot.
inline constexpr const char* kPinName = ".backup_pinned";
inline constexpr const char* kTagsName = ".backup_tags";

// Makes or removes the pin of a snapshot, and makes that durable. Does nothing if it is so already.
// The caller holds the store's lock, as for WriteTags.
Status SetPinned(const Fd& store, const std::string& snapshot, bool is_pinned);

// Replaces the tags of a snapshot by a rename, and makes that durable.
Status WriteTags(const Fd& store, const std::string& snapshot, const std::string& text);

}  // namespace cura
