// The names of error numbers, as Node has them.
#pragma once

namespace cura {

// "ENOSPC"; "ERRNO" for one that has no name here; our own codes have names too.
const char* ErrnoName(int code);

}  // namespace cura
