// Declarations that the macOS files share.
#pragma once

#include <cerrno>

namespace cura::sys {

// Callers test for the errnos of Linux. macOS reports some conditions by another number: ENOTSUP is
// not EOPNOTSUPP here, and ENOATTR is not ENODATA.
template <typename Result>
Result Translated(Result result, int from, int to) {
  if (result < 0 && errno == from) errno = to;
  return result;
}

}  // namespace cura::sys
