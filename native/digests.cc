// From a manifest to records of files.
#include "digests.h"

#include <utility>

namespace cura {

DigestLister::DigestLister(std::shared_ptr<const Manifest> manifest)
    : manifest_(std::move(manifest)) {
  frames_.push_back({manifest_->Directory(0), 0});
}

std::vector<FileDigest> DigestLister::Next(size_t limit) {
  std::vector<FileDigest> page;
  while (page.size() < limit && !frames_.empty()) {
    Entry entry;
    if (!frames_.back().block.Next(&entry)) {
      path_.resize(frames_.back().path_size);
      frames_.pop_back();
    } else if (entry.type == Type::kDirectory) {
      frames_.push_back({manifest_->Directory(entry.directory), path_.size()});
      path_.append(entry.name).push_back('/');
    } else if (entry.type == Type::kFile && !entry.unread) {
      page.push_back({path_ + std::string(entry.name), entry.digest});
    }
  }
  return page;
}

}  // namespace cura
