// Lists the files of a snapshot with their digests, page by page, for a tool that checks them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifest/cursor.h"

namespace cura {

struct FileDigest {
  std::string path;  // raw bytes, from the source's name down
  Digest digest = kNoDigest;
};

// Goes through a manifest in the order of its paths.
class DigestLister {
 public:
  explicit DigestLister(std::shared_ptr<const Manifest> manifest);
  // The next at most `limit` regular files; none at the end. An error where the manifest can no
  // longer be read.
  Result<std::vector<FileDigest>> Next(size_t limit);

 private:
  std::optional<ManifestCursor> cursor_;  // none once the end was reached, so that nothing is open
};

}  // namespace cura
