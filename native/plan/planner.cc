// Joins the scanned directories with the previous manifest, and builds the plan.
#include "plan/planner.h"

#include <algorithm>

namespace cura {

Planner::Planner(const CompareOptions& options)
    : sources_(options.sources),
      previous_(options.previous),
      store_(options.store),
      trust_(options.trust),
      selection_(options.selection),
      volumes_(options.volumes),
      failures_(options.failures),
      monitor_(options.monitor) {
  if (previous_->exists()) {
    plan_.by_previous.assign(previous_->directories(), kNoDir);
    visited_.resize(previous_->directories());
  }
  plan_.dirs.emplace_back();  // the root always has a slot, even if nothing differs
}

void Planner::Start(ScanStack* stack) {
  Listing listing;
  if (sys::Now(&listing.seen) != 0) listing.seen = {};
  if (previous_->bases().size() > 1) FindCrossings();
  ScanItem root;
  root.previous = previous_->exists() ? 0 : kNoDir;
  for (const FailedSource& failed : sources_->failed()) listing.unknown.push_back(failed.name);
  for (const Source& source : sources_->list()) {
    auto lease = source.dir->Open();
    sys::Stat stat;
    const int dir = lease.value().fd();
    const char* const name = source.base.empty() ? "." : source.base.c_str();
    const int found = source.base.empty() ? sys::StatFd(dir, &stat) : sys::StatAt(dir, name, &stat);
    if (found != 0) {
      failures_->Add(LastError("statx", source.name));
      listing.unknown.push_back(source.name);
      continue;
    }
    Entry entry = EntryOf(stat);
    entry.name = source.name;
    entry.volume = volumes_->Of(dir, name, stat);
    listing.entries.push_back(entry);
  }
  Visit(root, -1, &listing, stack);
}

void Planner::Visit(const ScanItem& item, int dir, Listing* listing, ScanStack* stack) {
  Join join;
  join.item = &item;
  join.dir = dir;
  join.seen = listing->seen;
  if (item.previous != kNoDir) join.before = BlockList(previous_->Directory(item.previous));
  if (previous_->failed()) return;  // the job ends with that error
  JoinDirectory(item, listing, &join);
  RecordAndDescend(item, listing, &join, stack);
}

void Planner::JoinDirectory(const ScanItem& item, Listing* listing, Join* join) {
  if (item.previous != kNoDir) CarryUnknown(join->before.block(), listing);
  join->decisions.reserve(listing->entries.size());
  std::erase_if(listing->entries, [&](const Entry& now) {
    const bool is_store = now.type == Type::kDirectory && Identity{now.dev, now.ino} == store_;
    if (is_store) failures_->AddNote("store", join->PathOf(now.name));
    return is_store;
  });
  MergeJoin names(EntryList(&listing->entries), join->before);
  while (names.Next()) {
    Entry* const now = names.left();
    const Entry* const before = names.right();
    if (now == nullptr) {
      NoteDeleted(*before, join);
      continue;
    }
    if (item.dir == nullptr && before == nullptr) has_new_source_ = true;
    if (now->carried) {
      CarryEntry(*now, join);
    } else {
      PlanEntry(now, before, join);
    }
  }
}

// Carries over entries that could not be read now but are in the previous snapshot. They are
// reported as failures, and must not look deleted.
void Planner::CarryUnknown(BlockReader before_block, Listing* listing) {
  if (listing->complete && listing->unknown.empty()) return;
  auto& entries = listing->entries;
  const auto by_name = [](const Entry& a, const Entry& b) { return a.name < b.name; };
  std::vector<Entry> carried;
  const std::unordered_set<std::string_view> unknown(listing->unknown.begin(),
                                                     listing->unknown.end());
  for (Entry before; before_block.Next(&before);) {
    const bool known = listing->complete && !unknown.contains(before.name);
    if (known || std::binary_search(entries.begin(), entries.end(), before, by_name)) continue;
    before.carried = true;
    carried.push_back(before);
  }
  entries.insert(entries.end(), carried.begin(), carried.end());
  std::sort(entries.begin(), entries.end(), by_name);
}

void Planner::CarryEntry(const Entry& now, Join* join) {
  Step step = now.unread ? Step::kUnread : Step::kLink;
  std::vector<DirId> left;
  if (now.type == Type::kDirectory && !now.unread) {
    step = Step::kDirectory;
    left.push_back(now.directory);
  }
  join->decisions.push_back({step, ChangeKind::kNone});
  if (!now.unread) join->tally.totals.Add(now);
  NoteCarried(now);
  while (!left.empty()) {
    join->carried_dirs.push_back(left.back());
    BlockReader block = previous_->Directory(left.back());
    left.pop_back();
    for (Entry below; block.Next(&below);) {
      if (below.unread) continue;
      join->tally.totals.Add(below);
      NoteCarried(below);
      if (below.type == Type::kDirectory) left.push_back(below.directory);
    }
  }
}

void Planner::PlanEntry(Entry* now, const Entry* before, Join* join) {
  const Decision decision = Decide(now, before, join);
  if (decision.step == Step::kLink && contested_.contains(before->stored_ino)) {
    const std::lock_guard lock(groups_mutex_);
    doubts_.insert(before->stored_ino);
    join->stale = true;  // the plan must say which inode has this name
  }
  const bool is_as_recorded = before != nullptr && before->ctime == now->ctime;
  if (!is_as_recorded && now->ctime != kPassedOver) {
    if (!IsSettled(*now, join->seen)) now->ctime = trust_.ctimes ? Timestamp{} : kPassedOver;
    if (!trust_.ctimes && !IsSettled(now->mtime, join->seen)) now->ctime = {};
  }
  // The old digest holds only for content that the previous snapshot provides.
  if (decision.step != Step::kLink && decision.step != Step::kClone) now->digest = kNoDigest;
  join->decisions.push_back(decision);
  if (before != nullptr) NoteReplaced(*now, *before, decision.step, join);
  Tally& tally = join->tally;
  if (!now->unread) tally.totals.Add(*now);
  if (decision.change != ChangeKind::kNone) {
    tally.Count(decision.change, now->type);
    tally.differs = true;
  }
  const bool makes = decision.step == Step::kCopy || decision.step == Step::kClone ||
                     decision.step == Step::kDirectory;
  if (!makes) return;
  const bool is_file = now->type == Type::kFile;
  if (!is_file) {
    tally.need.Add(0, now->type == Type::kDirectory ? RoundToBlock(1) : 0);
    return;
  }
  const std::uint64_t on_disk = AllocatedFor(now->size, now->allocated);
  tally.need.Add(now->size, on_disk);
  const bool may_have_moved = decision.step == Step::kCopy && previous_->exists();
  if (may_have_moved && on_disk < RoundToBlock(now->size)) {
    join->sparse.emplace_back(GroupOf(*now), on_disk);
  }
}

// Notes the previous inode of a replaced name, because that inode may live on under another name.
void Planner::NoteReplaced(const Entry& now, const Entry& before, Step step, Join* join) {
  if (before.unread) return;  // it is in no tree
  if (before.type == Type::kDirectory) {
    if (now.type != Type::kDirectory) join->gone_dirs.push_back(before.directory);
    return;
  }
  const bool keeps = step == Step::kLink || step == Step::kClone;
  if (!keeps && now.ino != before.ino) NoteGone(before, false, join);
}

// Notes an entry of the previous snapshot that the source no longer has.
void Planner::NoteDeleted(const Entry& before, Join* join) {
  join->stale = true;
  if (before.unread) return;  // it is in no tree
  join->tally.differs = true;
  if (before.type == Type::kDirectory) {
    join->gone_dirs.push_back(before.directory);
  } else {
    NoteGone(before, true, join);
  }
  join->tally.Count(ChangeKind::kDeleted, before.type);
}

void Planner::NoteGone(const Entry& before, bool deleted, Join* join) {
  if (!MayHaveMoved(before)) return;
  const DirId dir = previous_->DirectoryOf(join->item->previous, before.name);
  join->gone.push_back({before, join->before.block().owner(), dir, deleted});
}

// Adds the counts of a directory to the plan. Reserves a slot for the directory if it differs, and
// slots for its new subdirectories.
Planner::PlanSlots Planner::Reserve(const ScanItem& item, size_t new_children, Join* join) {
  const bool is_new = item.previous == kNoDir;
  PlanSlots slots;
  const std::lock_guard lock(mutex_);
  plan_.tally.Merge(join->tally);
  plan_.sparse.insert(join->sparse.begin(), join->sparse.end());
  if (gone_.size() <= kMostGone) gone_.insert(gone_.end(), join->gone.begin(), join->gone.end());
  if (!is_new) visited_[item.previous] = true;
  for (const DirId dir : join->carried_dirs) visited_[dir] = true;
  gone_dirs_.insert(gone_dirs_.end(), join->gone_dirs.begin(), join->gone_dirs.end());
  if (!is_new && !join->stale && !join->tally.differs) return slots;
  slots.number = item.number;
  if (!is_new && item.previous != 0) {
    slots.number = static_cast<std::uint32_t>(plan_.dirs.size());
    plan_.dirs.emplace_back();
  }
  if (!is_new) plan_.by_previous[item.previous] = slots.number;
  slots.own = &plan_.dirs[slots.number];
  slots.first_child = static_cast<std::uint32_t>(plan_.dirs.size());
  for (size_t i = 0; i < new_children; ++i) plan_.dirs.emplace_back().parent = slots.number;
  return slots;
}

// Records the block of a directory if it has a slot, and pushes its subdirectories on the stack.
void Planner::RecordAndDescend(const ScanItem& item, Listing* listing, Join* join,
                               ScanStack* stack) {
  const auto is_new = [](const Entry& entry) {
    return entry.type == Type::kDirectory && entry.directory == kPlannedBit;
  };
  const auto& entries = listing->entries;
  const auto new_children = std::count_if(entries.begin(), entries.end(), is_new);
  const PlanSlots slots = Reserve(item, static_cast<size_t>(new_children), join);
  std::uint32_t next_child = slots.first_child;
  BlockHead head{0, item.name, 0, 0};
  if (!entries.empty()) head.dev = entries.front().dev;
  if (!entries.empty()) head.volume = entries.front().volume;
  BlockWriter block(head);
  for (Entry& entry : listing->entries) {
    if (is_new(entry)) entry.directory = kPlannedBit | next_child++;
    if (slots.own != nullptr) block.Add(entry);
  }
  if (slots.own != nullptr) RecordBlock(*listing, *join, slots, block.Take());
  // Push after recording: names in this directory must be known before names of the same inode in
  // the directories below.
  for (const Entry& entry : entries) {
    const bool enters = entry.type == Type::kDirectory && !entry.carried && !entry.unread;
    if (enters) stack->Push(ItemFor(item, entry));
  }
}

void Planner::RecordBlock(const Listing& listing, const Join& join, const PlanSlots& slots,
                          const std::string& bytes) {
  if (join.has_followers || !join.leaders.empty()) NoteNames(listing, join, slots.number);
  slots.own->previous = join.item->previous;
  if (join.item->replaced) slots.own->Extras().replaced = join.item->replaced;
  const std::lock_guard lock(mutex_);
  const std::span<const char> kept = plan_.arena.Keep(std::span(bytes.data(), bytes.size()));
  slots.own->block = {kept.data(), kept.size()};
  slots.own->decisions = plan_.arena.Keep(std::span<const Decision>(join.decisions));
}

ScanItem Planner::ItemFor(const ScanItem& parent, const Entry& entry) const {
  const bool planned = (entry.directory & kPlannedBit) != 0;
  ScanItem item;
  item.previous = planned ? kNoDir : entry.directory;
  item.number = planned ? entry.directory & ~kPlannedBit : 0;
  item.name = entry.name;
  item.parent = parent.dir;
  item.is_boundary = entry.boundary;
  if (parent.scope != nullptr) {
    item.scope = selection_->Below(*parent.scope, entry.name);
  } else if (selection_ != nullptr) {
    item.scope = selection_->Top(entry.name, entry.dev);
  }
  item.dir = parent.dir == nullptr
                 ? sources_->Named(entry.name).dir  // carried sources are not walked
                 : Dir::Child(parent.dir, entry.name, Identity{entry.dev, entry.ino});
  return item;
}

}  // namespace cura
