// Replaces a small file of the store as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/fd.h"

namespace cura {

// Writes the bytes under `name` + ".new", syncs them and renames that to `name`, so that a crash
// leaves the old file or the new one. The caller holds the lock that
// guards the file.
Status ReplaceFile(const Fd& dir, const std::string& name, std::string_view bytes);

// Removes the new file that a killed run left behind.
void RemoveUnfinishedFile(const Fd& dir, const std::string& name);

// Opens a file that ReplaceFile wrote; invalid if there is none. It was written without holes, so a
// sparse file, whose size must not be believed, is none of ours.
Fd OpenReplaced(const Fd& dir, const char* name, std::uint64_t* size);

}  // namespace cura
