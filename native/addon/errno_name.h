// Names error numbers as Node does.
#pragma once

#include <string>

namespace cura {

// Returns a name like "ENOSPC", or "errno 4000" for an unknown number. Codes of the addon have
// names too.
std::string ErrnoName(int code);

}  // namespace cura
