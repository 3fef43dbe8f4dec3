// Finds damaged names in snapshots, and keeps their bad bytes.
#pragma once

#include <string>

#include "base/result.h"
#include "store/store.h"
#include "verify/damage.h"

namespace cura {

std::string TextOf(const DamagedName& name);

// Links a damaged inode into the quarantine, durably. Does nothing if its bytes are good.
Status Quarantine(const Store& store, const Damage& damage);

}  // namespace cura
