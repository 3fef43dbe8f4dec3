// Makes each directory, links its unchanged entries, makes the others in batches and adds its block
// to the manifest. Sets the metadata of a directory once everything below it is done.
#include "apply/apply.h"

#include <algorithm>
#include <utility>

#include "file/metadata.h"
#include "manifest/writer.h"
#include "tree/durable.h"

namespace cura {

namespace {

// Small enough to spread the copies of one large directory over all threads.
constexpr size_t kBatchEntries = 64;
constexpr std::uint64_t kBatchBytes = 4U << 20U;

// Most directories need no chmod if mkdir sets their mode. This is safe, because nobody else can
// enter the work directory above. Seal corrects any bits that the umask or the filesystem changed.
mode_t WorkMode(const Entry& directory) {
  constexpr mode_t kOwner = 0700;
  constexpr mode_t kEverybody = 0777;
  return kOwner | (directory.mode & kEverybody);
}

class Applier : private TreeWalk<TreeNode> {
 public:
  explicit Applier(ApplyOptions options)
      : TreeWalk(options.job, ApplyThreads()),
        options_(std::move(options)),
        steps_(options_.plan, options_.sources, options_.previous, job().failures, job().monitor,
               options_.digests) {}

  Result<Applied> Run();

 private:
  Status Enter(const NodePtr& node) override;
  Status Work(const NodePtr& node, Piece batch) override;
  bool ShareMore(const NodePtr& node) override;
  Status Finish(TreeNode* node) override;
  Status Seal(TreeNode* node) override;
  NodePtr Root();
  Status MakeWaiting();
  void Decode(TreeNode* node) const;
  Status LinkUnchanged(TreeNode* node);
  void PushBatches(const NodePtr& node);
  Status MakeSubdirectories(const NodePtr& node);
  Status MakeDirectory(const NodePtr& node, int work, std::uint32_t place);
  void ReadOwnXattrs(TreeNode* child, Entry* entry) const;
  [[nodiscard]] Result<Xattrs> ReadStoredXattrs(const TreeNode& child) const;
  [[nodiscard]] std::shared_ptr<Dir> StoredAbove(const TreeNode& node, std::string_view name) const;
  NodePtr ChildOf(const NodePtr& node, std::uint32_t place);
  Status MakeEntry(const NodeEntry& first, Leases* leases);
  Status SyncDirectory(Dir& dir) const;

  ApplyOptions options_;
  EntrySteps steps_;
  bool syncs_ = false;  // each new entry, because flushing the store's filesystem has no effect
  std::optional<ManifestWriter> manifest_;
  std::atomic<DirId> next_id_ = 1;
  std::mutex totals_mutex_;
  Totals totals_;  // guarded by totals_mutex_
};

Applier::NodePtr Applier::Root() {
  auto node = std::make_shared<TreeNode>();
  node->ref = options_.plan->Root();
  node->work = Dir::Root(job().budget, std::move(options_.work), sys::kOpenDirectory, "");
  return node;
}

Result<Applied> Applier::Run() {
  const auto root = Root();
  auto work = root->work->Open();
  syncs_ = NeedsEachSynced(work.value().fd());
  steps_.SyncEach(syncs_);
  Fd file(sys::CreateAt(work.value().fd(), kManifestName));
  if (!file.valid()) return LastError("openat", kManifestName);
  manifest_.emplace(&file);
  if (auto error = steps_.Start(root.get())) return std::move(*error);
  if (auto error = Walk(root)) return std::move(*error);
  if (auto error = MakeWaiting()) return std::move(*error);
  if (is_aborted()) return Aborted();
  if (auto error = options_.previous->failure()) return std::move(*error);
  if (auto error = manifest_->Finish(next_id_)) return std::move(*error);
  if (syncs_ && sys::SyncFile(file.get()) != 0) return LastError("fsync", kManifestName);
  if (syncs_ && root->delta != nullptr) {
    if (auto error = SyncDirectory(*root->delta)) return std::move(*error);
  }
  if (file.Close() != 0) return LastError("close", kManifestName);
  return Applied{totals_, steps_.bytes()};
}

// Makes the entries whose leader never came, and everything that waited for them.
Status Applier::MakeWaiting() {
  const std::vector<NodeEntry> left = steps_.GiveUp();
  for (const NodeEntry& at : left) {
    Leases leases;
    if (auto error = MakeEntry(at, &leases)) return error;
  }
  return left.empty() ? std::nullopt : Resume();
}

Status Applier::Enter(const NodePtr& node) {
  job().monitor->whereabouts.Pass([&] { return node->work->Path(); });
  Decode(node.get());
  if (auto error = options_.previous->failure()) return error;
  if (auto error = LinkUnchanged(node.get())) return error;
  if (auto error = MakeSubdirectories(node)) return error;
  PushBatches(node);
  return std::nullopt;
}

void Applier::Decode(TreeNode* node) const {
  node->planned = options_.plan->Find(node->ref);
  BlockReader block = node->planned != nullptr ? BlockReader(node->planned->block)
                                               : options_.previous->Directory(node->ref);
  for (Entry entry; block.Next(&entry);) node->entries.push_back(entry);
  node->owner = block.owner();
  node->dropped.resize(node->entries.size());
}

// Makes one linkat call for each unchanged entry, which is the bulk of all work. Adds all other
// entries to `todo`.
Status Applier::LinkUnchanged(TreeNode* node) {
  auto work = node->work->Open();
  if (!work.ok()) return std::move(work.error());
  DirLease previous;
  if (node->previous != nullptr) {
    auto opened = node->previous->Open();
    if (opened.ok()) previous = std::move(opened.value());
  }
  std::string name;
  std::uint64_t linked = 0;
  for (std::uint32_t place = 0; place < node->entries.size(); ++place) {
    const Entry& entry = node->entries[place];
    const Step step = node->DecisionAt(place).step;
    if (entry.type == Type::kDirectory) continue;
    if (entry.not_stored) {
      node->late.push_back(place);
      continue;
    }
    name = entry.name;
    const bool plain = step == Step::kLink && previous.valid() && !steps_.Leads(*node, place) &&
                       node->MovedFromAt(place) == nullptr &&
                       !steps_.IsCrowded(entry, previous.fd(), name.c_str());
    const bool done =
        plain && sys::LinkAt(previous.fd(), name.c_str(), work.value().fd(), name.c_str()) == 0;
    // MakeEntry tries a failed link again and handles the error.
    if (!done) node->todo.push_back(place);
    if (done) ++linked;
  }
  job().monitor->entries += linked;
  // In a store that ignores case, two entries may need the same name. The entry that had it before
  // comes first and keeps it, as with directories.
  std::stable_partition(node->todo.begin(), node->todo.end(), [&](std::uint32_t place) {
    return node->DecisionAt(place).change != ChangeKind::kNew;
  });
  return std::nullopt;
}

// Makes the subdirectories. In a store that ignores case, two of them may need the same name. The
// one that had it before comes first and keeps it; directories that the store could not hold come
// last.
Status Applier::MakeSubdirectories(const NodePtr& node) {
  auto work = node->work->Open();
  if (!work.ok()) return std::move(work.error());
  std::vector<std::uint32_t> later[2];
  for (std::uint32_t place = 0; place < node->entries.size(); ++place) {
    const Entry& entry = node->entries[place];
    if (entry.type != Type::kDirectory) continue;
    const bool was_there = options_.plan->PreviousOf(entry.directory) != kNoDir;
    if (entry.unread || !was_there) {
      later[entry.unread ? 1 : 0].push_back(place);
    } else if (auto error = MakeDirectory(node, work.value().fd(), place)) {
      return error;
    }
  }
  for (const auto& places : later) {
    for (const std::uint32_t place : places) {
      if (auto error = MakeDirectory(node, work.value().fd(), place)) return error;
    }
  }
  return std::nullopt;
}

// Makes one subdirectory and assigns its number in the new manifest. If the store cannot hold it,
// it gets no number and nothing below it is stored.
Status Applier::MakeDirectory(const NodePtr& node, int work, std::uint32_t place) {
  Entry& entry = node->entries[place];
  const bool was_kept_out = entry.unread;
  const std::string name(entry.name);
  const bool may_try = !was_kept_out || entry.directory != 0;
  if (!may_try || sys::MakeDirectoryAt(work, name.c_str(), WorkMode(entry)) != 0) {
    OsError error = LastError("mkdirat", node->work->PathOf(name));
    if (may_try && !IsBadName(error.code, name)) return error;
    if (error.code == ENOENT) error.code = ENAMETOOLONG;  // as EntryMaker::Refuse does
    if (!was_kept_out) job().failures->Add(std::move(error));
    entry.unread = entry.not_stored = true;
    entry.directory = 0;
    return std::nullopt;
  }
  entry.unread = entry.not_stored = false;
  ++job().monitor->entries;
  auto child = ChildOf(node, place);
  entry.directory = child->id;
  if (child->own.xattrs != 0) ReadOwnXattrs(child.get(), &entry);
  // List a new directory in the delta even if it is empty.
  const bool is_new = node->DecisionAt(place).change == ChangeKind::kNew || was_kept_out;
  if (steps_.delta() != nullptr && is_new) {
    auto made = steps_.delta()->For(child.get());
    if (!made.ok()) return std::move(made.error());
  }
  Descend(std::move(child));
  return std::nullopt;
}

// Runs before the parent's block is written, because that block records whether the attributes
// could be read. If not, the directory keeps its previous attributes.
void Applier::ReadOwnXattrs(TreeNode* child, Entry* entry) const {
  const auto path = [&] { return child->work->Path(); };
  if (child->source != nullptr) {
    auto source = child->source->Open();
    if (source.ok()) {
      const Place place = Place::OfFd(source.value().fd());
      auto xattrs = ReadXattrsOf(entry, place, path, job().failures);
      if (xattrs) {
        child->xattrs = std::move(*xattrs);
        return;
      }
    } else {
      job().failures->Add(std::move(source.error()));
    }
  }
  if (child->previous != nullptr) {
    auto kept = ReadStoredXattrs(*child);
    if (kept.ok()) {
      child->xattrs = std::move(kept.value());
    } else {
      kept.error().path = path();
      job().failures->Add(std::move(kept.error()));
    }
  }
  entry->xattrs = DigestOf(child->xattrs);
  entry->ctime = {};
}

// By name, because a stored directory is opened without the permission to list it, and such a
// descriptor has no attributes.
Result<Xattrs> Applier::ReadStoredXattrs(const TreeNode& child) const {
  auto above = StoredAbove(*child.parent, child.name)->Open();
  if (!above.ok()) return std::move(above.error());
  return ReadXattrs(Place::At(above.value().fd(), child.name.c_str()));
}

// The directory of the previous snapshot that holds a child of `node`; null if there is none.
std::shared_ptr<Dir> Applier::StoredAbove(const TreeNode& node, std::string_view name) const {
  return node.parent == nullptr ? options_.previous->Above(name) : node.previous;
}

Applier::NodePtr Applier::ChildOf(const NodePtr& node, std::uint32_t place) {
  const Entry& entry = node->entries[place];
  auto child = std::make_shared<TreeNode>();
  child->parent = node;
  child->name = entry.name;
  child->own = entry;
  child->ref = entry.directory;
  child->id = next_id_++;
  child->work = Dir::Child(node->work, entry.name, std::nullopt);
  const PlannedDir* planned = options_.plan->Find(entry.directory);
  if (node->source != nullptr) {
    Identity source{entry.dev, entry.ino};
    if (planned != nullptr && planned->extras != nullptr) {
      source = planned->extras->replaced.value_or(source);
    }
    child->source = Dir::Child(node->source, entry.name, source);
  } else if (node->parent == nullptr) {
    const Source* const operand = options_.sources->Find(entry.name);
    if (operand != nullptr) child->source = operand->dir;
  }
  const auto above = StoredAbove(*node, entry.name);
  if (options_.plan->PreviousOf(entry.directory) != kNoDir && above != nullptr) {
    child->previous = Dir::Child(above, entry.name, std::nullopt);
  }
  return child;
}

void Applier::PushBatches(const NodePtr& node) {
  size_t first = 0;
  std::uint64_t bytes = 0;
  for (size_t i = 0; i < node->todo.size(); ++i) {
    bytes += node->entries[node->todo[i]].size;
    const bool full = i + 1 - first >= kBatchEntries || bytes >= kBatchBytes;
    if (!full && i + 1 < node->todo.size()) continue;
    Share(node, {first, i + 1});
    first = i + 1;
    bytes = 0;
  }
}

Status Applier::Work(const NodePtr& node, Piece batch) {
  job().monitor->whereabouts.Pass([&] { return node->work->Path(); });
  Leases leases;
  for (size_t i = batch.first; i < batch.last; ++i) {
    if (is_aborted()) return Aborted();
    Hold(node.get());  // for the entry itself, in case it must wait
    if (auto error = MakeEntry({node, node->todo[i]}, &leases)) return error;
  }
  return std::nullopt;
}

// Makes an entry and the entries that waited for it. Each one made releases its directory once.
Status Applier::MakeEntry(const NodeEntry& first, Leases* leases) {
  std::vector<NodeEntry> left = {first};
  while (!left.empty()) {
    const NodeEntry at = std::move(left.back());
    left.pop_back();
    Leases own;
    std::vector<NodeEntry> ready;
    bool waits = false;
    Leases* const its = at.node == first.node ? leases : &own;
    if (auto error = steps_.Make(at, its, &ready, &waits)) return error;
    left.insert(left.end(), ready.begin(), ready.end());
    if (waits) continue;
    ++job().monitor->entries;
    if (auto error = Release(at.node)) return error;
  }
  return std::nullopt;
}

bool Applier::ShareMore(const NodePtr& node) {
  if (node->late.empty()) return false;
  node->todo = std::exchange(node->late, {});
  PushBatches(node);
  return true;
}

Status Applier::Finish(TreeNode* node) {
  BlockHead head{node->parent != nullptr ? node->parent->id : 0, node->name, 0, 0};
  if (!node->entries.empty()) head.dev = node->entries.front().dev;
  if (!node->entries.empty()) head.volume = node->entries.front().volume;
  DirectoryWriter block(head);
  Totals totals;
  for (size_t place = 0; place < node->entries.size(); ++place) {
    if (node->dropped[place] != 0) continue;
    block.Add(node->entries[place]);
    if (!node->entries[place].unread) totals.Add(node->entries[place]);
  }
  std::vector<Entry>().swap(node->entries);
  node->owner.reset();
  {
    const std::lock_guard lock(totals_mutex_);
    totals_.Merge(totals);
  }
  return manifest_->Add(node->id, block.Take());
}

Status Applier::Seal(TreeNode* node) {
  auto work = node->work->Open();
  if (!work.ok()) return std::move(work.error());
  NewInode fresh{Place::OfFd(work.value().fd()), {}, [&] { return node->work->Path(); }};
  if (sys::StatFd(fresh.place.fd, &fresh.actual) != 0) return LastError("statx", fresh.path());
  if (auto error = SetMetadata(fresh, node->own, node->xattrs, job().failures)) return error;
  if (!syncs_) return std::nullopt;
  if (node->delta != nullptr) {
    if (auto error = SyncDirectory(*node->delta)) return error;
  }
  return SyncDirectory(*node->work);
}

Status Applier::SyncDirectory(Dir& dir) const {
  auto lease = dir.Open();
  if (!lease.ok()) return std::move(lease.error());
  return SyncEntry(
      lease.value().fd(), [&] { return dir.Path(); }, job().failures);
}

}  // namespace

Result<Applied> Apply(ApplyOptions options) { return Applier(std::move(options)).Run(); }

}  // namespace cura
