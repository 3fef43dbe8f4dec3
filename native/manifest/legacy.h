// Reads manifests of formats 1 to 3, from older versions of this program.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "manifest/frame.h"

namespace cura {

// An older manifest, rewritten in the newest format.
struct Legacy {
  std::string bytes;
  std::uint32_t checksum = 0;  // of the original, because proofs refer to it
  Stamp stamp;
  bool is_stamped = false;
};

// Returns a sentence if the manifest is malformed. Does not check that its directories form a tree.
std::variant<Legacy, std::string> ConvertLegacy(std::string_view bytes);

}  // namespace cura
