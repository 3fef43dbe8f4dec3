// Lists the entries below a path in pages.
#include "query/entry_list.h"

#include <utility>

namespace cura {

ListedEntry Listed(std::string path, const Entry& entry) {
  ListedEntry listed{std::move(path), entry, std::string(entry.target)};
  listed.entry.name = {};
  listed.entry.target = {};
  return listed;
}

Result<std::optional<EntryLister>> EntryLister::Of(std::shared_ptr<const Manifest> manifest,
                                                   const std::string& path, Depth depth) {
  EntryLister lister;
  lister.depth_ = depth;
  DirId top = 0;
  std::string above;
  if (!path.empty()) {
    auto found = manifest->Lookup(path);
    if (!found.ok()) return std::move(found.error());
    if (!found.value() || found.value()->entry.unread) return std::optional<EntryLister>();
    const Entry& entry = found.value()->entry;
    if (entry.type != Type::kDirectory) {
      lister.single_ = Listed(path, entry);
      return std::optional(std::move(lister));
    }
    top = entry.directory;
    above = path + '/';
  }
  lister.cursor_.emplace(std::move(manifest), top, std::move(above));
  return std::optional(std::move(lister));
}

Result<std::vector<ListedEntry>> EntryLister::Next(size_t limit) {
  std::vector<ListedEntry> page;
  if (auto single = std::exchange(single_, std::nullopt)) page.push_back(std::move(*single));
  // Paths can be long, so the bytes of a page are limited too.
  for (size_t bytes = 0; cursor_ && page.size() < limit && bytes < kPageBytes;) {
    if (!cursor_->Next()) {
      const Status error = cursor_->manifest().failure();
      if (error) return *error;
      cursor_.reset();
      break;
    }
    if (depth_ == Depth::kChildren) cursor_->Skip();
    if (cursor_->entry().unread) continue;
    page.push_back(Listed(cursor_->path(), cursor_->entry()));
    bytes += page.back().path.size() + page.back().target.size();
  }
  return page;
}

}  // namespace cura
