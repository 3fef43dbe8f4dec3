// The names of error numbers, as Node has them.
#pragma once

#include <string>

namespace cura {

// "ENOSPC"; "errno 4000" for a number that has no name here; our own codes have names too.
std::string ErrnoName(int code);

}  // namespace cura
