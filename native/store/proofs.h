// What was proved about a stored snapshot since it was made: kept in the store, so that contents
// that were compared once are not compared in every run. Losing it costs reads, nothing else.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "manifest/manifest.h"

namespace cura {

// Blocks that stand in place of those of a manifest, by the number of their directory.
using Blocks = std::unordered_map<DirId, std::string>;

struct Proof {
  std::string snapshot;
  Stamp place;                 // of the snapshot's directory: the proof holds there alone
  Timestamp ctime;             // of that directory, where there is a whole manifest: else all zero
  std::uint32_t checksum = 0;  // of the manifest that it is about
  std::string manifest;        // a whole one, where the snapshot has none that can be used
  Blocks blocks;
  bool operator==(const Proof&) const = default;
};

// None where the file is missing or damaged.
std::vector<Proof> LoadProofs(const Fd& store);
// Replaces the file at once.
Status SaveProofs(const Fd& store, const std::vector<Proof>& proofs);

// Removes what a run that was killed in between has left.
void RemoveUnsavedProofs(const Fd& store);

// Whether blocks fit a manifest: each has no other directories than the one that it replaces.
bool FitsManifest(const Blocks& blocks, const Manifest& manifest);

}  // namespace cura
