// Makes a manifest from a snapshot's tree, for a snapshot that has none or a damaged one, or whose
// tree another program has filled.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "scan/scan.h"

namespace cura {

struct Rebuilt {
  std::shared_ptr<const Manifest> manifest;
  std::vector<std::string> sockets;  // paths of what is in the tree, but in no manifest
};

// Reads the tree below `root`, the store's own files left out. What a tree cannot tell (inode and
// ctime of the source, an owner that this user could not have set) counts as unknown. The result
// is empty when the job was stopped.
std::optional<Rebuilt> Rebuild(const std::shared_ptr<Dir>& root, const JobContext& job);

}  // namespace cura
