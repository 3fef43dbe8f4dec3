// Nobody else can enter a private directory, so nobody can change what is made in it. One rename
// then puts each entry in its place, whole.
#include "restore/staging.h"

#include <algorithm>
#include <array>
#include <utility>

#include "file/metadata.h"

namespace cura {

namespace {

constexpr size_t kPiece = 64;
constexpr mode_t kPrivate = 0700;

// Whether a directory of the snapshot is lost. Its files may have other copies.
bool IsLost(const Result<DirLease>& stored) {
  return !stored.ok() && !EndsRun(stored.error().code);
}

int FdOf(const Result<DirLease>& stored) { return stored.ok() ? stored.value().fd() : -1; }

// The part of a path below its first name, if that is `name`.
std::string RestOf(const std::string& only, std::string_view name) {
  return only.size() > name.size() ? only.substr(name.size() + 1) : std::string();
}

}  // namespace

bool EndsRun(int error) {
  constexpr std::array kAll = {ENOSPC, EDQUOT, EROFS, EIO, ENOMEM, EMFILE, ENFILE, ECANCELED};
  return std::find(kAll.begin(), kAll.end(), error) != kAll.end();
}

Result<DirLease> OpenMade(Dir* dir) {
  auto lease = dir->Open();
  if (!lease.ok()) return lease;
  sys::Stat stat;
  if (sys::StatFd(lease.value().fd(), &stat) != 0) return LastError("statx", dir->Path());
  dir->Expect({stat.dev, stat.ino});
  return lease;
}

Status Staging::Run(const RestorePlan* plan, std::vector<Staged>* batch) {
  plan_ = plan;
  batch_ = batch;
  auto top = std::make_shared<Making>();
  auto error = Walk(std::move(top));
  return !error && is_stopped() ? Status(Aborted()) : error;
}

Status Staging::EnterTop(const NodePtr& top) {
  for (Staged& staged : *batch_) {
    staged.made.resize(staged.dir->items.size());
    const bool makes = std::any_of(
        staged.dir->items.begin(), staged.dir->items.end(), [](const RestoreItem& item) {
          return !item.is_apart &&
                 (item.step == RestoreStep::kMake || item.step == RestoreStep::kReplace);
        });
    if (!makes) continue;
    if (auto error = MakePlace(&staged)) {
      if (EndsRun(error->code)) return error;
      error->path = staged.dir->path;
      job().failures->Add(std::move(*error));
      continue;
    }
    auto child = std::make_shared<Making>();
    child->parent = top;
    child->stored = stored_->Find(staged.dir->path);
    child->target = staged.place;
    child->staged = &staged;
    child->only = staged.dir->only;
    child->base = staged.base;
    Descend(std::move(child));
  }
  return std::nullopt;
}

// Makes the private directory. Opens up a directory of this user that it may not write to.
Status Staging::MakePlace(Staged* staged) {
  auto lease = staged->dir->target->Open();
  if (!lease.ok()) return std::move(lease.error());
  const int dir = lease.value().fd();
  Status error = MkdirIn(staged, dir);
  sys::Stat stat;
  const bool is_closed = error && error->code == EACCES && sys::StatFd(dir, &stat) == 0 &&
                         stat.uid == sys::EffectiveUser();
  if (is_closed) {
    constexpr std::uint32_t kBits = 07777;
    if (sys::ChmodFd(dir, (stat.mode & kBits) | kPrivate) != 0) return error;
    staged->opened = stat.mode & kBits;
    error = MkdirIn(staged, dir);
  }
  if (error) return error;
  staged->place = Dir::Child(staged->dir->target, staged->name, std::nullopt);
  staged->base = std::make_shared<LinkBase>(LinkBase{staged->place, {}});
  auto made = OpenMade(staged->place.get());
  if (!made.ok()) return std::move(made.error());
  return DropInheritedAcls(made.value().fd(), staged->dir->path);
}

Status Staging::MkdirIn(Staged* staged, int dir) {
  constexpr int kMostTries = 1000;
  for (int tries = 0; tries < kMostTries; ++tries) {
    staged->name =
        std::string(kTemporary) + std::to_string(sys::OwnProcess()) + '-' + std::to_string(++next_);
    if (sys::MakeDirectoryAt(dir, staged->name.c_str(), kPrivate) == 0) return std::nullopt;
    if (errno != EEXIST) break;
  }
  return LastError("mkdirat");
}

Status Staging::Enter(const NodePtr& node) {
  if (node->parent == nullptr) return EnterTop(node);
  if (is_stopped() || (node->own && node->own->directory == kNoDir)) return std::nullopt;
  Choose(node.get());
  if (auto error = stored_->manifest->failure()) return error;
  for (size_t first = 0; first < node->entries.size(); first += kPiece) {
    Share(node, {first, std::min(first + kPiece, node->entries.size())});
  }
  return std::nullopt;
}

// Reads the entries to make from the record.
void Staging::Choose(Making* node) const {
  const RestoreDir* const planned = node->staged != nullptr ? node->staged->dir : nullptr;
  BlockReader block =
      stored_->manifest->Directory(planned != nullptr ? planned->stored : node->own->directory);
  const std::string above = node->stored->Path();
  // The path of a stored directory begins with the name of the snapshot.
  const size_t slash = above.find('/');
  const std::string path = slash == std::string::npos ? "" : above.substr(slash + 1) + '/';
  std::uint32_t item = 0;
  for (Entry entry; block.Next(&entry);) {
    if (planned != nullptr) {
      const auto& items = planned->items;
      const auto name_of = [&](std::uint32_t at) {
        return planned->stored_name.empty() ? items[at].name : planned->stored_name;
      };
      const bool is_single = !planned->stored_name.empty() || !planned->only.empty();
      while (!is_single && item < items.size() && name_of(item) < entry.name) ++item;
      if (item == items.size()) break;
      const RestoreStep step = items[item].step;
      const bool makes = step == RestoreStep::kMake || step == RestoreStep::kReplace;
      if (name_of(item) != entry.name || items[item].is_apart || !makes) continue;
      node->items.push_back(item);
    } else {
      const bool is_wanted = !entry.unread &&
                             IsWithin(entry.name, node->only.substr(0, node->only.find('/'))) &&
                             !left_out_->Has(path + std::string(entry.name), entry);
      if (!is_wanted) continue;
    }
    node->entries.push_back(entry);
  }
  node->owner = block.owner();
}

std::string Staging::TargetName(const Making& node, std::uint32_t at) {
  if (node.staged == nullptr) return std::string(node.entries[at].name);
  return std::string(node.staged->dir->items[node.items[at]].name);
}

Status Staging::Work(const NodePtr& node, Piece piece) {
  for (size_t at = piece.first; at < piece.last; ++at) {
    if (is_stopped()) return std::nullopt;
    if (auto error = MakeEntry(node, static_cast<std::uint32_t>(at))) {
      if (error->code == ECANCELED) return std::nullopt;
      if (EndsRun(error->code)) return error;
      Report(std::move(*error), *node, at);
    }
  }
  return std::nullopt;
}

// What concerns one entry does not stop the others.
void Staging::Report(OsError error, const Making& node, size_t at) const {
  const Site site{-1, std::string(node.entries[at].name), node.stored.get()};
  error.path = RestoreSite{site, {}}.Path();
  if (error.code == ENOENT) error.code = EINVAL;  // a name that cannot be: nothing has vanished
  job().failures->Add(std::move(error));
}

Status Staging::MakeEntry(const NodePtr& node, std::uint32_t at) {
  const Entry& entry = node->entries[at];
  if (entry.type == Type::kDirectory) {
    auto target = node->target->Open();
    if (!target.ok()) return std::move(target.error());
    return MakeDirectory(node, at, target.value().fd());
  }
  if (const auto key = GroupKeyOf(entry)) return MakeGrouped(node, at, *key);
  auto made = MakeAlone(node.get(), at);
  return made.ok() ? std::nullopt : Status(std::move(made.error()));
}

Status Staging::MakeDirectory(const NodePtr& node, std::uint32_t at, int target) {
  const std::string name = TargetName(*node, at);
  const Entry& entry = node->entries[at];
  if (sys::MakeDirectoryAt(target, name.c_str(), kPrivate) != 0) {
    return LastError("mkdirat", node->target->PathOf(name));
  }
  auto child = std::make_shared<Making>();
  child->parent = node;
  child->stored = Dir::Child(node->stored, entry.name, std::nullopt);
  child->target = Dir::Child(node->target, name, std::nullopt);
  child->own = entry;
  child->own->name = child->own->target = {};
  child->only = node->staged != nullptr ? node->only : RestOf(node->only, entry.name);
  child->base = node->base;
  child->inside = std::make_shared<const Inside>(node->inside, name);
  NoteMade(node.get(), at);
  // What is on another filesystem was left out.
  if (entry.boundary) child->own->directory = kNoDir;
  if (restorer_->MayHaveXattrs(entry)) {
    if (auto error = ReadOwnXattrs(child.get())) return error;
  }
  Descend(std::move(child));
  return std::nullopt;
}

// Reads them now, while the directory above is open: on the way up, every directory of a deep tree
// would have to be opened again.
Status Staging::ReadOwnXattrs(Making* child) const {
  auto above = child->parent->stored->Open();
  if (!above.ok() && !IsLost(above)) return std::move(above.error());
  child->xattrs = restorer_->StoredXattrs(SiteOf(*child, FdOf(above), -1), *child->own);
  return std::nullopt;
}

void Staging::NoteMade(Making* node, std::uint32_t at) {
  ++made_;
  ++watched_->entries;
  if (node->staged != nullptr) node->staged->made[node->items[at]] = 1;
}

Result<bool> Staging::MakeAlone(Making* node, std::uint32_t at) {
  auto stored = node->stored->Open();
  if (!stored.ok() && !IsLost(stored)) return std::move(stored.error());
  auto target = node->target->Open();
  if (!target.ok()) return IfAlone(std::move(target.error()), *node, at);
  const Entry& entry = node->entries[at];
  const RestoreSite site{{FdOf(stored), std::string(entry.name), node->stored.get()},
                         {target.value().fd(), TargetName(*node, at), node->target.get()}};
  auto made = restorer_->Make(site, entry);
  if (!made.ok()) return IfAlone(std::move(made.error()), *node, at);
  if (made.value()) NoteMade(node, at);
  return made;
}

// Reports an error that concerns only this entry. It is then not made.
Result<bool> Staging::IfAlone(OsError error, const Making& node, std::uint32_t at) const {
  if (EndsRun(error.code)) return error;
  Report(std::move(error), node, at);
  return false;
}

Status Staging::MakeGrouped(const NodePtr& node, std::uint32_t at, const GroupKey& key) {
  LinkPlace place;
  {
    const std::lock_guard lock(mutex_);
    const auto [found, is_first] = groups_.try_emplace(key);
    Group& group = found->second;
    const auto live = plan_->leaders.find(key);
    if (is_first && live != plan_->leaders.end()) {
      group.is_made = true;
      group.place = live->second;
    } else if (!is_first && !group.is_made) {
      group.waiting.push_back({node, at});
      Hold(node.get());
      return std::nullopt;
    }
    if (group.is_made) place = group.place;
  }
  const Digest& digest = node->entries[at].digest;
  if (place.base == nullptr) return Lead(node, at, key);
  const bool is_other = place.digest != kNoDigest && digest != kNoDigest && place.digest != digest;
  auto linked = is_other ? Result<bool>(false) : Link(node.get(), at, place);
  if (linked.ok() && !linked.value()) {
    linked = MakeAlone(node.get(), at);
    const bool is_copy = linked.ok() && linked.value();
    if (is_copy) job().failures->AddNote("link", node->stored->PathOf(node->entries[at].name));
    // The old inode may have as many names as it can.
    const std::lock_guard lock(mutex_);
    if (is_copy && !is_other) groups_[key].place = PlaceOf(*node, at);
  }
  return linked.ok() ? std::nullopt : Status(std::move(linked.error()));
}

LinkPlace Staging::PlaceOf(const Making& node, std::uint32_t at) {
  LinkPlace place{node.base, node.inside, TargetName(node, at), node.entries[at].digest, {}, 0, {}};
  auto target = node.target->Open();
  sys::Stat stat;
  const bool is_seen =
      target.ok() && sys::StatAt(target.value().fd(), place.name.c_str(), &stat) == 0;
  if (!is_seen) return place;  // fits no inode
  place.inode = {stat.dev, stat.ino};
  place.size = stat.size;
  place.mtime = stat.mtime;
  return place;
}

// Makes the inode of a group, and then the names that waited for it.
Status Staging::Lead(const NodePtr& node, std::uint32_t at, const GroupKey& key) {
  auto made = MakeAlone(node.get(), at);
  std::vector<Waiting> waiting;
  {
    const std::lock_guard lock(mutex_);
    Group& group = groups_[key];
    waiting = std::move(group.waiting);
    group.is_made = made.ok() && made.value();
    group.place = PlaceOf(*node, at);
    if (!group.is_made) groups_.erase(key);  // another name may have a good copy
  }
  if (!made.ok() && !is_stopped()) return std::move(made.error());
  for (const Waiting& one : waiting) {
    auto unmade = is_stopped() ? std::nullopt : MakeGrouped(one.node, one.at, key);
    if (unmade && !is_stopped()) return unmade;
    if (auto error = Release(one.node)) return error;
  }
  return std::nullopt;
}

// Leaves errno at 0 if the name is no longer that of the inode.
bool Staging::LinkFrom(std::shared_ptr<Dir> dir, const LinkPlace& place, const Site& to) {
  std::vector<const Inside*> names;
  for (const Inside* at = place.inside.get(); at != nullptr; at = at->above.get()) {
    names.push_back(at);
  }
  for (auto at = names.rbegin(); at != names.rend(); ++at) {
    dir = Dir::Child(dir, (*at)->name, std::nullopt);
  }
  auto from = dir->Open();
  errno = 0;
  if (!from.ok()) return false;
  if (sys::LinkAt(from.value().fd(), place.name.c_str(), to.dir, to.name.c_str()) != 0) {
    return false;
  }
  // Checked on the new name, which nobody else can change.
  sys::Stat stat;
  const bool is_it = sys::StatAt(to.dir, to.name.c_str(), &stat) == 0 &&
                     Identity{stat.dev, stat.ino} == place.inode && stat.size == place.size &&
                     stat.mtime == place.mtime;
  if (is_it) return true;
  if (sys::UnlinkAt(to.dir, to.name.c_str()) == 0) errno = 0;
  return false;
}

Result<bool> Staging::Link(Making* node, std::uint32_t at, const LinkPlace& place) {
  auto target = node->target->Open();
  if (!target.ok()) return false;
  const Site to{target.value().fd(), TargetName(*node, at), node->target.get()};
  for (const auto& base : {place.base->temporary, place.base->dir}) {
    if (base == nullptr) continue;
    if (LinkFrom(base, place, to)) {
      NoteMade(node, at);
      return true;
    }
    const bool is_full = errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EROFS;
    if (is_full) return LastError("linkat", to.Path());
  }
  return false;
}

// The site of a new directory itself.
RestoreSite Staging::SiteOf(const Making& node, int stored_above, int target) {
  return {{stored_above, node.stored->name(), node.parent->stored.get()},
          {target, ".", node.target.get()}};
}

// A new directory gets its metadata once everything in it is there.
Status Staging::Seal(Making* node) {
  if (!node->own) return std::nullopt;
  auto target = node->target->Open();
  const RestoreSite site = SiteOf(*node, -1, target.ok() ? target.value().fd() : -1);
  Status error = target.ok() ? restorer_->SetMetadataOfNew(Place::OfFd(site.to.dir), site,
                                                           *node->own, node->xattrs)
                             : Status(std::move(target.error()));
  if (!error || EndsRun(error->code)) return error;
  if (error->code == ENOENT) error->code = kChangedCode;  // another process has moved it
  error->path = site.Path();
  job().failures->Add(std::move(*error));
  return std::nullopt;
}

}  // namespace cura
