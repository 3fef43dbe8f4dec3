// Visits all entries of a manifest in the order of their paths.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "manifest/manifest.h"

namespace cura {

class ManifestCursor {
 public:
  // Visits what is below directory `top`, whose path with a trailing '/' is `above`; empty for the
  // root.
  explicit ManifestCursor(std::shared_ptr<const Manifest> manifest, DirId top = 0,
                          std::string above = {});

  // Moves to the next entry, which is the first one in the current directory if there is one.
  // Returns false at the end, and if the manifest cannot be read: check its `failure`.
  bool Next();
  // Skips everything below the current directory.
  void Skip() { enters_ = false; }

  // Valid until the next call of `Next`.
  [[nodiscard]] const Entry& entry() const { return entry_; }
  // Raw bytes, starting with the name of the source.
  [[nodiscard]] std::string path() const { return above_ + std::string(entry_.name); }
  [[nodiscard]] const Manifest& manifest() const { return *manifest_; }

 private:
  // A directory on the current path.
  struct Frame {
    BlockReader block;
    size_t path_size = 0;  // length of its parent's path
  };

  const std::shared_ptr<const Manifest> manifest_;
  ReadWindows windows_;
  std::vector<Frame> frames_;
  std::string above_;  // path of the directory that has the entry, with a trailing '/'
  Entry entry_;
  bool enters_ = false;
};

}  // namespace cura
