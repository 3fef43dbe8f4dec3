// Opens a directory by a path that the user gave, without being led astray by other users.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "platform/fd.h"

namespace cura {

// Not an errno: a symlink in the path belongs neither to root nor to the running user.
inline constexpr int kForeignLinkCode = 100'015;

// The deepest directory of a path that exists, for use as the `dir` of other calls.
struct TrustedPath {
  Fd fd;
  std::vector<std::string> missing;  // the names below it, from the top down
};

// Walks the path component by component. Follows a symlink only if root or the running user owns
// it.
Result<TrustedPath> OpenTrusted(const std::string& path);

}  // namespace cura
