// Keeps facts that were proved about a stored snapshot later, so that the next run need not compare
// the same contents again. Losing the file only costs time.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "manifest/manifest.h"

namespace cura {

// Blocks that replace blocks of a manifest, by the number of their directory.
using Blocks = std::unordered_map<DirId, std::string>;

struct Proof {
  std::string snapshot;
  Stamp place;                 // of the snapshot's directory; the proof is valid only there
  Timestamp ctime;             // of that directory, if `manifest` is set; else all zero
  std::uint32_t checksum = 0;  // of the manifest that the proof is about
  std::string manifest;        // a whole manifest, if the snapshot has no usable one
  Blocks blocks;
  bool operator==(const Proof&) const = default;
};

// Returns nothing if the file is missing or damaged.
std::vector<Proof> LoadProofs(const Fd& store);
// Replaces the file atomically.
Status SaveProofs(const Fd& store, const std::vector<Proof>& proofs);

// Removes the new file that a killed run left behind.
void RemoveUnsavedProofs(const Fd& store);

// Whether blocks fit a manifest: each must have the same directories as the block that it replaces.
bool FitsManifest(const Blocks& blocks, const Manifest& manifest);

}  // namespace cura
