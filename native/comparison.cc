// From scanned directories to a plan.
#include "comparison.h"

#include <algorithm>
#include <array>

#include "copy.h"
#include "metadata.h"

namespace cura {

// Where an entry is read in the source.
struct Comparison::Spot {
  int dir = -1;
  const char* name = nullptr;
};

// One directory while it is joined with the previous one.
struct Comparison::Join {
  const ScanItem* item = nullptr;
  int dir = -1;
  Spot spot;  // of the entry in hand
  std::vector<Decision> decisions;
  std::vector<Gone> gone;
  std::vector<DirId> gone_dirs;
  Tally tally;
  bool has_followers = false;       // of link groups
  bool stale = false;               // the previous manifest must not be carried over as it is
  std::optional<DirLease> stored;   // the previous snapshot's directory, once it is needed
  std::deque<std::string> targets;  // of symlinks

  [[nodiscard]] std::string PathOf(std::string_view name) const {
    return item->dir == nullptr ? std::string(name) : item->dir->PathOf(name);
  }
};

std::shared_ptr<Dir> Previous::Find(DirId id) const {
  std::shared_ptr<Dir> dir = root;
  for (const std::string_view name : manifest->PathOf(id)) {
    dir = Dir::Child(dir, name, std::nullopt);
  }
  return dir;
}

Comparison::Comparison(const Sources* sources, const Previous* previous, Identity store,
                       Failures* failures, Monitor* monitor)
    : sources_(sources),
      previous_(previous),
      store_(store),
      failures_(failures),
      monitor_(monitor) {
  if (previous->manifest != nullptr) {
    plan_.by_previous.assign(previous->manifest->directories(), kNoDir);
  }
  plan_.dirs.emplace_back();  // the root's place, whether it differs or not
}

void Comparison::Start(ScanStack* stack) {
  Listing listing;
  ScanItem root;
  root.previous = previous_->manifest != nullptr ? 0 : kNoDir;
  for (const Source& source : sources_->list()) {
    auto lease = source.dir->Open();
    sys::Stat stat;
    const int found = source.base.empty()
                          ? sys::StatFd(lease.value().fd(), &stat)
                          : sys::StatAt(lease.value().fd(), source.base.c_str(), &stat);
    if (found != 0) {
      failures_->Add(LastError("statx", source.name));
      continue;
    }
    Entry entry = EntryOf(stat);
    entry.name = source.name;
    listing.entries.push_back(entry);
  }
  Visit(root, -1, &listing, stack);
}

void Comparison::Visit(const ScanItem& item, int dir, Listing* listing, ScanStack* stack) {
  Join join;
  join.item = &item;
  join.dir = dir;
  JoinDirectory(item, listing, &join);
  Keep(item, listing, &join, stack);
}

// The merge of two lists in the order of their names.
void Comparison::JoinDirectory(const ScanItem& item, Listing* listing, Join* join) {
  if (previous_->manifest != nullptr && item.previous != kNoDir) CarryUnknown(item, listing);
  join->decisions.reserve(listing->entries.size());
  Entry before;
  std::optional<BlockReader> block;
  if (previous_->manifest != nullptr && item.previous != kNoDir) {
    block = previous_->manifest->Directory(item.previous);
  }
  bool has_before = block && block->Next(&before);
  std::erase_if(listing->entries, [&](const Entry& now) {
    const bool is_store = now.type == Type::kDirectory && Identity{now.dev, now.ino} == store_;
    if (is_store) failures_->AddNote("store", join->PathOf(now.name));
    return is_store;
  });
  for (Entry& now : listing->entries) {
    for (; has_before && before.name < now.name; has_before = block->Next(&before)) {
      Lose(before, join);
    }
    const bool same_name = has_before && before.name == now.name;
    if (now.carried) {
      Carry(now, join);
    } else {
      Take(&now, same_name ? &before : nullptr, join);
    }
    if (same_name) has_before = block->Next(&before);
  }
  for (; has_before; has_before = block->Next(&before)) Lose(before, join);
}

// What could not be read now, but was there last time, stays as it was: it is reported, and must
// not look as if it had been deleted.
void Comparison::CarryUnknown(const ScanItem& item, Listing* listing) const {
  if (listing->complete && listing->unknown.empty()) return;
  auto& entries = listing->entries;
  const auto by_name = [](const Entry& a, const Entry& b) { return a.name < b.name; };
  std::vector<Entry> carried;
  BlockReader block = previous_->manifest->Directory(item.previous);
  for (Entry before; block.Next(&before);) {
    const auto& unknown = listing->unknown;
    const bool known = listing->complete &&
                       std::find(unknown.begin(), unknown.end(), before.name) == unknown.end();
    if (known || std::binary_search(entries.begin(), entries.end(), before, by_name)) continue;
    before.carried = true;
    carried.push_back(before);
  }
  entries.insert(entries.end(), carried.begin(), carried.end());
  std::sort(entries.begin(), entries.end(), by_name);
}

void Comparison::Carry(const Entry& now, Join* join) const {
  Step step = now.unread ? Step::kUnread : Step::kLink;
  std::vector<DirId> left;
  if (now.type == Type::kDirectory) {
    step = Step::kDirectory;
    left.push_back(now.directory);
  }
  join->decisions.push_back({step, Change::kNone});
  if (!now.unread) join->tally.totals.Add(now);
  while (!left.empty()) {
    BlockReader block = previous_->manifest->Directory(left.back());
    left.pop_back();
    for (Entry below; block.Next(&below);) {
      if (!below.unread) join->tally.totals.Add(below);
      if (below.type == Type::kDirectory) left.push_back(below.directory);
    }
  }
}

void Comparison::Take(Entry* now, const Entry* before, Join* join) {
  const Decision decision = Decide(now, before, join);
  join->decisions.push_back(decision);
  if (before != nullptr) NoteReplaced(*now, *before, decision.step, join);
  Tally& tally = join->tally;
  if (!now->unread) tally.totals.Add(*now);
  if (decision.change != Change::kNone) {
    ++tally.of(decision.change);
    tally.differs = true;
  }
  const bool makes = decision.step == Step::kCopy || decision.step == Step::kClone ||
                     decision.step == Step::kDirectory;
  if (!makes) return;
  ++tally.need.inodes;
  if (now->type == Type::kDirectory) tally.need.allocated += RoundToBlock(1);
  if (now->type != Type::kFile) return;
  tally.need.bytes += now->size;
  tally.need.allocated += RoundToBlock(std::min(now->size, now->allocated));
}

// Another inode may have taken the name, and the one before may live on under another name.
void Comparison::NoteReplaced(const Entry& now, const Entry& before, Step step, Join* join) {
  if (before.type == Type::kDirectory) {
    if (now.type != Type::kDirectory) join->gone_dirs.push_back(before.directory);
    return;
  }
  const bool keeps = step == Step::kLink || step == Step::kClone;
  if (!keeps && now.ino != before.ino) NoteGone(before, false, join);
}

// An entry of the previous snapshot that the source no longer has.
void Comparison::Lose(const Entry& before, Join* join) {
  join->stale = true;
  if (before.unread) return;  // no tree has ever held it
  join->tally.differs = true;
  if (before.type == Type::kDirectory) {
    join->gone_dirs.push_back(before.directory);
  } else {
    NoteGone(before, true, join);
  }
  ++join->tally.of(Change::kDeleted);
}

void Comparison::NoteGone(const Entry& before, bool deleted, Join* join) {
  if (before.type != Type::kFile || before.ino == 0 || before.stored_ino == 0) return;
  join->gone.push_back({before, join->item->previous, deleted});
}

// Gives a directory its place in the plan if something differs in it, and its new subdirectories
// theirs, and hands over what was counted.
Comparison::Places Comparison::Reserve(const ScanItem& item, size_t new_children, Join* join) {
  const bool is_new = item.previous == kNoDir;
  Places places;
  const std::lock_guard lock(mutex_);
  plan_.tally.Merge(join->tally);
  gone_.insert(gone_.end(), join->gone.begin(), join->gone.end());
  gone_dirs_.insert(gone_dirs_.end(), join->gone_dirs.begin(), join->gone_dirs.end());
  if (!is_new && !join->stale && !join->tally.differs) return places;
  places.number = item.number;
  if (!is_new && item.previous != 0) {
    places.number = static_cast<std::uint32_t>(plan_.dirs.size());
    plan_.dirs.emplace_back();
  }
  if (!is_new) plan_.by_previous[item.previous] = places.number;
  places.own = &plan_.dirs[places.number];
  places.first_child = static_cast<std::uint32_t>(plan_.dirs.size());
  for (size_t i = 0; i < new_children; ++i) plan_.dirs.emplace_back().parent = places.number;
  return places;
}

// Writes the directory's block if it has a place in the plan, and puts its subdirectories on the
// stack.
void Comparison::Keep(const ScanItem& item, Listing* listing, Join* join, ScanStack* stack) {
  const auto is_new = [](const Entry& entry) {
    return entry.type == Type::kDirectory && entry.directory == kPlannedBit;
  };
  const auto& entries = listing->entries;
  const auto new_children = std::count_if(entries.begin(), entries.end(), is_new);
  const Places places = Reserve(item, static_cast<size_t>(new_children), join);
  std::uint32_t next_child = places.first_child;
  BlockWriter block({0, item.name, entries.empty() ? 0 : entries.front().dev});
  for (Entry& entry : listing->entries) {
    if (is_new(entry)) entry.directory = kPlannedBit | next_child++;
    if (entry.type == Type::kDirectory && !entry.carried) stack->Push(ItemFor(item, entry));
    if (places.own != nullptr) block.Add(entry);
  }
  if (places.own == nullptr) return;
  if (join->has_followers) NoteFollowers(*listing, *join, places.number);
  places.own->previous = item.previous;
  places.own->replaced = item.replaced;
  places.own->block = block.Take();
  places.own->block.shrink_to_fit();
  places.own->decisions = std::move(join->decisions);
  places.own->decisions.shrink_to_fit();
}

ScanItem Comparison::ItemFor(const ScanItem& parent, const Entry& entry) const {
  const bool planned = (entry.directory & kPlannedBit) != 0;
  ScanItem item;
  item.previous = planned ? kNoDir : entry.directory;
  item.number = planned ? entry.directory & ~kPlannedBit : 0;
  item.name = entry.name;
  item.parent = parent.dir;
  item.dir = parent.dir == nullptr
                 ? sources_->Named(entry.name).dir
                 : Dir::Child(parent.dir, entry.name, Identity{entry.dev, entry.ino});
  return item;
}

Decision Comparison::Decide(Entry* now, const Entry* before, Join* join) {
  join->spot = {join->dir, now->name.data()};
  std::optional<DirLease> parent;
  if (join->item->dir == nullptr) {  // an operand: a file is read through its own parent
    const Source& source = sources_->Named(now->name);
    auto lease = source.dir->Open();
    if (lease.ok()) parent = std::move(lease.value());
    join->spot = {parent ? parent->fd() : -1, source.base.empty() ? "." : source.base.c_str()};
  }
  Difference difference = Compare(*now, before, store_.dev);
  if (difference != Difference::kCreated && difference != Difference::kType) {
    now->stored_ino = before->stored_ino;
    now->xattrs = before->xattrs;
    now->target = before->target;
  }
  if (now->type == Type::kDirectory) {
    const bool known = before != nullptr && before->type == Type::kDirectory;
    now->directory = known ? before->directory : kPlannedBit;
  }
  if (difference == Difference::kNone) {
    // The same filesystem under another number: the manifest follows at the next snapshot.
    join->stale = join->stale || now->dev != before->dev;
    return {now->type == Type::kDirectory ? Step::kDirectory : Step::kLink, Change::kNone};
  }
  join->stale = true;
  if (now->type == Type::kDirectory) return DecideDirectory(difference, now, before, join);
  if (difference == Difference::kUnread) {
    if (!CanRead(*now, join)) {
      now->unread = true;
      return {Step::kUnread, Change::kNone};
    }
    difference = Difference::kContent;
  }
  if (now->linked) return DecideLinked(difference, now, before, join);
  const Decision decision = Resolve(difference, now, before, join);
  // It had other names in the previous snapshot and has none now: no longer one inode with them.
  if (decision.step == Step::kLink && before->linked) return OwnInode(*now);
  return decision;
}

// The same content under other metadata, which no older snapshot must see.
Decision Comparison::OwnInode(const Entry& now) {
  return {now.type == Type::kFile ? Step::kClone : Step::kCopy, Change::kMetadata};
}

Decision Comparison::DecideDirectory(Difference difference, Entry* now, const Entry* before,
                                     Join* join) {
  ReadExtras(now, join);
  if (difference == Difference::kCreated) return {Step::kDirectory, Change::kNew};
  if (difference == Difference::kType) return {Step::kDirectory, Change::kChanged};
  const bool differs = difference == Difference::kMetadata ||
                       (difference == Difference::kMoved && now->xattrs != before->xattrs);
  return {Step::kDirectory, differs ? Change::kMetadata : Change::kNone};
}

// A name that the previous snapshot knows leads, because it may be linked. Until one comes, all
// others follow. The lock is held while the leader's content is compared, so that those who follow
// know the answer.
Decision Comparison::DecideLinked(Difference difference, Entry* now, const Entry* before,
                                  Join* join) {
  const std::lock_guard lock(groups_mutex_);
  LinkGroup& group = plan_.groups[Identity{now->dev, now->ino}];
  const bool may_lead = difference == Difference::kMoved || difference == Difference::kUnproven ||
                        difference == Difference::kMetadata;
  if (group.has_leader || !may_lead) {
    join->has_followers = true;
    if (now->type == Type::kSymlink) ReadExtras(now, join);
    if (before == nullptr) return {Step::kFollow, Change::kNew};
    if (!may_lead) return {Step::kFollow, Change::kChanged};
    const bool was_so = group.stored_ino != 0 && group.stored_ino == before->stored_ino;
    return {Step::kFollow, was_so ? Change::kNone : Change::kMetadata};
  }
  group.has_leader = true;
  const Decision decision = Resolve(difference, now, before, join);
  if (decision.step != Step::kLink) return decision;
  // Two groups must not link one stored inode, or they would become one.
  if (!claimed_.insert(before->stored_ino).second) return OwnInode(*now);
  group.stored_ino = before->stored_ino;
  return decision;
}

// Remembers one follower of each group, should nobody lead it.
void Comparison::NoteFollowers(const Listing& listing, const Join& join, std::uint32_t number) {
  const std::lock_guard lock(groups_mutex_);
  for (std::uint32_t place = 0; place < listing.entries.size(); ++place) {
    if (join.decisions[place].step != Step::kFollow) continue;
    const Entry& entry = listing.entries[place];
    LinkGroup& group = plan_.groups[Identity{entry.dev, entry.ino}];
    if (group.first_dir != kNoDir) continue;
    group.first_dir = number;
    group.first_place = place;
  }
}

void Comparison::SettleGroups() {
  for (auto& [identity, group] : plan_.groups) {
    if (group.has_leader || group.first_dir == kNoDir) continue;
    group.has_leader = true;
    PlannedDir& dir = plan_.dirs[group.first_dir];
    dir.decisions[group.first_place].step = Step::kCopy;
    BlockReader block(dir.block);
    Entry entry;
    for (std::uint32_t place = 0; place <= group.first_place; ++place) block.Next(&entry);
    ++plan_.tally.need.inodes;
    if (entry.type != Type::kFile) continue;
    plan_.tally.need.bytes += entry.size;
    plan_.tally.need.allocated += RoundToBlock(entry.size);
  }
}

Decision Comparison::Resolve(Difference difference, Entry* now, const Entry* before, Join* join) {
  const bool is_file = now->type == Type::kFile;
  switch (difference) {
    case Difference::kMoved:
    case Difference::kUnproven:
      return ResolveMoved(now, before, join);
    case Difference::kMetadata:
      ReadExtras(now, join);
      return OwnInode(*now);
    default:
      // A file's extended attributes are read while it is copied.
      if (!is_file) ReadExtras(now, join);
      return {Step::kCopy, difference == Difference::kCreated ? Change::kNew : Change::kChanged};
  }
}

// Size and mtime are the same, or nothing more is known of before: what else may differ?
Decision Comparison::ResolveMoved(Entry* now, const Entry* before, Join* join) {
  const bool is_file = now->type == Type::kFile;
  const bool known = before->ino != 0;
  bool readable = true;
  if (is_file && known) {
    const auto same = IsSameContent(*now, join);
    if (same && !*same) return {Step::kCopy, Change::kChanged};
    readable = same.has_value();
  }
  if (readable) {
    ReadExtras(now, join);
  } else {
    now->ctime = {};  // still unproven: the next run looks again, and reports again
  }
  if (now->target != before->target) return {Step::kCopy, Change::kChanged};
  const bool same_metadata =
      SameModeAndOwner(*now, *before) && (!known || now->xattrs == before->xattrs);
  return same_metadata ? Decision{Step::kLink, Change::kNone} : OwnInode(*now);
}

// It could not be read last time and has not changed since; perhaps this user now may.
bool Comparison::CanRead(const Entry& now, Join* join) {
  if (now.type != Type::kFile) return true;
  const Fd fd = OpenToRead(join->spot.dir, join->spot.name);
  if (!fd.valid()) failures_->Add(LastError("openat", join->PathOf(now.name)));
  return fd.valid();
}

// Nothing when the source cannot be read, which is reported; then the stored content stays.
std::optional<bool> Comparison::IsSameContent(const Entry& now, Join* join) {
  const Fd source = OpenToRead(join->spot.dir, join->spot.name);
  if (!source.valid()) {
    failures_->Add(LastError("openat", join->PathOf(now.name)));
    return std::nullopt;
  }
  sys::Stat stat;
  const bool found = sys::StatFd(source.get(), &stat) == 0 && TypeOf(stat.mode) == Type::kFile;
  if (!found || Identity{stat.dev, stat.ino} != Identity{now.dev, now.ino}) return false;
  if (!join->stored) {
    auto lease = previous_->Find(join->item->previous)->Open();
    if (!lease.ok()) return false;
    join->stored = std::move(lease.value());
  }
  const std::string name(now.name);
  const Fd stored = OpenToRead(join->stored->fd(), name.c_str());
  if (!stored.valid()) return false;
  const auto same = SameContent(source.get(), stored.get(), now.size, monitor_);
  return same.ok() && same.value();
}

// Link target and digest of the extended attributes.
void Comparison::ReadExtras(Entry* now, Join* join) {
  auto xattrs = ReadXattrs(Place::At(join->spot.dir, join->spot.name));
  now->xattrs = xattrs.ok() ? DigestOf(xattrs.value()) : 0;
  if (!xattrs.ok()) {
    xattrs.error().path = join->PathOf(now->name);
    failures_->Add(std::move(xattrs.error()));
  }
  if (now->type != Type::kSymlink) return;
  std::array<char, 4097> buffer{};
  const ssize_t size =
      sys::ReadLinkAt(join->spot.dir, join->spot.name, buffer.data(), buffer.size() - 1);
  if (size < 0) return;
  now->target = join->targets.emplace_back(buffer.data(), static_cast<size_t>(size));
}

}  // namespace cura
