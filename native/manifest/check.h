// Checks a manifest as a whole, in memory that does not grow with its entries.
#pragma once

#include <string>

#include "manifest/codec.h"

namespace cura {

class Manifest;

// Whether the sections of all parts are what was written.
bool HasRightChecksums(const DirectoryBytes& directory);

// Reads all of a manifest once, in the order of its bytes: every checksum, every entry, and that
// the directories are a tree. Empty, or a sentence that says what is wrong.
std::string CheckWhole(const Manifest& manifest);

}  // namespace cura
