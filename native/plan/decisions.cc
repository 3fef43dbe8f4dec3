// Decides what happens to a single entry, and reads files where the metadata is not enough.
#include <array>
#include <utility>

#include "file/copy.h"
#include "file/metadata.h"
#include "plan/planner.h"

namespace cura {

Decision Planner::Decide(Entry* now, const Entry* before, Join* join) {
  join->source = Place::At(join->dir, now->name.data());
  std::optional<DirLease> parent;
  if (join->item->dir == nullptr) {  // an operand: read the file through its own parent
    const Source& source = sources_->Named(now->name);
    auto lease = source.dir->Open();
    if (lease.ok()) parent = std::move(lease.value());
    join->source =
        Place::At(parent ? parent->fd() : -1, source.base.empty() ? "." : source.base.c_str());
  }
  const bool is_kept_out = before != nullptr && before->not_stored && before->type == now->type;
  if (is_kept_out) return NotStored(now, join);
  Difference difference = Compare(*now, before, store_.dev, trust_);
  if (difference != Difference::kCreated && difference != Difference::kType) {
    now->stored_ino = before->stored_ino;
    now->xattrs = before->xattrs;
    now->digest = before->digest;
    now->target = before->target;
  }
  if (now->type == Type::kDirectory) {
    const bool known = before != nullptr && before->type == Type::kDirectory && !before->unread;
    now->directory = known ? before->directory : kPlannedBit;
  }
  const bool is_equal = difference == Difference::kNone || difference == Difference::kUnchecked;
  if (is_equal && now->linked && torn_.contains({before->volume, before->ino})) {
    difference = Difference::kMoved;  // its names must be joined again
  }
  if (difference == Difference::kUnchecked) difference = CompareContents(*now, join);
  if (difference == Difference::kNone && !trust_.ctimes) {
    difference = CompareXattrs(*now, *before, join);
  }
  if (difference == Difference::kNone) {
    ClaimUnchanged(*now, *before, join);
    KeepEvidence(now, *before);
    // The filesystem has a new number, which the next manifest records.
    join->stale = join->stale || now->dev != before->dev || now->volume != before->volume;
    return {now->type == Type::kDirectory ? Step::kDirectory : Step::kLink, ChangeKind::kNone};
  }
  join->stale = true;
  if (now->type == Type::kDirectory) return DecideDirectory(difference, now, before, join);
  if (difference == Difference::kUnread) {
    if (!CanRead(*now, join)) return Unread(now);
    difference = Difference::kContent;
  }
  if (now->linked) return DecideLinked(difference, now, before, join);
  const Decision decision = Resolve(difference, now, before, join);
  // It had other names in the previous snapshot and has none now, so it gets an inode of its own.
  if (decision.step == Step::kLink && before->linked) {
    join->sparse.emplace_back(GroupOf(*now), AllocatedFor(now->size, now->allocated));
    Claim(*now, *before);
  }
  return decision;
}

// What this run ignores at the user's request is not proven for a later run that checks it.
void Planner::KeepEvidence(Entry* now, const Entry& before) {
  if (now->type == Type::kDirectory) return;
  now->ctime = before.ctime;
  if (now->ino == before.ino) return;
  // An entry that shares its inode needs its true inode number.
  if (now->linked || before.linked) now->ctime = {};
  if (!now->linked && !before.linked) now->ino = before.ino;
}

// A content that cannot be read is reported, and the entry stays as before.
Difference Planner::CompareContents(const Entry& now, Join* join) {
  const auto same = IsSameContent(now, join);
  return same && !*same ? Difference::kContent : Difference::kNone;
}

// Only the ctime reveals changed attributes. If they cannot be read, that is reported and the entry
// stays as before.
Difference Planner::CompareXattrs(const Entry& now, const Entry& before, Join* join) {
  auto xattrs = ReadXattrs(join->source);
  if (xattrs.ok()) {
    return DigestOf(xattrs.value()) == before.xattrs ? Difference::kNone : Difference::kMetadata;
  }
  xattrs.error().path = join->PathOf(now.name);
  failures_->Add(std::move(xattrs.error()));
  return Difference::kNone;
}

// An entry that cannot be read is only in the manifest, so it causes no further snapshot by itself.
Decision Planner::Unread(Entry* now) {
  now->unread = true;
  return {Step::kUnread, ChangeKind::kNone};
}

// An entry that the store cannot hold causes no snapshot, however it changes. A snapshot made for
// other changes tries it again; a directory then stays empty, so that the next run fills it.
Decision Planner::NotStored(Entry* now, Join* join) {
  join->stale = true;
  failures_->Add({kNotStoredCode, "", join->PathOf(now->name), {}});
  if (now->type == Type::kSymlink && !ReadTarget(now, join)) return Unread(now);
  if (now->type == Type::kDirectory) now->directory = kPlannedBit;
  now->not_stored = true;
  return Unread(now);
}

// The same content with other metadata, which must not show in older snapshots.
Decision Planner::OwnInode(const Entry& now) {
  return {now.type == Type::kFile ? Step::kClone : Step::kCopy, ChangeKind::kMetadata};
}

// Keeps an entry that cannot be read as in the previous snapshot, so that later snapshots can link
// to it. Without a ctime it is unproven: the next run tries again, and reports again.
void Planner::KeepAsBefore(Entry* now, const Entry& before) {
  now->mode = before.mode;
  now->uid = before.uid;
  now->gid = before.gid;
  now->mtime = before.mtime;
  now->target = before.target;
  now->ctime = {};
}

// Whether this user may list and search a directory. An empty one need not be searchable. Reports a
// directory that it may not enter, because its new metadata is not stored.
bool Planner::CanEnter(const Entry& now, const Join& join) {
  const Fd fd(sys::OpenAt(join.source.dir, join.source.name, sys::kOpenDirectory));
  sys::Stat stat;
  sys::Names names;
  const char* const call = fd.valid() ? "statx" : "openat";
  if (fd.valid() && sys::StatAt(fd.get(), ".", &stat) == 0) return true;
  if (errno != EACCES) return true;
  if (fd.valid() && sys::ReadNames(fd.get(), &names) == 0 && names.empty()) return true;
  failures_->Add({EACCES, call, join.PathOf(now.name), {}});
  return false;
}

Decision Planner::DecideDirectory(Difference difference, Entry* now, const Entry* before,
                                  Join* join) {
  ReadExtras(now, join);
  if (difference == Difference::kCreated) return {Step::kDirectory, ChangeKind::kNew};
  if (difference == Difference::kType) return {Step::kDirectory, ChangeKind::kChanged};
  if (!CanEnter(*now, *join)) {
    KeepAsBefore(now, *before);
    now->xattrs = before->xattrs;
    return {Step::kDirectory, ChangeKind::kNone};
  }
  const bool differs = difference == Difference::kMetadata || !HasSameXattrs(*now, *before, join);
  return {Step::kDirectory, differs ? ChangeKind::kMetadata : ChangeKind::kNone};
}

// A name that the previous snapshot knows leads its group, because it may be linked; all names
// before it follow. The leader's content is compared outside the lock, so followers do not know the
// result: SettleClaims decides about them after the walk.
Decision Planner::DecideLinked(Difference difference, Entry* now, const Entry* before, Join* join) {
  const bool may_lead = difference == Difference::kMoved || difference == Difference::kUnproven ||
                        difference == Difference::kMetadata;
  LinkGroup* group = nullptr;
  bool leads = false;
  bool is_proven = false;
  {
    const std::lock_guard lock(groups_mutex_);
    group = &plan_.groups[GroupOf(*now)];
    leads = may_lead && !std::exchange(group->has_leader, group->has_leader || may_lead);
    if (leads) group->seen_ctime = now->ctime;
    // A follower is as proven as its leader, and unproven while the leader is being compared. A new
    // or changed name without a leader so far is proven: its stat precedes every read of the inode.
    is_proven = leads || group->is_proven || !(may_lead || group->has_leader);
  }
  if (!leads) {
    const Decision decision = DecideFollower(may_lead, now, before, join);
    if (!is_proven) now->ctime = {};
    return decision;
  }
  join->leaders.push_back(join->decisions.size());
  const Decision decision = Resolve(difference, now, before, join);
  {
    const std::lock_guard lock(groups_mutex_);
    group->is_proven = now->ctime != Timestamp{} && IsSettled(*now, join->seen);
  }
  if (decision.step != Step::kLink) return decision;
  Claim(*now, *before);
  const std::lock_guard lock(groups_mutex_);
  group->stored_ino = before->stored_ino;
  return decision;
}

Decision Planner::DecideFollower(bool may_lead, Entry* now, const Entry* before, Join* join) {
  join->has_followers = true;
  // The copy reads the attributes of a file.
  if (now->type != Type::kFile && !ReadExtras(now, join)) {
    if (!may_lead) return Unread(now);
    KeepAsBefore(now, *before);
    return {Step::kLink, ChangeKind::kNone};
  }
  if (before == nullptr) return {Step::kFollow, ChangeKind::kNew};
  // If inode numbers are not reliable, each name is compared by itself.
  const bool looks = may_lead && now->type == Type::kFile && !KeepsInodes(now->volume);
  const auto same = looks ? IsSameContent(*now, join) : std::optional(may_lead);
  return {Step::kFollow, same.value_or(true) ? ChangeKind::kNone : ChangeKind::kChanged};
}

// Counts the names of each group in the plan, and remembers the leader, or else a follower that
// leads if no leader comes.
void Planner::NoteNames(const Listing& listing, const Join& join, std::uint32_t number) {
  const std::lock_guard lock(groups_mutex_);
  auto leader = join.leaders.begin();
  for (std::uint32_t place = 0; place < listing.entries.size(); ++place) {
    const bool leads = leader != join.leaders.end() && *leader == place;
    if (leads) ++leader;
    if (!leads && join.decisions[place].step != Step::kFollow) continue;
    const Entry& entry = listing.entries[place];
    LinkGroup& group = plan_.groups[GroupOf(entry)];
    ++group.changed_names;
    const Decision decision = join.decisions[place];
    if (decision.step == Step::kFollow && decision.change == ChangeKind::kNone) {
      followers_.push_back({&group, number, place, entry.stored_ino});
    }
    group.nlink = entry.nlink;
    group.allocated = AllocatedFor(entry.size, entry.allocated);
    if (group.first_dir != kNoDir && !leads) continue;
    group.first_dir = number;
    group.first_place = place;
  }
}

Decision Planner::Resolve(Difference difference, Entry* now, const Entry* before, Join* join) {
  const bool is_file = now->type == Type::kFile;
  switch (difference) {
    case Difference::kMoved:
    case Difference::kUnproven:
      return ResolveMoved(now, before, join);
    case Difference::kMetadata:
      // The content is not read, so what this run ignores must not count as proven.
      if (now->ctime != before->ctime || now->ino != before->ino) now->ctime = kPassedOver;
      if (ReadExtras(now, join)) return OwnInode(*now);
      KeepAsBefore(now, *before);
      return {Step::kLink, ChangeKind::kNone};
    default:
      // The copy reads the attributes of a file.
      if (!is_file && !ReadExtras(now, join)) return Unread(now);
      return {Step::kCopy,
              difference == Difference::kCreated ? ChangeKind::kNew : ChangeKind::kChanged};
  }
}

// Size and mtime are equal, or nothing more was recorded: finds out what else differs.
Decision Planner::ResolveMoved(Entry* now, const Entry* before, Join* join) {
  const bool is_file = now->type == Type::kFile;
  bool readable = true;
  const bool reads = is_file && !(trust_.quick && trust_.contents);
  if (reads) {
    const auto same = IsSameContent(*now, join);
    if (same && !*same) return {Step::kCopy, ChangeKind::kChanged};
    readable = same.has_value();
  }
  if (!readable || !ReadExtras(now, join)) {
    KeepAsBefore(now, *before);
    return {Step::kLink, ChangeKind::kNone};
  }
  if (now->target != before->target) return {Step::kCopy, ChangeKind::kChanged};
  // The file was not read, so it is not proven.
  if (is_file && !reads) now->ctime = {};
  const bool same_metadata = SameModeAndOwner(*now, *before) && HasSameXattrs(*now, *before, join);
  return same_metadata ? Decision{Step::kLink, ChangeKind::kNone} : OwnInode(*now);
}

// Whether an unchanged entry that the last run could not read is readable now.
bool Planner::CanRead(const Entry& now, Join* join) {
  if (now.type == Type::kSymlink && now.target.empty()) {
    Entry again = now;
    return ReadTarget(&again, join);
  }
  if (now.type != Type::kFile) {  // the store could not hold it
    failures_->Add({kNotStoredCode, "", join->PathOf(now.name), {}});
    return false;
  }
  const Fd fd = OpenToRead(join->source.dir, join->source.name, monitor_);
  sys::Stat stat;
  if (!fd.valid() || sys::StatFd(fd.get(), &stat) != 0) {
    failures_->Add(LastError("openat", join->PathOf(now.name)));
    return false;
  }
  // Anything but a file is left to the copy, which reports that it changed.
  return TypeOf(stat.mode) != Type::kFile || CanReadWhole(fd, now, join);
}

// Reads to the end, because a disk that fails in the middle would otherwise cause a snapshot in
// every run.
bool Planner::CanReadWhole(const Fd& fd, const Entry& now, Join* join) {
  auto error = ReadWhole(fd.get(), now.size, monitor_);
  if (!error) return true;
  error->path = join->PathOf(now.name);
  failures_->Add(std::move(*error));
  return false;
}

// Returns nothing if the source cannot be read, which is reported. The stored content then stays.
std::optional<bool> Planner::IsSameContent(const Entry& now, Join* join) {
  const Fd source = OpenToRead(join->source.dir, join->source.name, monitor_);
  if (!source.valid()) {
    failures_->Add(LastError("openat", join->PathOf(now.name)));
    return std::nullopt;
  }
  sys::Stat stat;
  if (sys::StatFd(source.get(), &stat) != 0) {
    failures_->Add(LastError("statx", join->PathOf(now.name)));
    return std::nullopt;
  }
  const bool is_it = TypeOf(stat.mode) == Type::kFile &&
                     Identity{stat.dev, stat.ino} == Identity{now.dev, now.ino};
  if (!is_it) return false;
  const Fd stored = OpenStoredFile(now, join);
  if (!stored.valid()) return JudgeStored(LastError("openat"), now, join);
  auto same = SameContent(source.get(), stored.get(), now.size, monitor_);
  if (same.ok()) return same.value();
  // Find out which of the two files failed.
  if (sys::Seek(source.get(), 0, SEEK_SET) != 0 || !CanReadWhole(source, now, join)) {
    return std::nullopt;
  }
  return JudgeStored(std::move(same.error()), now, join);
}

// Returns an invalid descriptor with errno set if the file cannot be opened.
Fd Planner::OpenStoredFile(const Entry& now, Join* join) {
  if (!OpenStored(now, join)) return Fd();
  return OpenToRead(join->stored->fd(), std::string(now.name).c_str(), monitor_);
}

// Decides about a stored file that cannot be read. The source's content replaces it, unless this
// process is the cause: then nothing is known, and the stored file stays.
std::optional<bool> Planner::JudgeStored(OsError error, const Entry& now, const Join* join) {
  const int code = error.code;
  if (code == ENOENT || code == ENOTDIR || code == ELOOP || code == kChangedCode) return false;
  const bool is_ours = code == EMFILE || code == ENFILE || code == ENOMEM || code == EINTR ||
                       code == EACCES || code == EPERM;
  if (is_ours)
    failures_->Add({code, error.syscall, join->PathOf(now.name), {}});  // the entry may be outdated
  error.path = StoredDirectory(now, *join)->PathOf(now.name);
  failures_->Add(std::move(error));
  return is_ours ? std::nullopt : std::optional(false);
}

// A manifest rebuilt from the tree has no attributes, so this reads them from the stored file.
// Attributes that an ordinary user cannot set there count as unknown.
bool Planner::HasSameXattrs(const Entry& now, const Entry& before, Join* join) {
  if (before.ino != 0) return now.xattrs == before.xattrs;
  if (!OpenStored(now, join)) return true;
  const std::string name(now.name);
  auto stored = ReadXattrs(Place::At(join->stored->fd(), name.c_str()));
  if (!stored.ok()) return true;
  if (sys::IsPrivileged()) return DigestOf(stored.value()) == now.xattrs;
  auto source = ReadXattrs(join->source);
  if (!source.ok()) return true;
  return SettableByAll(std::move(source.value())) == SettableByAll(std::move(stored.value()));
}

// The directory of the previous snapshot to compare with; each operand has its own.
std::shared_ptr<Dir> Planner::StoredDirectory(const Entry& now, const Join& join) const {
  const bool is_operand = join.item->dir == nullptr;
  return is_operand ? previous_->Above(now.name) : previous_->Find(join.item->previous);
}

// Opens that directory. False with errno set on failure.
bool Planner::OpenStored(const Entry& now, Join* join) {
  if (join->stored && join->item->dir != nullptr) return true;
  auto lease = StoredDirectory(now, *join)->Open();
  if (lease.ok()) join->stored = std::move(lease.value());
  if (!lease.ok()) errno = lease.error().code;
  return lease.ok();
}

// Reads the link target and the digest of the attributes. False if the target cannot be read.
bool Planner::ReadExtras(Entry* now, Join* join) {
  const auto path = [&] { return join->PathOf(now->name); };
  const Place place = join->source;
  ReadXattrsOf(now, place, path, failures_);
  return now->type != Type::kSymlink || ReadTarget(now, join);
}

// False if the target cannot be read, which is reported.
bool Planner::ReadTarget(Entry* now, Join* join) {
  std::array<char, 4097> buffer{};
  const ssize_t size =
      sys::ReadLinkAt(join->source.dir, join->source.name, buffer.data(), buffer.size() - 1);
  if (size < 0) {
    failures_->Add(LastError("readlinkat", join->PathOf(now->name)));
    now->target = {};
    return false;
  }
  now->target = join->targets.emplace_back(buffer.data(), static_cast<size_t>(size));
  return true;
}

}  // namespace cura
