// Writes a time as text, because JavaScript numbers cannot hold nanoseconds since 1970.
#pragma once

#include <string>

#include "platform/sys.h"

namespace cura {

// RFC 3339 in UTC with nanoseconds: "2026-11-21T14:00:05.000000001Z". Years outside 0 to 9999 have
// a sign and at least six digits, as in ISO 8601.
std::string TimeText(const sys::Timestamp& time);

}  // namespace cura
