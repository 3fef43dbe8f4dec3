// Plans what is missing at the target.
#include "manifest/cursor.h"
#include "restore/target_comparison.h"

namespace cura {

namespace {

// A larger missing tree is made piece by piece, so that a run that is killed has not made it in
// vain.
constexpr std::uint64_t kMostEntries = 50'000;
constexpr std::uint64_t kMostBytes = 1U << 30U;

}  // namespace

// The bytes to write for a file. All names of an inode are written once.
std::uint64_t TargetComparison::BytesOf(const Entry& file) {
  if (file.type != Type::kFile) return 0;
  const auto group = GroupKeyOf(file);
  if (!group) return file.size;
  const std::lock_guard lock(mutex_);
  return counted_.try_emplace(*group, true).second ? file.size : 0;
}

TargetComparison::Size TargetComparison::CountBelow(const Entry& directory, const std::string& path,
                                                    std::string_view only) {
  Size size;
  if (directory.boundary) return size;
  ManifestCursor cursor(stored_->manifest, directory.directory, path + '/');
  while (cursor.Next() && !job_.monitor->abort) {
    const Entry& entry = cursor.entry();
    const std::string at = cursor.path();
    const bool is_wanted =
        IsWithin(std::string_view(at).substr(path.size() + 1), only) && !left_out_.Has(at, entry);
    if (is_wanted && entry.unread) job_.failures->Add({kUnreadCode, "", at, {}});
    if (!is_wanted || entry.boundary) cursor.Skip();
    if (!is_wanted || entry.unread) continue;
    ++size.entries;
    size.bytes += BytesOf(entry);
  }
  return size;
}

RestoreItem TargetComparison::PlanMissing(const RestoreDir& dir, const Entry& stored,
                                          RestoreCounts* counts) {
  RestoreItem item;
  item.name = Kept(stored.name);
  item.type = stored.type;
  item.size = stored.type == Type::kFile ? stored.size : 0;
  ++counts->restored;
  counts->bytes += BytesOf(stored);
  if (stored.type != Type::kDirectory) return item;
  const std::string path = dir.PathOf(stored.name);
  const Size below = CountBelow(stored, path, dir.only);
  const bool is_large = below.entries > kMostEntries || below.bytes > kMostBytes;
  counts->restored += below.entries;
  counts->bytes += below.bytes;
  if (!is_large || !dir.only.empty() || !dir.stored_name.empty()) return item;
  item.is_apart = true;
  SplitMissing(dir, stored, path);
  return item;
}

// Plans all entries of a directory that is missing.
void TargetComparison::PlanEntries(RestoreDir* dir, RestoreCounts* counts) {
  BlockReader block = stored_->manifest->Directory(dir->stored);
  for (Entry entry; block.Next(&entry) && !job_.monitor->abort;) {
    const std::string path = dir->PathOf(entry.name);
    if (left_out_.Has(path, entry)) continue;
    if (entry.unread) {
      job_.failures->Add({kUnreadCode, "", path, {}});
    } else {
      dir->items.push_back(PlanMissing(*dir, entry, counts));
    }
  }
}

// Makes the directory itself first, and each of its entries as a tree of its own.
void TargetComparison::SplitMissing(const RestoreDir& above, const Entry& stored,
                                    const std::string& path) {
  RestoreDir dir;
  dir.target = Dir::Child(above.target, stored.name, std::nullopt);
  dir.stored = stored.directory;
  dir.is_missing = true;
  dir.above = above.target;
  dir.name = stored.name;
  dir.path = path;
  dir.own = WithoutViews(stored);
  RestoreCounts counted;  // already counted as a part of the whole
  PlanEntries(&dir, &counted);
  const std::lock_guard lock(mutex_);
  plan_->dirs.push_back(std::move(dir));
}

}  // namespace cura
