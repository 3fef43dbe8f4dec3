// Finds damaged names in snapshots, and keeps their bad bytes.
#pragma once

#include <string>

#include "base/result.h"
#include "platform/fd.h"
#include "tree/tree_editor.h"
#include "verify/damage.h"

namespace cura {

SplitPath Split(const std::string& path);
std::string TextOf(const DamagedName& name);

// Opens the directory `above` of a snapshot by held descriptors.
Result<Fd> OpenAbove(const Fd& store, const std::string& snapshot, const std::string& above);

// Links a damaged inode into the quarantine, durably. Does nothing if its bytes are good.
Status Quarantine(const Fd& store, const Damage& damage);

}  // namespace cura
