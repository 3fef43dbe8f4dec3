// Joins each directory of the target with the same one in the record.
#include "restore/target_comparison.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cura {

namespace {

bool IsFile(const Entry& entry) { return entry.type == Type::kFile; }

}  // namespace

Status TargetComparison::Run(RestorePlan* plan) {
  plan_ = plan;
  plan->operands.resize(options_->operands.size());
  tops_.resize(options_->operands.size());
  for (std::uint32_t number = 0; number < options_->operands.size(); ++number) {
    if (auto error = AddOperand(options_->operands[number], number)) return error;
  }
  Scan({job_, filter_, &volumes_}, &stack_,
       [&](const ScanItem& item, int dir, Listing* listing) { Visit(item, dir, listing); });
  if (job_.monitor->abort) return Aborted();
  if (auto error = stored_->manifest->failure()) return error;
  std::sort(plan->dirs.begin(), plan->dirs.end(),
            [](const RestoreDir& a, const RestoreDir& b) { return a.path < b.path; });
  return std::nullopt;
}

void TargetComparison::Visit(const ScanItem& item, int dir, Listing* listing) {
  if (dir < 0) {
    // That it vanished was only a warning, but what the snapshot has in it is not restored.
    std::string path = item.dir->Path();
    const auto known = job_.failures->Find(path);
    const bool is_hidden = item.previous != kNoDir && (!known || known->code == ENOENT);
    if (is_hidden) job_.failures->Add({kChangedCode, "openat", std::move(path), {}});
    return;
  }
  sys::Stat here;
  if (sys::StatFd(dir, &here) != 0) return job_.failures->Add(LastError("statx", item.dir->Path()));
  Join join;
  join.item = &item;
  join.dir = dir;
  join.listing = listing;
  join.existing = listing->entries.size();
  // What lies behind a mount point belongs to another filesystem.
  join.may_delete =
      options_->deletes && listing->complete && here.mount == tops_[item.number].mount;
  AddSockets(&join);
  BlockList before = item.previous == kNoDir
                         ? BlockList()
                         : BlockList(stored_->manifest->Directory(item.previous));
  MergeJoin<EntryList, BlockList> names(EntryList(&listing->entries), std::move(before));
  while (names.Next() && !job_.monitor->abort) Decide(names.left(), names.right(), &join);
  Record(&join);
}

// Sockets belong to running programs: those in the way of a stored entry are replaced, others stay.
void TargetComparison::AddSockets(Join* join) {
  auto& entries = join->listing->entries;
  for (const std::string_view name : join->listing->sockets) {
    sys::Stat stat;
    if (sys::StatAt(join->dir, name.data(), &stat) != 0) continue;
    Entry entry = EntryOf(stat);
    entry.name = name;
    const auto after = [](const Entry& a, const Entry& b) { return a.name < b.name; };
    entries.insert(std::upper_bound(entries.begin(), entries.end(), entry, after), entry);
  }
}

void TargetComparison::Decide(Entry* live, Entry* stored, Join* join) {
  const std::string_view name = live != nullptr ? live->name : stored->name;
  if (IsTemporary(name)) {
    const bool is_left = live != nullptr && !IsInUse(name);
    if (is_left) join->items.push_back(ItemFor(*live, RestoreStep::kLeftover, live->type));
    return;
  }
  if (stored == nullptr) return DecideExtra(*live, join);
  if (stored->unread) {
    job_.failures->Add({kUnreadCode, "", join->item->dir->PathOf(name), {}});
    return;
  }
  if (live == nullptr) return DecideMissing(*stored, join);
  DecideBoth(*live, *stored, join);
}

// Plans the removal of an entry with everything below it.
void TargetComparison::Doom(const Entry& live, Join* join) {
  if (live.type != Type::kDirectory) return;
  ScanItem child;
  child.parent = join->item->dir;
  child.name = live.name;
  child.dir = Dir::Child(child.parent, live.name, Identity{live.dev, live.ino});
  child.previous = kNoDir;
  child.number = join->item->number;
  if (join->item->scope != nullptr) child.scope = filter_->Below(*join->item->scope, live.name);
  stack_.Push(std::move(child));
}

void TargetComparison::DecideExtra(const Entry& live, Join* join) {
  if (!join->may_delete || IsStore(live) || live.type == Type::kSocket) return;
  Doom(live, join);
  join->items.push_back(ItemFor(live, RestoreStep::kDelete, live.type));
  ++join->counts.deleted;
}

void TargetComparison::DecideMissing(const Entry& stored, Join* join) {
  const auto& unknown = join->listing->unknown;
  if (std::find(unknown.begin(), unknown.end(), stored.name) != unknown.end()) return;
  const ScanItem& item = *join->item;
  const bool is_directory = stored.type == Type::kDirectory;
  const bool is_left_out =
      item.scope != nullptr && filter_->Omits(*item.scope, *item.dir, stored.name, is_directory);
  if (is_left_out) return;
  RestoreDir dir;
  dir.target = item.dir;
  dir.path = item.dir->Path();
  join->items.push_back(PlanMissing(dir, stored, &join->counts));
}

bool TargetComparison::MayOverwrite(const Entry& live, const Entry& stored) const {
  if (options_->overwrite == Overwrite::kIfNewer) return stored.mtime > live.mtime;
  return options_->overwrite != Overwrite::kNever;
}

void TargetComparison::Keep(const Entry& live, const Entry& stored, Join* join) {
  join->items.push_back(ItemFor(live, RestoreStep::kKeep, stored.type));
  ++join->counts.kept;
}

void TargetComparison::DecideBoth(const Entry& live, const Entry& stored, Join* join) {
  if (IsStore(live)) {
    job_.failures->Add({kExistsCode, "", join->item->dir->PathOf(live.name), {}});
    return Keep(live, stored, join);
  }
  const LiveState state = StateOf(live, stored, *join);
  if (live.type == Type::kDirectory && stored.type == live.type) {
    return DecideDirectory(live, stored, join);
  }
  if (state == LiveState::kProven || state == LiveState::kSame) {
    ++join->counts.unchanged;
    return;
  }
  if (!MayOverwrite(live, stored)) return Keep(live, stored, join);
  if (live.type == Type::kDirectory) {
    // What is in the directory goes as well.
    if (!join->may_delete) {
      job_.failures->Add({kExistsCode, "", join->item->dir->PathOf(live.name), {}});
      return Keep(live, stored, join);
    }
    Doom(live, join);
  }
  if (state == LiveState::kMetadata) {
    join->items.push_back(ItemFor(live, RestoreStep::kMetadata, stored.type));
    ++join->counts.updated;
    return;
  }
  RestoreItem item = ItemFor(live, RestoreStep::kReplace, stored.type);
  item.size = IsFile(stored) ? stored.size : 0;
  join->items.push_back(item);
  ++join->counts.updated;
  join->counts.bytes += BytesOf(stored);
  if (stored.type != Type::kDirectory) return;
  const Size below = CountBelow(stored, join->item->dir->PathOf(stored.name), {});
  join->counts.restored += below.entries;
  join->counts.bytes += below.bytes;
}

// Goes on with what is in the directory. Its own metadata come last.
void TargetComparison::DecideDirectory(const Entry& live, const Entry& stored, Join* join) {
  ScanItem child;
  child.parent = join->item->dir;
  child.name = live.name;
  child.dir = Dir::Child(child.parent, live.name, Identity{live.dev, live.ino});
  if (!join->shown.empty()) {
    auto lease = child.dir->Open();
    Fd fd(lease.ok() ? sys::OpenAt(lease.value().fd(), ".", sys::kOpenDirectory) : -1);
    if (!fd.valid()) return job_.failures->Add(LastError("openat", join->shown));
    child.dir = Dir::Root(job_.budget, std::move(fd), sys::kOpenDirectory, join->shown);
    child.parent = nullptr;
  }
  child.previous = stored.directory;
  child.number = join->item->number;
  if (join->item->scope != nullptr) child.scope = filter_->Below(*join->item->scope, live.name);
  const LiveState state = StateOf(live, stored, *join);
  const bool differs = state != LiveState::kProven && state != LiveState::kSame;
  const bool only_mtime = differs && live.mode == stored.mode && live.uid == stored.uid &&
                          live.gid == stored.gid && live.mtime != stored.mtime;
  const bool sets_own = differs && MayOverwrite(live, stored);
  if (sets_own) {
    RestoreDir own;
    own.target = child.dir;
    own.stored = stored.directory;
    own.path = child.dir->Path();
    own.own = WithoutViews(stored);
    own.is_listed = !only_mtime;
    const std::lock_guard lock(mutex_);
    plan_->dirs.push_back(std::move(own));
  }
  if (sets_own && !only_mtime) {
    ++join->counts.updated;
  } else if (differs && !sets_own && !only_mtime) {
    Keep(live, stored, join);
  } else {
    ++join->counts.unchanged;
  }
  if (!stored.boundary) stack_.Push(std::move(child));
}

bool TargetComparison::XattrsDiffer(const Entry& live, const Entry& stored,
                                    const Join& join) const {
  if (!options_->keeps_xattrs || !stored_->rebuilt.empty()) return false;
  const auto xattrs = ReadXattrs(Place::At(join.dir, live.name.data()));
  return xattrs.ok() && DigestOf(xattrs.value()) != stored.xattrs;
}

LiveState TargetComparison::StateOf(const Entry& live, const Entry& stored, const Join& join) {
  std::array<char, 4097> buffer{};
  std::string_view target;
  if (live.type == Type::kSymlink && stored.type == live.type) {
    const ssize_t size =
        sys::ReadLinkAt(join.dir, live.name.data(), buffer.data(), buffer.size() - 1);
    if (size > 0) target = {buffer.data(), static_cast<size_t>(size)};
  }
  LiveState state = rules_.StateOf(live, target, stored);
  if (state == LiveState::kType) return state;
  const bool is_file = IsFile(live);
  const bool is_forced = options_->overwrite == Overwrite::kAlways && is_file;
  if (is_forced) return LiveState::kContent;
  if (state == LiveState::kSame && XattrsDiffer(live, stored, join)) {
    const bool in_place = is_file || live.type == Type::kDirectory;
    state = in_place ? LiveState::kMetadata : LiveState::kContent;
  }
  // The recorded inode was touched since: its content may have changed, with the old time set
  // again.
  const bool is_touched = (state == LiveState::kSame || state == LiveState::kMetadata) &&
                          stored.ino != 0 && live.ino == stored.ino && live.volume == stored.volume;
  if (is_file && (options_->checksum || is_touched)) state = ByContent(state, live, stored, join);
  // Other names of the inode may lie beside the operands, or have to share a new one.
  const bool is_one_of_many = live.nlink > 1 || stored.linked;
  if (state == LiveState::kMetadata && is_file && is_one_of_many) return LiveState::kContent;
  const bool is_right = state == LiveState::kProven || state == LiveState::kSame;
  const bool shares = stored.linked || live.nlink > 1;
  const bool stays = is_right && live.type != Type::kDirectory && shares;
  return stays && !Claim(live, stored, join) ? LiveState::kContent : state;
}

// Reads a file to learn whether its content is the recorded one.
LiveState TargetComparison::ByContent(LiveState state, const Entry& live, const Entry& stored,
                                      const Join& join) {
  if (live.size != stored.size) return LiveState::kContent;
  const Fd file = OpenToRead(join.dir, live.name.data(), job_.monitor);
  sys::Stat stat;
  if (!file.valid() || sys::StatFd(file.get(), &stat) != 0) return LiveState::kContent;
  if (Identity{stat.dev, stat.ino} != Identity{live.dev, live.ino}) return LiveState::kContent;
  bool same = false;
  if (stored.digest != kNoDigest) {
    ContentHash hash(true);
    hash.Start();
    Copying reading{.from = file.get(), .stat = &stat};
    const bool is_read = !CopyContent(&reading, &hash, job_.monitor);
    same = is_read && hash.Finish() == stored.digest;
  } else {
    const auto dir = stored_->Find(join.item->dir->Path());
    auto lease = dir->Open();
    if (!lease.ok()) return state;
    const Site site{lease.value().fd(), std::string(stored.name), dir.get()};
    const Fd copy = OpenStored(site, stored, stored_->manifest->is_in_place(), job_.monitor);
    const auto compared = copy.valid()
                              ? SameContent(file.get(), copy.get(), stored.size, job_.monitor)
                              : Result<bool>(false);
    same = compared.ok() && compared.value();
  }
  if (!same) return LiveState::kContent;
  constexpr std::uint16_t kRights = 06000;
  const bool only_mtime = state == LiveState::kContent && live.mode == stored.mode &&
                          (stored.mode & kRights) == 0 && live.uid == stored.uid &&
                          live.gid == stored.gid;
  return only_mtime ? LiveState::kMetadata : state;
}

// Whether a file may keep its inode: all names of one stored inode must share one, and share it
// with nothing else.
bool TargetComparison::Claim(const Entry& live, const Entry& stored, const Join& join) {
  const auto group = GroupKeyOf(stored);
  const Identity inode{live.dev, live.ino};
  const std::lock_guard lock(mutex_);
  constexpr std::uint64_t kAlone = ~std::uint64_t{0};
  const GroupKey key = group ? *group : GroupKey{kAlone, ++loners_};
  if (claimed_.try_emplace(inode, key).first->second != key) return false;
  if (!group) return true;
  const auto [known, is_first] = live_group_.try_emplace(key, inode);
  if (known->second != inode) return false;
  if (is_first) {
    auto base = std::make_shared<LinkBase>(LinkBase{join.item->dir, {}});
    const std::string name(live.name);
    plan_->leaders[key] = {std::move(base), {}, name, stored.digest, inode, live.size, live.mtime};
  }
  return true;
}

std::string_view TargetComparison::Kept(std::string_view name) {
  std::string bytes(name);
  bytes.push_back('\0');
  const std::lock_guard lock(mutex_);
  const auto kept = plan_->names.Keep(std::span<const char>(bytes));
  return {kept.data(), name.size()};
}

RestoreItem TargetComparison::ItemFor(const Entry& live, RestoreStep step, Type type) {
  RestoreItem item;
  item.name = Kept(live.name);
  item.step = step;
  item.type = type;
  item.live_type = live.type;
  item.ino = live.ino;
  item.size = live.type == Type::kFile ? live.size : 0;
  item.mtime = live.mtime;
  if (live.nlink <= 1) item.ctime = live.ctime;
  return item;
}

void TargetComparison::Record(Join* join) {
  const ScanItem& item = *join->item;
  RestoreDir dir;
  if (!join->items.empty()) {
    dir.target = item.dir;
    dir.stored = item.previous;
    dir.items = std::move(join->items);
    dir.path = item.dir->Path();
    const bool is_top = item.parent == nullptr;
    const bool changes = std::any_of(dir.items.begin(), dir.items.end(), [](const auto& each) {
      return each.step != RestoreStep::kKeep;
    });
    const bool sets_any =
        options_->overwrite == Overwrite::kIfChanged || options_->overwrite == Overwrite::kAlways;
    const bool keeps_own = (is_top && tops_[item.number].keeps_own) || item.previous == kNoDir ||
                           !changes || !sets_any;
    if (!keeps_own) {
      const auto own = stored_->manifest->Lookup(dir.path);
      if (own.ok() && own.value()) {
        dir.own = WithoutViews(own.value()->entry);
      }
    }
  }
  const std::lock_guard lock(mutex_);
  RestoreCounts& counts = plan_->counts;
  counts.restored += join->counts.restored;
  counts.updated += join->counts.updated;
  counts.deleted += join->counts.deleted;
  counts.kept += join->counts.kept;
  counts.unchanged += join->counts.unchanged;
  counts.bytes += join->counts.bytes;
  plan_->operands[item.number].existing += join->existing;
  if (!dir.items.empty()) plan_->dirs.push_back(std::move(dir));
}

}  // namespace cura
