// Lists the files of a snapshot with their digests, page by page, for a tool that checks them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "manifest/manifest.h"

namespace cura {

struct FileDigest {
  std::string path;  // raw bytes, from the source's name down
  Digest digest = kNoDigest;
};

// Goes through a manifest in the order of its paths.
class DigestLister {
 public:
  explicit DigestLister(std::shared_ptr<const Manifest> manifest);
  // The next at most `limit` regular files; none at the end.
  std::vector<FileDigest> Next(size_t limit);

 private:
  // A directory on the way.
  struct Frame {
    BlockReader block;
    size_t path_size = 0;  // of the path above it
  };

  const std::shared_ptr<const Manifest> manifest_;
  std::vector<Frame> frames_;
  std::string path_;  // of the directory in hand, with a '/' at its end
};

}  // namespace cura
