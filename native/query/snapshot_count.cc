// Walks a snapshot by its record, and by listing what the record does not tell of.
#include "query/snapshot_count.h"

#include <set>
#include <utility>

#include "store/store.h"

namespace cura {

namespace {

// Whether something else has taken the place of a directory, or nothing.
bool IsMissing(int code) { return code == ENOENT || code == ENOTDIR || code == ELOOP; }

// The names directly in the snapshot that its record tells of.
std::set<std::string, std::less<>> RecordedNames(const Manifest& manifest) {
  std::set<std::string, std::less<>> names;
  BlockReader top = manifest.Directory(0);
  for (Entry entry; top.Next(&entry);) names.emplace(entry.name);
  return names;
}

}  // namespace

Status SnapshotCount::Run(const Fd& store, const std::string& name) {
  Fd top(sys::OpenAt(store.get(), name.c_str(), sys::kOpenDirectory));
  totals_.is_gone = !top.valid() && errno == ENOENT;
  if (totals_.is_gone) return std::nullopt;
  if (!top.valid()) return LastError("openat", name);
  sys::Stat stat;
  if (sys::StatFd(top.get(), &stat) != 0) return LastError("statx", name);
  dev_ = stat.dev;
  mount_ = stat.mount;
  CountDirectory(stat);
  if (auto error = VisitTop(Dir::Root(job_.budget, std::move(top), sys::kOpenDirectory, name))) {
    return error;
  }
  while (!waiting_.empty()) {
    if (job_.monitor->abort) return Aborted();
    ShowProgress();
    Waiting at = std::move(waiting_.back());
    waiting_.pop_back();
    if (auto error = Visit(&at)) return error;
  }
  sys::Stat now;
  const bool is_there = sys::StatAt(store.get(), name.c_str(), &now) == 0 && now.ino == stat.ino;
  totals_.is_gone = !is_there;
  return manifest_ == nullptr ? std::nullopt : manifest_->failure();
}

// Counts what is directly in the snapshot, except what the record tells of.
Status SnapshotCount::VisitTop(std::shared_ptr<Dir> top) {
  const auto recorded =
      manifest_ == nullptr ? decltype(RecordedNames(*manifest_)){} : RecordedNames(*manifest_);
  auto lease = top->Open();
  if (!lease.ok()) return std::move(lease.error());
  sys::Names names;
  if (sys::ReadNames(lease.value().fd(), &names) != 0) return LastError("getdents", top->Path());
  for (const sys::Name name : names) {
    if (recorded.contains(name.text)) continue;
    const Waiting at{top, {}, std::nullopt, !name.text.starts_with(kReserved), false};
    if (auto error = CountNamed(at, std::string(name.text), lease.value().fd(), nullptr))
      return error;
  }
  if (manifest_ == nullptr) return std::nullopt;
  // Without the permission to list it, a directory can still be passed through.
  auto passed = Dir::Again(job_.budget, top, sys::kOpenPath);
  if (!passed.ok()) return std::move(passed.error());
  waiting_.push_back({std::move(passed.value()), {}, DirId{0}, true, true});
  return std::nullopt;
}

Status SnapshotCount::Visit(Waiting* at) {
  if (at->recorded) return VisitRecorded(at);
  if (!at->opens_path) return VisitListed(at);
  Descend(at);
  // Only one such directory is open at a time, because what is below it comes next.
  auto listed = Dir::Again(job_.budget, at->dir, sys::kOpenDirectory);
  if (!listed.ok()) return Tolerate(std::move(listed.error()));
  at->dir = std::move(listed.value());
  return VisitListed(at);
}

// Counts a directory that may not be read. Returns an error that is neither that nor its absence.
Status SnapshotCount::Tolerate(OsError error) {
  if (error.code == EACCES) ++totals_.unread;
  if (error.code == EACCES || IsMissing(error.code)) return std::nullopt;
  return error;
}

void SnapshotCount::Descend(Waiting* at) {
  if (!at->name.empty()) at->dir = Dir::Child(at->dir, std::exchange(at->name, {}), std::nullopt);
}

Result<bool> SnapshotCount::Enter(Waiting* at, DirLease* lease) {
  if (lease->valid()) return true;
  Descend(at);
  auto opened = at->dir->Open();
  if (opened.ok()) {
    *lease = std::move(opened.value());
    return true;
  }
  if (auto error = Tolerate(std::move(opened.error()))) return std::move(*error);
  return false;
}

Result<std::optional<sys::Stat>> SnapshotCount::Look(const Dir& above, int dir,
                                                     std::string_view name) {
  sys::Stat stat;
  if (sys::StatAt(dir, name.data(), &stat) != 0) {
    if (errno == EACCES) ++totals_.unread;
    if (errno == EACCES || errno == ENOENT) return std::optional<sys::Stat>();
    return LastError("statx", above.PathOf(name));
  }
  // A removal fails there, and frees nothing behind a mount point.
  if (stat.dev != dev_ || stat.mount != mount_) return std::optional<sys::Stat>();
  return std::optional(stat);
}

Status SnapshotCount::VisitListed(Waiting* at) {
  DirLease lease;
  auto is_open = Enter(at, &lease);
  if (!is_open.ok()) return std::move(is_open.error());
  if (!is_open.value()) return std::nullopt;
  sys::Names names;
  if (sys::ReadNames(lease.fd(), &names) != 0) return LastError("getdents", at->dir->Path());
  for (const sys::Name name : names) {
    if (auto error = CountNamed(*at, std::string(name.text), lease.fd(), nullptr)) return error;
  }
  return std::nullopt;
}

Status SnapshotCount::VisitRecorded(Waiting* at) {
  BlockReader block = manifest_->Directory(*at->recorded, 0, &windows_);
  DirLease lease;
  for (Entry entry; block.Next(&entry);) {
    if (entry.unread) continue;
    const bool is_directory = entry.type == Type::kDirectory;
    if (!is_directory && entry.stored_ino != 0 && table_->AddName(entry.stored_ino, place_)) {
      ++totals_.entries;
      CountFile(entry.type, entry.size, true);
      continue;
    }
    auto is_open = Enter(at, &lease);
    if (!is_open.ok()) return std::move(is_open.error());
    if (!is_open.value()) return std::nullopt;
    if (auto error = CountNamed(*at, std::string(entry.name), lease.fd(), &entry)) return error;
  }
  return std::nullopt;
}

// Looks at an entry. What the tree shows counts, even if the record tells of another inode.
Status SnapshotCount::CountNamed(const Waiting& at, const std::string& name, int dir,
                                 const Entry* recorded) {
  auto looked = Look(*at.dir, dir, name);
  if (!looked.ok()) return std::move(looked.error());
  if (!looked.value()) return std::nullopt;
  const sys::Stat& stat = *looked.value();
  const Type type = TypeOf(stat.mode);
  ++totals_.entries;
  if (type == Type::kDirectory) {
    CountDirectory(stat);
    Waiting below{at.dir, name, std::nullopt, at.is_source, recorded != nullptr};
    const bool is_unchanged =
        recorded != nullptr && recorded->type == Type::kDirectory && stat.mtime == recorded->mtime;
    if (is_unchanged) below.recorded = recorded->directory;
    waiting_.push_back(std::move(below));
    return std::nullopt;
  }
  CountFile(type, stat.size, at.is_source);
  table_->Add(stat, place_);
  return std::nullopt;
}

void SnapshotCount::CountDirectory(const sys::Stat& stat) {
  ++totals_.directories;
  totals_.directory_bytes += stat.allocated;
}

void SnapshotCount::CountFile(Type type, std::uint64_t size, bool is_source) {
  if (type != Type::kFile || !is_source) return;
  ++totals_.files;
  totals_.bytes += size;
}

// Not for each entry, because the threads share the monitor.
void SnapshotCount::ShowProgress() {
  job_.monitor->entries += totals_.entries - shown_;
  shown_ = totals_.entries;
}

}  // namespace cura
