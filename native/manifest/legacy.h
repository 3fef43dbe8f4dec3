// Reads manifests of formats 1 to 3, which older versions of this program have written.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "manifest/frame.h"

namespace cura {

// Such a manifest, rewritten in the newest format.
struct Legacy {
  std::string bytes;
  std::uint32_t checksum = 0;  // of the original: proofs name it
  Stamp stamp;
  bool is_stamped = false;
};

// A sentence where something is wrong with it. What it says of the tree is not checked here.
std::variant<Legacy, std::string> ConvertLegacy(std::string_view bytes);

}  // namespace cura
