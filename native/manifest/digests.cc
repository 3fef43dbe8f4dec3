// Lists regular files and their digests in pages.
#include "manifest/digests.h"

#include <utility>

namespace cura {

namespace {

constexpr size_t kPageBytes = 4U << 20U;

}  // namespace

DigestLister::DigestLister(std::shared_ptr<const Manifest> manifest)
    : cursor_(std::in_place, std::move(manifest)) {}

Result<std::vector<FileDigest>> DigestLister::Next(size_t limit) {
  std::vector<FileDigest> page;
  // Paths can be long, so the bytes of a page are limited too.
  for (size_t bytes = 0; cursor_ && page.size() < limit && bytes < kPageBytes;) {
    if (!cursor_->Next()) {
      const Status error = cursor_->manifest().failure();
      if (error) return *error;
      cursor_.reset();
      break;
    }
    const Entry& entry = cursor_->entry();
    if (entry.unread || entry.type != Type::kFile) continue;
    page.push_back({cursor_->path(), entry.digest});
    bytes += page.back().path.size();
  }
  return page;
}

}  // namespace cura
