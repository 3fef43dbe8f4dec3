// Makes what is new in batches: first under private names, then durable, then renamed.
#include "restore/restore_apply.h"

#include <map>
#include <set>

#include "tree/durable.h"
#include "tree/remove.h"

namespace cura {

namespace {

// A batch needs room beside what it replaces, and is lost if the run is killed.
constexpr std::uint64_t kBatchBytes = 1U << 30U;
constexpr size_t kBatchItems = 50'000;

constexpr mode_t kAbove = 0755;
constexpr mode_t kPrivate = 0700;

// Cleaning up goes on after the job was stopped.
class Cleanup {
 public:
  explicit Cleanup(const JobContext& job) : monitor_(job.monitor->id), job_(job) {
    job_.monitor = &monitor_;
  }
  [[nodiscard]] const JobContext& job() const { return job_; }

 private:
  Monitor monitor_;
  JobContext job_;
};

}  // namespace

void RestoreApply::Fail(int code, const char* syscall, std::string path) {
  // ENOENT would only be a warning, but something was not restored.
  job_.failures->Add({code == ENOENT ? kChangedCode : code, syscall, std::move(path), {}});
}

Result<Restored> RestoreApply::Run(RestorePlan* plan) {
  plan_ = plan;
  job_.monitor->Begin(kRestorePhase, plan->counts.restored + plan->counts.updated,
                      plan->counts.bytes);
  Status error = MakeMissing();
  if (!error) error = MakeBatches();
  FinishAll(!error);
  for (auto& [dir, staged] : late_) Abandon(&staged);
  if (error) {
    // What a stopped run has made stays, and this is how the caller learns how much it is.
    job_.monitor->entries = done_.restored + done_.updated;
    return std::move(*error);
  }
  job_.monitor->phase = kSyncPhase;
  std::vector<Staged> all(plan_->dirs.size());
  for (size_t i = 0; i < all.size(); ++i) all[i].dir = &plan_->dirs[i];
  if (auto unsynced = SyncTargets(all)) return std::move(*unsynced);
  done_.bytes = restorer_.bytes();
  done_.verified = restorer_.verified();
  done_.unverified = restorer_.unverified();
  done_.damaged = restorer_.damaged();
  done_.donated = restorer_.donated();
  return done_;
}

// Makes the directories above the operands, and missing ones that are operands.
Status RestoreApply::MakeMissing() {
  std::set<std::pair<std::uint64_t, std::uint64_t>> made;
  for (const MissingDir& missing : plan_->missing) {
    auto above = missing.above->Open();
    if (!above.ok()) return std::move(above.error());
    const int at = above.value().fd();
    const char* const name = missing.name.c_str();
    const bool is_new = sys::MakeDirectoryAt(at, name, missing.is_private ? kPrivate : kAbove) == 0;
    const auto path = [&] { return missing.above->PathOf(missing.name); };
    if (!is_new && errno != EEXIST) return LastError("mkdirat", path());
    sys::Stat stat;
    if (sys::StatAt(at, name, &stat) != 0) return LastError("statx", path());
    if (is_new) {
      made.emplace(stat.dev, stat.ino);
    } else if (!made.contains({stat.dev, stat.ino})) {
      return OsError{kChangedCode, "mkdirat", path(), {}};  // not made for another operand
    }
    missing.dir->Expect({stat.dev, stat.ino});
  }
  return std::nullopt;
}

// Makes a large missing directory, which gets its metadata at the end.
Status RestoreApply::MakeOwn(RestoreDir* dir) {
  auto above = dir->above->Open();
  if (!above.ok()) return std::move(above.error());
  if (sys::MakeDirectoryAt(above.value().fd(), dir->name.c_str(), kPrivate) != 0) {
    return OsError{errno == EEXIST ? kChangedCode : errno, "mkdirat", {}, {}};
  }
  ++done_.restored;
  auto made = OpenMade(dir->target.get());
  if (!made.ok()) return std::move(made.error());
  return DropInheritedAcls(made.value().fd(), dir->path);
}

// Makes the directory itself if it is missing. Plans nothing for it if that fails.
Status RestoreApply::Prepare(RestoreDir* dir) {
  if (dir->above == nullptr) return std::nullopt;
  const bool is_lost = lost_.contains(dir->above.get());
  Status error = is_lost ? std::nullopt : MakeOwn(dir);
  if (!error && !is_lost) return std::nullopt;
  if (error && EndsRun(error->code)) return error;
  if (error) Fail(error->code, error->syscall, dir->path);
  lost_.insert(dir->target.get());
  dir->items.clear();
  dir->own.reset();
  return std::nullopt;
}

Status RestoreApply::MakeBatches() {
  while (next_ < plan_->dirs.size()) {
    std::vector<Staged> batch;
    std::uint64_t bytes = 0;
    size_t items = 0;
    while (next_ < plan_->dirs.size() && bytes < kBatchBytes && items < kBatchItems) {
      RestoreDir& dir = plan_->dirs[next_++];
      if (auto error = Prepare(&dir)) return error;
      for (const RestoreItem& item : dir.items) bytes += item.size;
      items += dir.items.size();
      Staged staged;
      staged.dir = &dir;
      if (!dir.items.empty()) batch.push_back(std::move(staged));
    }
    const std::uint64_t made_before = staging_.made();
    Status error = staging_.Run(plan_, &batch);
    done_.restored += staging_.made() - made_before;
    for (const Staged& staged : batch) {
      if (staged.opened) opened_[staged.dir] = *staged.opened;
    }
    // A run that is stopped keeps what it has made so far. Every file in it is whole.
    const bool is_stopped = error && error->code == ECANCELED;
    const auto unsynced = !error || is_stopped ? SyncTargets(batch) : Status();
    const auto uncommitted = unsynced || (error && !is_stopped) ? Status() : Commit(&batch);
    if (!error) error = unsynced ? unsynced : uncommitted;
    if (!error) continue;
    for (Staged& staged : batch) Discard(&staged);
    return error;
  }
  return std::nullopt;
}

// Makes what was written durable. New names must not come before their contents, which a power cut
// would otherwise leave incomplete.
Status RestoreApply::SyncTargets(const std::vector<Staged>& batch) const {
  std::map<std::uint64_t, bool> needs_each;  // by filesystem, each of which is flushed once
  for (const Staged& staged : batch) {
    auto lease = staged.dir->target->Open();
    if (!lease.ok()) continue;  // it is gone
    const int fd = lease.value().fd();
    sys::Stat stat;
    if (sys::StatFd(fd, &stat) != 0) return LastError("statx", staged.dir->path);
    const auto [known, is_first] = needs_each.try_emplace(stat.dev);
    if (is_first) {
      known->second = NeedsEachSynced(fd);
      const bool is_flushed =
          sys::SyncFilesystem(fd) == 0 || errno == EINVAL || IsUnsupported(errno);
      if (!is_flushed) return LastError("syncfs", staged.dir->path);
    }
    if (!known->second) continue;
    if (staged.place != nullptr) {
      auto error = SyncTree(staged.place, job_);
      if (error && EndsRun(error->code)) return error;
    }
    const auto path = [&] { return staged.dir->path; };
    if (auto error = SyncEntry(fd, path, job_.failures)) return error;
  }
  return std::nullopt;
}

Status RestoreApply::Commit(std::vector<Staged>* batch) {
  for (Staged& staged : *batch) {
    if (staged.place == nullptr) continue;
    if (auto error = CommitDir(&staged)) {
      if (EndsRun(error->code)) return error;
      Fail(error->code, error->syscall, staged.dir->path);  // somebody moved the directory
      Abandon(&staged);
    }
  }
  return std::nullopt;
}

Status RestoreApply::CommitDir(Staged* staged) {
  const RestoreDir& dir = *staged->dir;
  auto from = staged->place->Open();
  auto to = dir.target->Open();
  if (!from.ok()) return std::move(from.error());
  if (!to.ok()) return std::move(to.error());
  bool is_late = false;
  for (size_t i = 0; i < dir.items.size(); ++i) {
    const RestoreItem& item = dir.items[i];
    if (staged->made[i] == 0) continue;
    if (item.step == RestoreStep::kReplace && item.live_type == Type::kDirectory) {
      is_late = true;
      continue;
    }
    CommitItem(staged, item, from.value().fd(), to.value().fd());
    staged->made[i] = 0;
  }
  staged->base->dir = dir.target;
  if (is_late) {
    staged->base->temporary = staged->place;
    late_.emplace(&dir, *staged);
    staged->place = nullptr;
    return std::nullopt;
  }
  Discard(staged);
  return std::nullopt;
}

void RestoreApply::CommitItem(Staged* staged, const RestoreItem& item, int from, int to) {
  const RestoreDir& dir = *staged->dir;
  const char* const name = item.name.data();
  bool is_new = item.step == RestoreStep::kMake;
  if (!is_new) {
    --done_.restored;
    if (!IsUntouched(dir, item, to)) return;
    if (item.type == Type::kDirectory) {
      if (sys::UnlinkAt(to, name) != 0) return FailNow("unlinkat", dir.PathOf(item.name));
      is_new = true;
    }
  }
  int renamed =
      is_new ? sys::RenameNoReplace(from, name, to, name) : sys::RenameAt(from, name, to, name);
  if (renamed != 0 && is_new && (errno == EINVAL || errno == ENOSYS)) {
    sys::Stat stat;
    errno = EEXIST;
    if (sys::StatAt(to, name, &stat) != 0) renamed = sys::RenameAt(from, name, to, name);
  }
  if (renamed != 0) {
    if (item.step == RestoreStep::kMake) --done_.restored;
    const int code = errno == EEXIST || errno == ENOTEMPTY ? kChangedCode : errno;
    return Fail(code, "renameat", dir.PathOf(item.name));
  }
  if (item.step == RestoreStep::kReplace) ++done_.updated;
}

void RestoreApply::Abandon(Staged* staged) {
  if (staged->place == nullptr) return;
  for (const char made : staged->made) done_.restored -= made == 0 ? 0 : 1;
  Discard(staged);
}

// Removes the private directory with all that did not find its place.
void RestoreApply::Discard(Staged* staged) {
  if (staged->place == nullptr) return;
  auto lease = staged->dir->target->Open();
  staged->place = nullptr;
  if (!lease.ok()) return;
  if (sys::RemoveDirectoryAt(lease.value().fd(), staged->name.c_str()) == 0) return;
  const Fd above(sys::OpenAt(lease.value().fd(), ".", sys::kOpenDirectory));
  const Cleanup cleanup(job_);
  Removed removed;
  // What stays is removed by the next restore.
  (void)RemoveTree(above, staged->name, cleanup.job(), &removed);
}

}  // namespace cura
