// Goes through all entries of a manifest in the order of their paths.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "manifest/manifest.h"

namespace cura {

class ManifestCursor {
 public:
  explicit ManifestCursor(std::shared_ptr<const Manifest> manifest);

  // Goes on to the next entry: into the directory in hand first. False at the end, and where the
  // manifest cannot be read: its `failure` tells the two apart.
  bool Next();
  // Leaves out what is below the directory in hand.
  void Skip() { enters_ = false; }

  // Views are valid until the next call of `Next`.
  [[nodiscard]] const Entry& entry() const { return entry_; }
  // Raw bytes, from the source's name down.
  [[nodiscard]] std::string path() const { return above_ + std::string(entry_.name); }
  [[nodiscard]] const Manifest& manifest() const { return *manifest_; }

 private:
  // A directory on the way.
  struct Frame {
    BlockReader block;
    size_t path_size = 0;  // of the path above it
  };

  const std::shared_ptr<const Manifest> manifest_;
  std::vector<Frame> frames_;
  std::string above_;  // path of the directory that has the entry, with a '/' at its end
  Entry entry_;
  bool enters_ = false;
};

}  // namespace cura
