// Reads several manifests as one, by numbering the directories of each manifest after those of the
// one before.
#include "store/previous.h"

#include <algorithm>
#include <map>

namespace cura {

void Previous::Add(Base base) {
  base.offset = next_;
  next_ += base.stored.manifest->directories();
  bases_.push_back(std::move(base));
}

void Previous::SetTop(const std::vector<BaseOption>& options) {
  std::map<std::string_view, Entry> found;
  std::vector<BlockReader> readers;  // keeps the bytes of the found entries
  for (const BaseOption& option : options) {
    const auto base = std::find_if(bases_.begin(), bases_.end(), [&](const Base& each) {
      return each.snapshot == option.snapshot && each.is_foreign == option.is_foreign;
    });
    if (base == bases_.end()) continue;
    by_source_.emplace(option.source, static_cast<size_t>(base - bases_.begin()));
    BlockReader& block = readers.emplace_back(Directory(base->offset));
    for (Entry entry; block.Next(&entry);) {
      if (entry.name == option.source) found.emplace(option.source, entry);
    }
  }
  BlockWriter top({0, {}, 0, 0});
  for (const auto& [name, entry] : found) top.Add(entry);
  top_ = top.Take();
  entries_ = 0;
  for (const Base& base : bases_) entries_ = std::max(entries_, base.stored.manifest->entries());
}

const Base* Previous::BaseOf(std::string_view source) const {
  const auto found = by_source_.find(std::string(source));
  return found == by_source_.end() ? nullptr : &bases_[found->second];
}

const Base& Previous::Holding(DirId id) const {
  const auto behind =
      std::upper_bound(bases_.begin(), bases_.end(), id,
                       [](DirId wanted, const Base& base) { return wanted < base.offset; });
  return *std::prev(behind);
}

BlockReader Previous::Directory(DirId id) const {
  if (id == 0) return BlockReader(top_);
  const Base& base = Holding(id);
  const auto newer = base.newer.find(id - base.offset);
  BlockReader block = newer != base.newer.end()
                          ? BlockReader(newer->second, kCodecVersion, base.offset)
                          : base.stored.manifest->Directory(id - base.offset, base.offset);
  if (base.is_foreign) block.ForgetVolumes();
  return block;
}

DirId Previous::ParentOf(DirId id) const {
  if (id == 0) return 0;
  const Base& base = Holding(id);
  const DirId parent = base.stored.manifest->ParentOf(id - base.offset);
  return parent == 0 ? 0 : parent + base.offset;
}

std::vector<std::string> Previous::PathOf(DirId id) const {
  if (id == 0) return {};
  const Base& base = Holding(id);
  return base.stored.manifest->PathOf(id - base.offset);
}

std::shared_ptr<Dir> Previous::Find(DirId id) const {
  std::shared_ptr<Dir> dir = Holding(id).stored.root;
  for (const std::string& name : PathOf(id)) dir = Dir::Child(dir, name, std::nullopt);
  return dir;
}

std::shared_ptr<Dir> Previous::Above(std::string_view source) const {
  const Base* const base = BaseOf(source);
  return base == nullptr ? nullptr : base->stored.root;
}

DirId Previous::DirectoryOf(DirId id, std::string_view name) const {
  const Base* const base = id == 0 ? BaseOf(name) : nullptr;
  return base == nullptr ? id : base->offset;
}

bool Previous::IsBaseTop(DirId id) const {
  return std::any_of(bases_.begin(), bases_.end(),
                     [&](const Base& base) { return base.offset == id; });
}

bool Previous::failed() const {
  return std::any_of(bases_.begin(), bases_.end(),
                     [](const Base& base) { return base.stored.manifest->failed(); });
}

Status Previous::failure() const {
  for (const Base& base : bases_) {
    if (auto error = base.stored.manifest->failure()) return error;
  }
  return std::nullopt;
}

std::string Previous::rebuilt() const {
  for (const Base& base : bases_) {
    if (!base.stored.rebuilt.empty()) return base.stored.rebuilt;
  }
  return {};
}

}  // namespace cura
