// Checks a whole manifest, in memory that does not grow with its entries.
#pragma once

#include <string>

#include "manifest/codec.h"

namespace cura {

class Manifest;

// Whether the checksums of all parts match.
bool HasRightChecksums(const DirectoryBytes& directory);

// Reads the whole manifest once, in the order of its bytes. Checks every checksum and every entry,
// and that the directories form a tree. Returns a sentence about the first fault, or nothing.
std::string CheckWhole(const Manifest& manifest);

}  // namespace cura
