// Reads the records of other snapshots, because only they know digests.
#include "restore/donors.h"

#include "manifest/cursor.h"
#include "tree/tree_editor.h"

namespace cura {

namespace {

// Enough for a store that keeps several copies; each is read in vain if all are damaged.
constexpr size_t kMostDonors = 8;

}  // namespace

// A record that cannot be used has no digests.
void Donors::OpenAll() {
  is_open_ = true;
  trees_.push_back(*stored_);
  for (const std::string& name : options_.donors) {
    auto opened = OpenRecord(options_.store->fd(), name, Hold::kNothing);
    if (!opened.ok() || opened.value().manifest == nullptr) continue;
    Fd root(sys::OpenAt(options_.store->fd().get(), name.c_str(), sys::kOpenDirectory));
    if (!root.valid()) continue;
    auto dir = Dir::Root(job_.budget, std::move(root), sys::kOpenPath, name);
    trees_.push_back({opened.value().manifest, std::move(dir), {}});
  }
}

std::vector<Donor> Donors::For(const Entry& entry, const std::string& path, bool is_damaged) {
  std::vector<Donor> found;
  if (entry.digest == kNoDigest) return found;
  const std::lock_guard lock(mutex_);
  if (!is_open_) OpenAll();
  std::unordered_set<std::uint64_t> tried;
  if (is_damaged && entry.stored_ino != 0) tried.insert(entry.stored_ino);
  const auto add = [&](const StoredTree& tree, const std::string& at, const Entry& other) {
    const bool is_same = other.type == Type::kFile && !other.unread &&
                         other.digest == entry.digest && other.size == entry.size &&
                         !(&tree == &trees_.front() && at == path);
    if (!is_same) return;
    // The names of one inode are one copy, unless one of them was lost.
    const bool is_one = is_damaged && other.stored_ino != 0;
    if (is_one && !tried.insert(other.stored_ino).second) return;
    const SplitPath split = SplitLast(at);
    Donor donor{tree.Find(split.above), std::string(split.name), other,
                tree.manifest->is_in_place()};
    donor.entry.name = donor.entry.target = {};
    found.push_back(std::move(donor));
  };
  for (const StoredTree& tree : trees_) {
    const auto same = tree.manifest->Lookup(path);
    if (same.ok() && same.value()) add(tree, path, same.value()->entry);
  }
  for (const StoredTree& tree : trees_) {
    ManifestCursor cursor(tree.manifest);
    while (found.size() < kMostDonors && !job_.monitor->abort && cursor.Next()) {
      if (cursor.entry().digest == entry.digest) add(tree, cursor.path(), cursor.entry());
    }
  }
  return found;
}

}  // namespace cura
