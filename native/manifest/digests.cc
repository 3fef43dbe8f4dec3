// From a manifest to records of files.
#include "manifest/digests.h"

#include <utility>

namespace cura {

namespace {

constexpr size_t kPageBytes = 4U << 20U;

}  // namespace

DigestLister::DigestLister(std::shared_ptr<const Manifest> manifest)
    : manifest_(std::move(manifest)) {
  frames_.push_back({manifest_->Directory(0), 0});
}

std::vector<FileDigest> DigestLister::Next(size_t limit) {
  std::vector<FileDigest> page;
  // Paths may be as long as a tree is deep, so a page ends by its bytes as well.
  for (size_t bytes = 0; page.size() < limit && bytes < kPageBytes && !frames_.empty();) {
    Entry entry;
    if (!frames_.back().block.Next(&entry)) {
      path_.resize(frames_.back().path_size);
      frames_.pop_back();
    } else if (entry.unread) {
      continue;
    } else if (entry.type == Type::kDirectory) {
      frames_.push_back({manifest_->Directory(entry.directory), path_.size()});
      path_.append(entry.name).push_back('/');
    } else if (entry.type == Type::kFile) {
      page.push_back({path_ + std::string(entry.name), entry.digest});
      bytes += page.back().path.size();
    }
  }
  return page;
}

}  // namespace cura
