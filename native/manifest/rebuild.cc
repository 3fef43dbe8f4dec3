// Scans a stored tree into a manifest in memory.
#include "manifest/rebuild.h"

#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <unordered_set>

#include "manifest/writer.h"

namespace cura {

namespace {

class Rebuilder {
 public:
  explicit Rebuilder(ScanStack* stack) : stack_(stack) {}

  void Visit(const ScanItem& item, int dir, Listing* listing);
  std::optional<Rebuilt> Finish();

 private:
  void NoteSharedInodes(const ScanItem& item, const Listing& listing);
  void ForgetUnknown(Entry* entry, int dir, std::deque<std::string>* targets) const;

  ScanStack* const stack_;
  ManifestWriter writer_;
  std::atomic<DirId> next_id_ = 1;
  std::mutex mutex_;  // guards the members below
  std::unordered_set<std::uint64_t> seen_;
  std::unordered_set<std::uint64_t> shared_;
  std::vector<std::string> sockets_;
};

void Rebuilder::Visit(const ScanItem& item, int dir, Listing* listing) {
  const bool is_root = item.parent == nullptr;
  if (is_root) {
    std::erase_if(listing->entries,
                  [](const Entry& entry) { return entry.name.starts_with(kReserved); });
  }
  NoteSharedInodes(item, *listing);
  std::deque<std::string> targets;
  // item.previous has the parent's number, item.number its own.
  DirectoryWriter block({item.previous, item.name, 0, 0});
  for (Entry& entry : listing->entries) {
    ForgetUnknown(&entry, dir, &targets);
    if (entry.type == Type::kDirectory) {
      entry.directory = next_id_++;
      ScanItem child;
      child.dir = Dir::Child(item.dir, entry.name, std::nullopt);
      child.parent = item.dir;
      child.name = entry.name;
      child.previous = item.number;
      child.number = entry.directory;
      stack_->Push(std::move(child));
    }
    block.Add(entry);
  }
  // Writing to memory cannot fail.
  (void)writer_.Add(item.number, block.Take());
}

// Resets fields of an entry that the tree does not show about the source.
void Rebuilder::ForgetUnknown(Entry* entry, int dir, std::deque<std::string>* targets) const {
  entry->stored_ino = entry->ino;
  entry->ino = 0;
  entry->dev = 0;
  entry->volume = 0;
  entry->ctime = {};
  entry->linked = false;
  if (!sys::IsPrivileged()) {
    entry->uid = kUnknownOwner;
    entry->gid = kUnknownOwner;
  }
  if (entry->type != Type::kSymlink) return;
  std::array<char, 4096> buffer{};
  const ssize_t size = sys::ReadLinkAt(dir, entry->name.data(), buffer.data(), buffer.size());
  if (size > 0) entry->target = targets->emplace_back(buffer.data(), static_cast<size_t>(size));
}

// Returns null if the manifest that was just written is unusable.
std::shared_ptr<const Manifest> Parsed(ManifestWriter* writer, DirId directories) {
  (void)writer->Finish(directories);
  auto parsed = Manifest::Parse(writer->Take());
  if (auto* manifest = std::get_if<0>(&parsed)) return std::move(*manifest);
  return nullptr;
}

std::optional<Rebuilt> Rebuilder::Finish() {
  auto manifest = Parsed(&writer_, next_id_);
  if (manifest == nullptr) return std::nullopt;
  if (shared_.empty()) return Rebuilt{std::move(manifest), std::move(sockets_)};
  // Set `linked` now, because only the whole scan shows which inodes have several names in this
  // tree.
  ManifestWriter writer;
  for (DirId id = 0; id < manifest->directories(); ++id) {
    BlockReader from = manifest->Directory(id);
    DirectoryWriter to(from.head());
    for (Entry entry; from.Next(&entry);) {
      entry.linked = entry.type != Type::kDirectory && shared_.contains(entry.stored_ino);
      to.Add(entry);
    }
    (void)writer.Add(id, to.Take());
  }
  auto complete = Parsed(&writer, manifest->directories());
  if (complete == nullptr) return std::nullopt;
  return Rebuilt{std::move(complete), std::move(sockets_)};
}

// Notes inodes that have several names in this tree. The link count would include other snapshots.
void Rebuilder::NoteSharedInodes(const ScanItem& item, const Listing& listing) {
  const std::lock_guard lock(mutex_);
  for (const std::string_view name : listing.sockets) {
    sockets_.push_back(item.dir->PathOf(name));
  }
  for (const Entry& entry : listing.entries) {
    if (entry.linked && !seen_.insert(entry.ino).second) shared_.insert(entry.ino);
  }
}

}  // namespace

std::optional<Rebuilt> Rebuild(const std::shared_ptr<Dir>& root, const JobContext& job) {
  ScanStack stack;
  Rebuilder rebuilder(&stack);
  ScanItem top;
  top.dir = root;
  stack.Push(std::move(top));
  Scan({.job = job}, &stack, [&](const ScanItem& item, int dir, Listing* listing) {
    rebuilder.Visit(item, dir, listing);
  });
  if (job.monitor->abort) return std::nullopt;
  return rebuilder.Finish();
}

}  // namespace cura
