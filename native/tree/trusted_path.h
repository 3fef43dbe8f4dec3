// Opens a directory by a path that the user gave, without being led astray by other users.
#pragma once

#include <string>
#include <vector>

#include "base/entry.h"
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

// Follows '..' up to the root directory. Returns 1 if one of `directories` is among the ancestors
// from level `first_level` on (0: `at` itself), 0 if none is, -1 on an error.
int IsInside(Fd at, const std::vector<Identity>& directories, int first_level = 0);

}  // namespace cura
