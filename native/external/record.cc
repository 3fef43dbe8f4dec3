// Scans the work directory and joins the result with the previous manifest, in parallel.
#include "external/record.h"

#include <unordered_map>

#include "apply/delta.h"
#include "base/pool.h"
#include "manifest/merge.h"
#include "manifest/rebuild.h"
#include "manifest/writer.h"
#include "tree/tree_editor.h"

namespace cura {

namespace {

// A directory of the new manifest and its counterpart in the previous one, if any.
struct Pair {
  std::shared_ptr<TreeNode> now;
  DirId before = kNoDir;
};

class Recorder {
 public:
  Recorder(const RecordOptions& options, const Manifest* manifest)
      : options_(options), manifest_(manifest), before_(options.previous->manifest.get()) {}

  Result<Applied> Run();

 private:
  Status Walk(std::shared_ptr<TreeNode> root);
  void RecordPair(const Pair& pair);
  Status JoinPair(const Pair& pair);
  Status WriteBlock(const TreeNode& node, const BlockHead& head);
  Status RecordEntry(const Pair& pair, std::uint32_t place, const Entry* before);
  Status Branch(const Pair& pair, std::uint32_t place, const Entry* before);
  static bool IsSame(const TreeNode& node, const Entry& now, const Entry& before);
  std::uint64_t BytesAnew();
  [[nodiscard]] Status Failure() const;

  const RecordOptions& options_;
  const Manifest* const manifest_;
  const Manifest* const before_;  // null for a first snapshot
  Delta delta_;
  std::optional<ManifestWriter> writer_;
  WorkStack<Pair> stack_;
  std::mutex mutex_;  // guards the members below
  Totals totals_;
  std::unordered_map<std::uint64_t, std::uint64_t> sizes_;  // of files that may be new, by inode
  std::optional<OsError> error_;
};

Result<Applied> Recorder::Run() {
  auto root = std::make_shared<TreeNode>();
  root->work = options_.work;
  root->previous = options_.previous->root;
  auto work = options_.work->Open();
  if (!work.ok()) return std::move(work.error());
  Fd file(sys::CreateAt(work.value().fd(), kManifestName));
  if (!file.valid()) return LastError("openat", kManifestName);
  writer_.emplace(&file);
  if (auto error = Walk(std::move(root))) return std::move(*error);
  if (auto error = writer_->Finish(manifest_->directories())) return std::move(*error);
  if (file.Close() != 0) return LastError("close", kManifestName);
  const std::uint64_t bytes = BytesAnew();
  if (auto error = Failure()) return std::move(*error);
  return Applied{totals_, bytes};
}

Status Recorder::Walk(std::shared_ptr<TreeNode> root) {
  if (before_ != nullptr) {
    if (auto error = delta_.Start(root.get())) return error;
  }
  stack_.Push({std::move(root), before_ != nullptr ? 0 : kNoDir});
  RunPool(options_.job.threads, ApplyThreads(), &stack_,
          [&](const Pair& pair) { RecordPair(pair); });
  return std::move(error_);
}

void Recorder::RecordPair(const Pair& pair) {
  const bool stopped = options_.job.monitor->abort;
  Status error = stopped ? Status(Aborted()) : JoinPair(pair);
  if (!error) return;
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
  stack_.Stop();
}

Status Recorder::JoinPair(const Pair& pair) {
  TreeNode& node = *pair.now;
  BlockReader block = manifest_->Directory(node.id);
  const BlockHead head = block.head();
  for (Entry entry; block.Next(&entry);) node.entries.push_back(entry);
  node.owner = block.owner();
  BlockList before =
      pair.before == kNoDir ? BlockList() : BlockList(before_->Directory(pair.before));
  Totals totals;
  MergeJoin names(EntryList(&node.entries), std::move(before));
  while (names.Next()) {
    if (names.left() == nullptr) continue;
    totals.Add(*names.left());
    if (auto error = RecordEntry(pair, names.left_list().place(), names.right())) return error;
  }
  if (auto error = Failure()) return error;
  if (auto error = WriteBlock(node, head)) return error;
  const std::lock_guard lock(mutex_);
  totals_.Merge(totals);
  return std::nullopt;
}

Status Recorder::WriteBlock(const TreeNode& node, const BlockHead& head) {
  DirectoryWriter block(head);
  for (const Entry& entry : node.entries) block.Add(entry);
  return writer_->Add(node.id, block.Take());
}

Status Recorder::RecordEntry(const Pair& pair, std::uint32_t place, const Entry* before) {
  Entry& now = pair.now->entries[place];
  if (now.type == Type::kDirectory) return Branch(pair, place, before);
  if (before != nullptr && IsSame(*pair.now, now, *before)) {
    now.digest = before->digest;
    return std::nullopt;
  }
  if (now.type == Type::kFile) {
    const std::lock_guard lock(mutex_);
    sizes_.emplace(now.stored_ino, now.size);
  }
  if (before_ == nullptr) return std::nullopt;
  auto work = pair.now->work->Open();
  if (!work.ok()) return std::move(work.error());
  return delta_.Add({pair.now, place}, work.value().fd());
}

Status Recorder::Branch(const Pair& pair, std::uint32_t place, const Entry* before) {
  const Entry& now = pair.now->entries[place];
  const bool was_there = before != nullptr && before->type == Type::kDirectory && !before->unread;
  auto child = std::make_shared<TreeNode>();
  child->parent = pair.now;
  child->name = now.name;
  child->id = now.directory;
  child->work = Dir::Child(pair.now->work, now.name, std::nullopt);
  if (was_there) child->previous = Dir::Child(pair.now->previous, now.name, std::nullopt);
  // List a new directory in the delta even if it is empty.
  if (!was_there && before_ != nullptr) {
    auto made = delta_.For(child.get());
    if (!made.ok()) return std::move(made.error());
  }
  stack_.Push({std::move(child), was_there ? before->directory : kNoDir});
  return std::nullopt;
}

// Compares by the inode in the tree, because the manifest of a copied store has inode numbers of
// another tree. If both numbers match and no digest depends on it, the manifest is enough.
bool Recorder::IsSame(const TreeNode& node, const Entry& now, const Entry& before) {
  if (before.type == Type::kDirectory) return false;
  if (before.stored_ino == now.stored_ino && before.digest == kNoDigest) return true;
  auto stored = node.previous->Open();
  sys::Stat stat;
  return stored.ok() &&
         sys::StatAt(stored.value().fd(), std::string(now.name).c_str(), &stat) == 0 &&
         stat.ino == now.stored_ino;
}

Status Recorder::Failure() const {
  if (auto error = manifest_->failure()) return error;
  return before_ != nullptr ? before_->failure() : std::nullopt;
}

// Sums the sizes of new inodes. A moved file has a new path but keeps its inode.
std::uint64_t Recorder::BytesAnew() {
  for (DirId id = 0; before_ != nullptr && !sizes_.empty() && id < before_->directories(); ++id) {
    BlockReader block = before_->Directory(id);
    for (Entry entry; block.Next(&entry);) {
      if (entry.type == Type::kFile) sizes_.erase(entry.stored_ino);
    }
  }
  std::uint64_t bytes = 0;
  for (const auto& [ino, size] : sizes_) bytes += size;
  return bytes;
}

// Removes sockets, because a socket is useless without its process.
Status RemoveSockets(const RecordOptions& options, const std::vector<std::string>& sockets) {
  const auto is_socket = [](const SplitPath&, const sys::Stat& stat) {
    return TypeOf(stat.mode) == Type::kSocket;
  };
  auto removed = RemoveNames(options.work, SplitPaths(sockets), is_socket, options.job);
  return removed.ok() ? std::nullopt : Status(std::move(removed.error()));
}

}  // namespace

Result<Applied> Record(const RecordOptions& options) {
  auto listed = Dir::Again(options.job.budget, options.work, sys::kOpenDirectory);
  if (!listed.ok()) return std::move(listed.error());
  auto rebuilt = Rebuild(listed.value(), options.job);
  if (!rebuilt) return Aborted();
  if (auto error = RemoveSockets(options, rebuilt->sockets)) return std::move(*error);
  return Recorder(options, rebuilt->manifest.get()).Run();
}

}  // namespace cura
