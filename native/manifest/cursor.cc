// Keeps a stack of directories, each read up to the subdirectory that was entered.
#include "manifest/cursor.h"

#include <utility>

namespace cura {

ManifestCursor::ManifestCursor(std::shared_ptr<const Manifest> manifest, DirId top,
                               std::string above)
    : manifest_(std::move(manifest)), above_(std::move(above)) {
  frames_.push_back({manifest_->Directory(top, 0, &windows_), 0});
}

bool ManifestCursor::Next() {
  if (std::exchange(enters_, false)) {
    const size_t path_size = above_.size();
    above_.append(entry_.name).push_back('/');
    frames_.push_back({manifest_->Directory(entry_.directory, 0, &windows_), path_size});
  }
  while (!frames_.empty() && !manifest_->failed()) {
    if (frames_.back().block.Next(&entry_)) {
      if (!manifest_->is_in_place()) entry_.stored_ino = 0;
      enters_ = entry_.type == Type::kDirectory && !entry_.unread;
      return true;
    }
    above_.resize(frames_.back().path_size);
    frames_.pop_back();
  }
  return false;
}

}  // namespace cura
