// Lists the files of a snapshot with their digests, page by page, for a tool that checks them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifest/cursor.h"

namespace cura {

struct FileDigest {
  std::string path;  // raw bytes, starting with the name of the source
  Digest digest = kNoDigest;
};

// Visits the files of a manifest in the order of their paths.
class DigestLister {
 public:
  explicit DigestLister(std::shared_ptr<const Manifest> manifest);
  // Returns the next regular files, at most `limit`; none at the end. Fails if the manifest can no
  // longer be read.
  Result<std::vector<FileDigest>> Next(size_t limit);

 private:
  std::optional<ManifestCursor> cursor_;  // reset at the end, to close the manifest
};

}  // namespace cura
