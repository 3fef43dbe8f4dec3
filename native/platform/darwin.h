// What the files for macOS share.
#pragma once

#include <cerrno>

namespace cura::sys {

// The callers know a condition by the errno that Linux has for it, and macOS has another number:
// ENOTSUP is not EOPNOTSUPP here, and ENOATTR is not ENODATA.
template <typename Result>
Result Translated(Result result, int from, int to) {
  if (result < 0 && errno == from) errno = to;
  return result;
}

}  // namespace cura::sys
