// Opens the operands of a restore at the target.
#include <utility>

#include "restore/target_comparison.h"
#include "tree/trusted_path.h"

namespace cura {

namespace {

std::vector<std::string> Names(const std::string& path) {
  std::vector<std::string> names;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    names.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

// Whether nothing but what a new filesystem has is in a directory.
bool IsEmpty(int dir) {
  sys::Names names;
  if (sys::Seek(dir, 0, SEEK_SET) != 0 || sys::ReadNames(dir, &names) != 0) return false;
  return names.empty() || (names.size() == 1 && names.Has("lost+found"));
}

}  // namespace

// The rules that apply to the entries of a directory of the snapshot.
std::shared_ptr<const Scope> TargetComparison::ScopeOf(const std::string& path,
                                                       std::uint64_t dev) const {
  if (filter_ == nullptr || path.empty()) return nullptr;
  const auto names = Names(path);
  auto scope = filter_->Top(names.front(), dev);
  for (size_t i = 1; i < names.size(); ++i) scope = filter_->Below(*scope, names[i]);
  return scope;
}

// Refuses a place in the store: snapshots never change.
Status TargetComparison::CheckRoot(const Fd& root, const RestoreOperand& operand) const {
  Fd at(sys::OpenAt(root.get(), ".", sys::kOpenPath));
  const int inside = at.valid() ? IsInside(std::move(at), {options_->store->identity()}) : -1;
  if (inside < 0) return LastError("openat", operand.root);
  return inside == 0 ? std::nullopt : Status(OsError{kInStoreCode, "open", operand.root, {}});
}

Status TargetComparison::AddOperand(const RestoreOperand& operand, std::uint32_t number) {
  auto opened = OpenTrusted(operand.root);
  if (!opened.ok()) return std::move(opened.error());
  const auto& missing = opened.value().missing;
  Fd fd(sys::OpenAt(opened.value().fd.get(), ".", sys::kOpenDirectory));
  if (!fd.valid()) return LastError("open", operand.root);
  sys::Stat stat;
  if (sys::StatFd(fd.get(), &stat) != 0) return LastError("statx", operand.root);
  if (auto error = CheckRoot(fd, operand)) return error;
  tops_[number].mount = stat.mount;
  tops_[number].keeps_own = operand.keeps_root && missing.empty() && !IsEmpty(fd.get());
  const bool is_there = missing.empty();
  std::string found = operand.root;  // the part of the path that exists
  for (const std::string& name : missing) found.resize(found.size() - name.size() - 1);
  Opening opening{number, operand, nullptr, !is_there};
  // Named as in the snapshot if it exists, for messages.
  opening.root =
      Dir::Root(job_.budget, std::move(fd), sys::kOpenDirectory, is_there ? operand.anchor : found);
  for (const std::string& name : missing) {
    auto child = Dir::Child(opening.root, name, std::nullopt);
    plan_->missing.push_back({opening.root, name, child, false});
    opening.root = std::move(child);
  }
  const size_t planned = plan_->dirs.size();
  if (auto error = operand.below.empty() ? AddContents(opening) : AddPath(opening)) return error;
  const bool makes = missing.empty() || plan_->dirs.size() > planned;
  if (!makes) plan_->missing.resize(plan_->missing.size() - missing.size());
  return std::nullopt;
}

// The contents of a directory, with its metadata.
Status TargetComparison::AddContents(const Opening& opening) {
  const RestoreOperand& operand = opening.operand;
  auto anchor = stored_->manifest->Lookup(operand.anchor);
  if (!anchor.ok()) return std::move(anchor.error());
  const auto& found = anchor.value();
  if (!found || found->entry.type != Type::kDirectory || found->entry.unread) return std::nullopt;
  plan_->operands[opening.number].is_stored = true;
  RestoreDir dir;
  dir.target = opening.root;
  dir.stored = found->entry.directory;
  dir.path = operand.anchor;
  dir.own = WithoutViews(found->entry);
  if (opening.is_missing) {
    PlanEntries(&dir, &plan_->counts);
    ++plan_->counts.restored;
    plan_->missing.back().is_private = true;
    dir.is_listed = dir.is_missing = true;
    plan_->dirs.push_back(std::move(dir));
    return std::nullopt;
  }
  auto lease = opening.root->Open();
  sys::Stat stat;
  if (sys::StatFd(lease.value().fd(), &stat) != 0) return LastError("statx", operand.root);
  ScanItem item;
  item.dir = opening.root;
  item.previous = dir.stored;
  item.number = opening.number;
  item.scope = ScopeOf(operand.anchor, stat.dev);
  stack_.Push(std::move(item));
  Entry live = EntryOf(stat);
  live.name = std::string_view(".");
  Join join;
  join.dir = lease.value().fd();
  const LiveState state = StateOf(live, found->entry, join);
  const bool is_right = state == LiveState::kProven || state == LiveState::kSame;
  const bool keeps = tops_[opening.number].keeps_own || is_right;
  if (keeps || !MayOverwrite(live, found->entry)) return std::nullopt;
  const Entry& own = *dir.own;
  dir.is_listed = live.mode != own.mode || live.uid != own.uid || live.gid != own.gid;
  if (dir.is_listed) ++plan_->counts.updated;
  plan_->dirs.push_back(std::move(dir));
  return std::nullopt;
}

// One name below the root. The directories on the way to it belong to nobody's restore.
Status TargetComparison::AddPath(const Opening& opening) {
  const std::string& anchor = opening.operand.anchor;
  const auto names = Names(opening.operand.below);
  RestoreDir at;
  at.target = opening.root;
  at.path = anchor;
  auto above = anchor.empty() ? Result<std::optional<FoundEntry>>(FoundEntry{})
                              : stored_->manifest->Lookup(anchor);
  if (!above.ok()) return std::move(above.error());
  at.stored = above.value() ? above.value()->entry.directory : kNoDir;
  bool is_missing = opening.is_missing;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string path = JoinPath(at.path, names[i]);
    auto stored = stored_->manifest->Lookup(path);
    if (!stored.ok()) return std::move(stored.error());
    const std::string& live = i == 0 ? opening.operand.name : names[i];
    if (live != names[i]) at.stored_name = names[i];
    const bool is_last = i + 1 == names.size();
    if (is_last) plan_->operands[opening.number].is_stored = stored.value().has_value();
    auto lease = is_missing ? Result<DirLease>(DirLease()) : at.target->Open();
    if (!lease.ok()) return std::move(lease.error());
    sys::Stat stat;
    if (is_missing || sys::StatAt(lease.value().fd(), live.c_str(), &stat) != 0) {
      if (!is_missing && errno != ENOENT) return LastError("statx", path);
      if (!stored.value() || IsLost(opening)) return std::nullopt;
      for (size_t next = i + 1; next < names.size(); ++next)
        at.only = JoinPath(at.only, names[next]);
      return AddMissing(opening, std::move(at), *stored.value(), live);
    }
    if (is_last) {
      CompareOne(opening, std::move(at), {live, stored.value(), lease.value().fd(), stat});
      return std::nullopt;
    }
    if (TypeOf(stat.mode) != Type::kDirectory) return OsError{ENOTDIR, "openat", path, {}};
    if (IsStore(EntryOf(stat))) return OsError{kInStoreCode, "openat", path, {}};
    at.target = Dir::Child(at.target, live, Identity{stat.dev, stat.ino});
    at.path = path;
    at.stored_name.clear();
    const bool has = stored.value() && stored.value()->entry.type == Type::kDirectory;
    at.stored = has ? stored.value()->entry.directory : kNoDir;
  }
  return std::nullopt;
}

// Whether the snapshot does not hold the operand, which is then only absent.
bool TargetComparison::IsLost(const Opening& opening) {
  const std::string whole = JoinPath(opening.operand.anchor, opening.operand.below);
  const auto last = stored_->manifest->Lookup(whole);
  const bool is_stored = last.ok() && last.value().has_value();
  plan_->operands[opening.number].is_stored = is_stored;
  if (is_stored && last.value()->entry.unread) job_.failures->Add({kUnreadCode, "", whole, {}});
  return !is_stored || last.value()->entry.unread;
}

Status TargetComparison::AddMissing(const Opening& opening, RestoreDir dir,
                                    const FoundEntry& stored, const std::string& live) {
  RestoreItem item = PlanMissing(dir, stored.entry, &plan_->counts);
  item.name = Kept(live);
  dir.items.push_back(item);
  if (!opening.is_missing) Surround(&dir);
  plan_->dirs.push_back(std::move(dir));
  return std::nullopt;
}

// The directory around an operand keeps its modification time, but not what a restore that was
// killed has left in it.
void TargetComparison::Surround(RestoreDir* dir) {
  auto lease = dir->target->Open();
  sys::Stat stat;
  sys::Names names;
  const bool is_read = lease.ok() && sys::StatFd(lease.value().fd(), &stat) == 0 &&
                       sys::Seek(lease.value().fd(), 0, SEEK_SET) == 0 &&
                       sys::ReadNames(lease.value().fd(), &names) == 0;
  if (!is_read) return;
  dir->mtime = stat.mtime;
  for (const sys::Name name : names) {
    if (!IsTemporary(name.text) || IsInUse(name.text)) continue;
    RestoreItem item;
    item.name = Kept(name.text);
    item.step = RestoreStep::kLeftover;
    dir->items.push_back(item);
  }
}

// Compares the operand itself.
void TargetComparison::CompareOne(const Opening& opening, RestoreDir dir, const OneName& one) {
  Listing listing;
  Entry live = EntryOf(one.stat);
  live.name = one.name;
  live.volume = volumes_.Of(one.dir, one.name.c_str(), one.stat);
  ScanItem item;
  item.dir = dir.target;
  item.number = opening.number;
  item.scope = ScopeOf(dir.path, one.stat.dev);
  Join join;
  join.item = &item;
  join.dir = one.dir;
  join.listing = &listing;
  join.existing = 1;
  join.may_delete = options_->deletes && one.stat.mount == tops_[opening.number].mount;
  if (one.stored) {
    Entry stored = one.stored->entry;
    stored.name = live.name;
    if (!dir.stored_name.empty()) join.shown = JoinPath(dir.path, dir.stored_name);
    Decide(&live, &stored, &join);
  } else {
    Decide(&live, nullptr, &join);
  }
  dir.items = std::move(join.items);
  item.previous = kNoDir;  // nothing beside the operand is restored
  Surround(&dir);
  Record(&join);
  if (!dir.items.empty()) plan_->dirs.push_back(std::move(dir));
}

}  // namespace cura
