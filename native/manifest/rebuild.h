// Makes a manifest from a snapshot's tree, if the snapshot has no usable one or another program
// filled the tree.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "scan/scan.h"

namespace cura {

struct Rebuilt {
  std::shared_ptr<const Manifest> manifest;
  std::vector<std::string> sockets;  // paths of sockets in the tree; the manifest omits them
};

// Reads the tree below `root`, without the store's own files. Facts that the tree does not show are
// unknown in the manifest: inode and ctime of the source, and an owner that this user could not
// set. Returns nothing on abort.
std::optional<Rebuilt> Rebuild(const std::shared_ptr<Dir>& root, const JobContext& job);

}  // namespace cura
