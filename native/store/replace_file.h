// Replaces a small file of the store as a whole.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/fd.h"

namespace cura {

// Writes the bytes under `name` + ".new", syncs them and renames that to `name`, so that a crash
// leaves the old file or the new one. The caller holds the store's lock.
Status ReplaceFile(const Fd& dir, const std::string& name, std::string_view bytes);

// Removes the new file that a killed run left behind.
void RemoveUnfinishedFile(const Fd& dir, const std::string& name);

}  // namespace cura
