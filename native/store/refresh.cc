// Joins a record with the present state of its tree.
#include "store/refresh.h"

#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "manifest/merge.h"
#include "manifest/rebuild.h"

namespace cura {

namespace {

class Refresher {
 public:
  Refresher(const Manifest* recorded, const Manifest* actual)
      : recorded_(recorded), actual_(actual) {}

  Blocks Run() {
    left_.emplace_back(0, 0);
    while (!left_.empty()) {
      const auto [recorded, actual] = left_.back();
      left_.pop_back();
      JoinDirectory(recorded, actual);
    }
    for (auto& [id, block] : blocks_) {
      if (!torn_.empty()) block = WithoutProof(block);
    }
    return std::move(blocks_);
  }

 private:
  void JoinDirectory(DirId recorded, DirId actual) {
    BlockReader from = recorded_->Directory(recorded);
    BlockWriter to(from.head());
    MergeJoin join(BlockList(from), BlockList(actual_->Directory(actual)));
    while (join.Next()) {
      if (join.left() != nullptr && RefreshEntry(join.left(), join.right())) to.Add(*join.left());
    }
    blocks_.emplace(recorded, to.Take());
  }

  // Returns false if the tree no longer has the entry as recorded.
  bool RefreshEntry(Entry* entry, const Entry* now) {
    if (entry->unread) return true;  // it is in no tree
    const bool is_only_recorded = entry->stored_ino == 0 && IsSpecial(entry->type);
    if (now == nullptr) return is_only_recorded;
    if (now->type != entry->type) return false;
    if (entry->type == Type::kDirectory) {
      left_.emplace_back(entry->directory, now->directory);
      return true;
    }
    if (now->size != entry->size || now->target != entry->target) return false;
    entry->stored_ino = now->stored_ino;
    if (now->mtime != entry->mtime) entry->ctime = {};
    if (!entry->linked || entry->ino == 0) return true;
    const Identity source{entry->volume, entry->ino};
    const auto [first, is_first] = first_.emplace(source, entry->stored_ino);
    if (!is_first && first->second != entry->stored_ino) torn_.insert(source);
    return true;
  }

  std::string WithoutProof(const std::string& block) const {
    BlockReader from(block);
    BlockWriter to(from.head());
    for (Entry entry; from.Next(&entry);) {
      if (entry.linked && torn_.contains(Identity{entry.volume, entry.ino})) entry.ctime = {};
      to.Add(entry);
    }
    return to.Take();
  }

  const Manifest* const recorded_;
  const Manifest* const actual_;
  std::vector<std::pair<DirId, DirId>> left_;
  Blocks blocks_;
  std::unordered_map<Identity, std::uint64_t, IdentityHash> first_;
  std::unordered_set<Identity, IdentityHash> torn_;
};

}  // namespace

Result<Blocks> RefreshRecord(const StoredSnapshot& snapshot, const JobContext& job) {
  StoredSnapshot actual;
  actual.root = snapshot.root;
  if (auto error = RebuildManifest(&actual, job)) return std::move(*error);
  Blocks blocks = Refresher(snapshot.manifest.get(), actual.manifest.get()).Run();
  if (auto error = snapshot.manifest->failure()) return std::move(*error);
  return blocks;
}

}  // namespace cura
