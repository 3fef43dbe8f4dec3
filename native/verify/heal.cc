// Finds or makes one good inode for each damaged one, and renames it over every damaged name.
#include "verify/heal.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "file/copy.h"
#include "file/entry_maker.h"
#include "file/metadata.h"
#include "manifest/cursor.h"
#include "store/stored_snapshot.h"
#include "tree/durable.h"
#include "tree/remove.h"
#include "tree/tree_editor.h"
#include "tree/trusted_path.h"
#include "verify/facts_check.h"
#include "verify/quarantine.h"

namespace cura {

namespace {

constexpr const char* kWork = ".partial-heal";
constexpr const char* kNew = "new";
constexpr const char* kLink = "link";

bool IsFull(int code) { return code == ENOSPC || code == EDQUOT || code == EROFS; }

// Whether the store can no longer be written. Reading or quarantining damage may fail with EIO too.
bool EndsRun(const OsError& error) {
  const std::string_view call = error.syscall;
  const bool is_read = call == "openat" || call == "statx" || !error.target.empty();
  return IsFull(error.code) || (error.code == EIO && !is_read);
}

bool HasRightXattrs(const Damage& damage, const Xattrs& xattrs) {
  return !KnowsXattrs(damage.entry) || DigestOf(xattrs) == damage.entry.xattrs;
}

// A good copy, to link the damaged names to: `name` in an open directory.
struct Good {
  Fd dir;
  std::string name;
  std::uint64_t ino = 0;
};

class Healer {
 public:
  Healer(const Store& store, const HealOptions& options, const JobContext& job)
      : store_(store), options_(options), job_(job) {}

  Result<Healed> Run(std::vector<Damage>* damages);

 private:
  Status HealOne(size_t number, Damage* damage);
  Status HealDirectory(Damage* damage);
  Result<std::optional<Good>> FindGood(Damage* damage);
  Result<std::optional<Good>> MakeGood(size_t number, Damage* damage);
  Result<bool> Fill(int from, const Fd& to, const Damage& damage);
  Result<bool> FillFromAny(size_t number, const Fd& to, Damage* damage, Xattrs* xattrs);
  Result<bool> FillFromStore(const Store& store, const std::vector<std::string>& snapshots,
                             DonorKind kind, const Fd& to, Damage* damage, Xattrs* xattrs);
  Result<std::optional<Good>> MakeSymlink(Damage* damage);
  Status Finish(const Fd& file, const Damage& damage, const Xattrs& xattrs);
  Status Replace(const DamagedName& name, const Good& good, bool* done);
  Fd OpenNamed(const Store& store, const DamagedName& name);
  void TakeXattrs(const Damage& damage, int fd, Xattrs* xattrs);
  void Fail(const Damage& damage, OsError error);

  const Store& store_;
  const HealOptions& options_;
  const JobContext job_;
  Fd work_;
};

Fd Healer::OpenNamed(const Store& store, const DamagedName& name) {
  const SplitPath path = SplitLast(name.path);
  auto dir = store.OpenDirectoryBelow(name.snapshot, std::string(path.above));
  if (!dir.ok()) return Fd();
  return OpenToRead(dir.value().get(), std::string(path.name).c_str(), job_.monitor);
}

void Healer::Fail(const Damage& damage, OsError error) {
  if (error.path.empty() && !damage.names.empty()) error.path = TextOf(damage.names.front());
  job_.failures->Add(std::move(error));
}

// Copies a donor into the new file. Returns whether it had the recorded content; otherwise the new
// file is empty again. An error is one of the store.
Result<bool> Healer::Fill(int from, const Fd& to, const Damage& damage) {
  sys::Stat stat;
  if (sys::StatFd(from, &stat) != 0 || TypeOf(stat.mode) != Type::kFile ||
      stat.size != damage.entry.size) {
    return false;
  }
  ContentHash hash(true);
  hash.Start();
  Copying copying{from, to.get(), &stat, CopyBy::kSystem, 0};
  auto error = CopyContent(&copying, &hash, job_.monitor);
  if (error && error->error.code == ECANCELED) return std::move(error->error);
  if (error && error->side == Side::kTarget) return std::move(error->error);
  const Digest digest = hash.Finish();
  const bool is_recorded = damage.entry.digest == kNoDigest || digest == damage.entry.digest;
  if (!error && copying.length == stat.size && is_recorded) return true;
  if (sys::Truncate(to.get(), 0) != 0) return LastError("ftruncate", kWork);
  if (sys::Seek(to.get(), 0, SEEK_SET) < 0) return LastError("lseek", kWork);
  return false;
}

// Takes the attributes of a donor if they are the recorded ones and the present ones are not.
void Healer::TakeXattrs(const Damage& damage, int fd, Xattrs* xattrs) {
  if (!KnowsXattrs(damage.entry) || HasRightXattrs(damage, *xattrs)) return;
  auto others = ReadXattrs(Place::OfFd(fd));
  if (others.ok() && HasRightXattrs(damage, others.value())) *xattrs = std::move(others.value());
}

Result<bool> Healer::FillFromStore(const Store& store, const std::vector<std::string>& snapshots,
                                   DonorKind kind, const Fd& to, Damage* damage, Xattrs* xattrs) {
  std::set<std::uint64_t> tried = {kind == DonorKind::kStore ? damage->ino : 0};
  for (const std::string& snapshot : snapshots) {
    auto opened = OpenRecord(store.fd(), snapshot);
    if (!opened.ok() || opened.value().manifest == nullptr) continue;
    for (ManifestCursor cursor(opened.value().manifest); cursor.Next();) {
      if (job_.monitor->abort) return Aborted();
      const Entry& entry = cursor.entry();
      const bool may_be = entry.type == Type::kFile && !entry.unread &&
                          entry.digest == damage->entry.digest && entry.size == damage->entry.size;
      if (!may_be || (entry.stored_ino != 0 && tried.contains(entry.stored_ino))) continue;
      const DamagedName donor{snapshot, cursor.path(), 0};
      const Fd from = OpenNamed(store, donor);
      if (!from.valid()) continue;
      tried.insert(entry.stored_ino);
      auto filled = Fill(from.get(), to, *damage);
      if (!filled.ok()) return filled;
      if (!filled.value()) continue;
      damage->donor = kind;
      damage->donor_path = TextOf(donor);
      TakeXattrs(*damage, from.get(), xattrs);
      return true;
    }
  }
  return false;
}

// Tries the damaged inode itself, the sources, the store, the replica.
Result<bool> Healer::FillFromAny(size_t number, const Fd& to, Damage* damage, Xattrs* xattrs) {
  for (const DamagedName& name : damage->names) {
    const Fd own = name.ino == 0 ? Fd() : OpenNamed(store_, name);
    if (!own.valid()) continue;
    auto present = ReadXattrs(Place::OfFd(own.get()));
    if (present.ok()) *xattrs = std::move(present.value());
    if (HasRightXattrs(*damage, {}) && !HasRightXattrs(*damage, *xattrs)) xattrs->clear();
    if (damage->kind != DamageKind::kMetadata) break;
    auto filled = Fill(own.get(), to, *damage);
    if (!filled.ok() || filled.value()) return filled;
    break;
  }
  if (damage->entry.digest == kNoDigest) return false;
  const auto [first, last] = options_.sources.equal_range(number);
  for (auto source = first; source != last; ++source) {
    const size_t slash = source->second.rfind('/');
    auto above = OpenTrusted(slash == 0 ? "/" : source->second.substr(0, slash));
    if (!above.ok() || !above.value().missing.empty()) continue;
    const std::string name = source->second.substr(slash + 1);
    const Fd from = OpenToRead(above.value().fd.get(), name.c_str(), job_.monitor);
    if (!from.valid()) continue;
    auto filled = Fill(from.get(), to, *damage);
    if (!filled.ok()) return filled;
    if (!filled.value()) continue;
    damage->donor = DonorKind::kSource;
    damage->donor_path = source->second;
    TakeXattrs(*damage, from.get(), xattrs);
    return true;
  }
  auto filled = FillFromStore(store_, options_.snapshots, DonorKind::kStore, to, damage, xattrs);
  if (!filled.ok() || filled.value() || options_.replica == nullptr) return filled;
  return FillFromStore(*options_.replica, options_.replica_snapshots, DonorKind::kReplica, to,
                       damage, xattrs);
}

Status Healer::Finish(const Fd& file, const Damage& damage, const Xattrs& xattrs) {
  NewInode inode{Place::OfFd(file.get()), {}, [&] { return TextOf(damage.names.front()); }};
  if (sys::StatFd(file.get(), &inode.actual) != 0) return LastError("statx", kWork);
  if (!HasRightXattrs(damage, xattrs)) {
    job_.failures->AddNote("xattr:lost", TextOf(damage.names.front()));
  }
  if (auto error = SetMetadata(inode, damage.entry, xattrs, job_.failures)) return error;
  return SyncEntry(
      file.get(), [] { return std::string(kWork); }, job_.failures);
}

Result<std::optional<Good>> Healer::MakeSymlink(Damage* damage) {
  sys::UnlinkAt(work_.get(), kNew);
  if (sys::SymlinkAt(damage->target.c_str(), work_.get(), kNew) != 0) {
    return LastError("symlinkat", kWork);
  }
  NewInode inode{Place::At(work_.get(), kNew), {}, [&] { return TextOf(damage->names.front()); }};
  if (sys::StatAt(work_.get(), kNew, &inode.actual) != 0) return LastError("statx", kWork);
  if (auto error = SetMetadata(inode, damage->entry, {}, job_.failures)) return std::move(*error);
  Fd dir(sys::OpenAt(store_.fd().get(), kWork, sys::kOpenDirectory));
  return std::optional(Good{std::move(dir), kNew, inode.actual.ino});
}

// Makes a new inode with the recorded content and metadata. Returns nothing if no donor has it.
Result<std::optional<Good>> Healer::MakeGood(size_t number, Damage* damage) {
  if (damage->entry.type == Type::kSymlink) return MakeSymlink(damage);
  sys::UnlinkAt(work_.get(), kNew);
  Fd file(sys::CreateAt(work_.get(), kNew));
  if (!file.valid()) return LastError("openat", kWork);
  Xattrs xattrs;
  auto filled = FillFromAny(number, file, damage, &xattrs);
  if (!filled.ok()) return std::move(filled.error());
  if (!filled.value()) return std::optional<Good>();
  if (auto error = Finish(file, *damage, xattrs)) return std::move(*error);
  sys::Stat stat;
  if (sys::StatFd(file.get(), &stat) != 0) return LastError("statx", kWork);
  if (stat.size != damage->entry.size) {
    return OsError{kShortCode, "write", TextOf(damage->names.front()), {}};
  }
  if (file.Close() != 0) return LastError("close", kWork);
  Fd dir(sys::OpenAt(store_.fd().get(), kWork, sys::kOpenDirectory));
  return std::optional(Good{std::move(dir), kNew, stat.ino});
}

// Looks for an inode that names of the same file still have, and reads it.
Result<std::optional<Good>> Healer::FindGood(Damage* damage) {
  std::set<std::uint64_t> tried;
  // The other names may have got a new inode in this run.
  const bool joins = damage->kind == DamageKind::kLinks;
  for (const DamagedName& other : damage->others) {
    if (!tried.insert(other.ino).second) continue;
    const SplitPath path = SplitLast(other.path);
    auto dir = store_.OpenDirectoryBelow(other.snapshot, std::string(path.above));
    sys::Stat stat;
    const std::string name(path.name);
    const bool is_it = dir.ok() && sys::StatAt(dir.value().get(), name.c_str(), &stat) == 0 &&
                       (stat.ino == other.ino || joins) && TypeOf(stat.mode) == damage->entry.type;
    if (!is_it) continue;
    if (damage->entry.type == Type::kFile && damage->entry.digest != kNoDigest) {
      const Fd file = OpenToRead(dir.value().get(), name.c_str(), job_.monitor);
      ContentHash hash(true);
      hash.Start();
      Copying copying{file.get(), kNowhere, &stat, CopyBy::kSystem, 0};
      const bool is_read = file.valid() && !CopyContent(&copying, &hash, job_.monitor);
      if (job_.monitor->abort) return Aborted();
      if (!is_read || hash.Finish() != damage->entry.digest) continue;
    } else if (damage->kind != DamageKind::kMissing && damage->kind != DamageKind::kLinks) {
      continue;
    }
    damage->donor = DonorKind::kStore;
    damage->donor_path = TextOf(other);
    return std::optional(Good{std::move(dir.value()), name, stat.ino});
  }
  return std::optional<Good>();
}

// Renames a second name of the good inode over a damaged name. Each name is either the old one or
// the new one, whenever the run ends.
Status Healer::Replace(const DamagedName& name, const Good& good, bool* done) {
  const SplitPath path = SplitLast(name.path);
  const std::string last(path.name);
  auto dir = store_.OpenDirectoryBelow(name.snapshot, std::string(path.above));
  if (!dir.ok()) return std::move(dir.error());
  sys::Stat now, before;
  const bool is_there = sys::StatAt(dir.value().get(), last.c_str(), &now) == 0;
  if (!is_there && errno != ENOENT) return LastError("statx", TextOf(name));
  *done = is_there && now.ino == good.ino;
  if (*done) return std::nullopt;
  const bool is_expected = is_there ? now.ino == name.ino : name.ino == 0;
  if (!is_expected || sys::StatFd(dir.value().get(), &before) != 0) {
    return OsError{kChangedCode, "", TextOf(name), {}};
  }
  constexpr std::uint32_t kOwnerMayWrite = 0300;
  const bool opens = (before.mode & kOwnerMayWrite) != kOwnerMayWrite && !sys::IsPrivileged();
  const int fd = dir.value().get();
  if (opens && sys::ChmodFd(fd, (before.mode & 07777U) | 0700U) != 0) {
    return LastError("fchmod", TextOf(name));
  }
  sys::UnlinkAt(work_.get(), kLink);
  Status error;
  sys::Stat linked;
  if (sys::LinkAt(good.dir.get(), good.name.c_str(), work_.get(), kLink) != 0) {
    error = LastError("linkat", TextOf(name));
  } else if (sys::StatAt(work_.get(), kLink, &linked) != 0 || linked.ino != good.ino) {
    error = OsError{kChangedCode, "linkat", TextOf(name), {}};
  } else if (sys::RenameAt(work_.get(), kLink, fd, last.c_str()) != 0) {
    error = LastError("renameat", TextOf(name));
  }
  // Snapshots never share directories, so their dates may be put back.
  const bool is_reset = sys::SetTimesFd(fd, before.mtime) == 0 &&
                        (!opens || sys::ChmodFd(fd, before.mode & 07777U) == 0);
  if (!error && !is_reset) error = LastError("utimensat", TextOf(name));
  if (!error)
    error = SyncEntry(
        fd, [&] { return TextOf(name); }, job_.failures);
  *done = !error;
  return error;
}

Status Healer::HealDirectory(Damage* damage) {
  const DamagedName& name = damage->names.front();
  auto dir = store_.OpenDirectoryBelow(name.snapshot, name.path);
  if (!dir.ok()) return std::move(dir.error());
  NewInode inode{Place::OfFd(dir.value().get()), {}, [&] { return TextOf(name); }};
  if (sys::StatFd(inode.place.fd, &inode.actual) != 0) return LastError("statx", TextOf(name));
  const bool is_it = name.ino == 0 || inode.actual.ino == name.ino;
  if (!is_it) return OsError{kChangedCode, "openat", TextOf(name), {}};
  Xattrs xattrs;
  TakeXattrs(*damage, inode.place.fd, &xattrs);
  if (!HasRightXattrs(*damage, xattrs)) return OsError{ENODATA, "getxattr", TextOf(name), {}};
  if (auto error = SetMetadata(inode, damage->entry, xattrs, job_.failures)) return error;
  auto error = SyncEntry(
      inode.place.fd, [&] { return TextOf(name); }, job_.failures);
  damage->healed = !error;
  return error;
}

Status Healer::HealOne(size_t number, Damage* damage) {
  const bool is_known = damage->has_entry && !damage->names.empty() &&
                        damage->kind != DamageKind::kExtra && damage->kind != DamageKind::kRecord;
  if (!is_known) return std::nullopt;
  if (damage->entry.type == Type::kDirectory) {
    return damage->kind == DamageKind::kMetadata ? HealDirectory(damage) : std::nullopt;
  }
  if (damage->entry.type != Type::kFile && damage->entry.type != Type::kSymlink) {
    return std::nullopt;
  }
  auto good = FindGood(damage);
  // Names are joined by linking, never by one more copy.
  const bool may_make = damage->kind != DamageKind::kLinks;
  if (good.ok() && !good.value() && may_make) good = MakeGood(number, damage);
  if (!good.ok()) return std::move(good.error());
  if (!good.value()) return std::nullopt;
  if (auto error = Quarantine(store_, *damage)) return error;
  bool all = true;
  for (const DamagedName& name : damage->names) {
    if (job_.monitor->abort) return Aborted();
    bool done = false;
    if (auto error = Replace(name, *good.value(), &done)) {
      if (EndsRun(*error)) return error;
      Fail(*damage, std::move(*error));
    }
    all = all && done;
  }
  damage->healed = all;
  return std::nullopt;
}

Result<Healed> Healer::Run(std::vector<Damage>* damages) {
  job_.monitor->Begin("heal", damages->size());
  Removed removed;
  auto cleaned = RemoveTree(store_.fd(), kWork, job_, &removed);
  if (cleaned && cleaned->code != ENOENT) return std::move(*cleaned);
  if (sys::MakeDirectoryAt(store_.fd().get(), kWork, 0700) != 0) {
    return LastError("mkdirat", kWork);
  }
  work_ = Fd(sys::OpenAt(store_.fd().get(), kWork, sys::kOpenDirectory));
  if (!work_.valid()) return LastError("openat", kWork);
  Healed healed;
  Status stopped;
  std::vector<size_t> order(damages->size());
  std::iota(order.begin(), order.end(), 0U);
  // Names are joined once all good inodes are there.
  std::stable_partition(order.begin(), order.end(),
                        [&](size_t i) { return (*damages)[i].kind != DamageKind::kLinks; });
  for (auto at = order.begin(); at != order.end() && !stopped; ++at) {
    const size_t i = *at;
    Damage& damage = (*damages)[i];
    if (job_.monitor->abort) stopped = Aborted();
    if (stopped) break;
    if (auto error = HealOne(i, &damage)) {
      if (EndsRun(*error) || error->code == ECANCELED) {
        stopped = std::move(error);
      } else {
        Fail(damage, std::move(*error));
      }
    }
    if (!damage.healed) damage.donor = DonorKind::kNone;
    ++(damage.healed ? healed.healed : healed.failed);
    ++job_.monitor->entries;
  }
  if (auto error = RemoveTree(store_.fd(), kWork, job_.With(job_.failures), &removed)) {
    if (!stopped && error->code != ECANCELED) stopped = std::move(error);
  }
  if (stopped) return std::move(*stopped);
  return healed;
}

}  // namespace

Result<Healed> Heal(const Store& store, const HealOptions& options, std::vector<Damage>* damages,
                    const JobContext& job) {
  return Healer(store, options, job).Run(damages);
}

}  // namespace cura
