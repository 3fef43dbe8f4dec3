// Links, copies, clones or makes one entry at a time.
#include "apply/entry_steps.h"

namespace cura {

namespace {

// Opens a directory into `lease` unless the lease is already open.
Status Lease(const std::shared_ptr<Dir>& dir, DirLease* lease) {
  if (lease->valid()) return std::nullopt;
  auto opened = dir->Open();
  if (!opened.ok()) return std::move(opened.error());
  *lease = std::move(opened.value());
  return std::nullopt;
}

}  // namespace

Status EntrySteps::Start(TreeNode* root) {
  auto work = root->work->Open();
  sys::Space space;
  if (work.ok() && sys::SpaceOf(work.value().fd(), &space) == 0) most_links_ = space.most_links;
  return delta() != nullptr ? delta()->Start(root) : std::nullopt;
}

bool EntrySteps::Leads(const TreeNode& node, std::uint32_t place) const {
  const Entry& entry = node.entries[place];
  const Step step = node.DecisionAt(place).step;
  if (!entry.linked || step == Step::kFollow || step == Step::kUnread) return false;
  const auto group = plan_->groups.find(GroupOf(entry));
  if (group == plan_->groups.end()) return false;
  if (step != Step::kLink) return true;
  // An entry that is only linked leads if its stored inode is the one that the group needs. An
  // entry that could not be examined may still be linked to the group's previous inode.
  const MovedFrom* const origin = node.MovedFromAt(place);
  const std::uint64_t stored = origin != nullptr ? origin->stored_ino : entry.stored_ino;
  return stored == group->second.stored_ino;
}

// Whether the entry's group has a planned leader that does not come from the previous snapshot.
bool EntrySteps::IsMadeAnew(const Entry& entry) const {
  const auto group = plan_->groups.find(GroupOf(entry));
  if (group == plan_->groups.end()) return false;
  return group->second.has_leader && group->second.stored_ino == 0;
}

bool EntrySteps::IsCrowded(const Entry& entry, int dir, const char* name) {
  sys::Stat stat;
  if (!entry.linked || most_links_ == 0 || sys::StatAt(dir, name, &stat) != 0) return false;
  // A group has at most as many names as its stored inode, so it fits while the inode uses at most
  // half of the limit. Below a quarter it fits even while this run adds names.
  if (stat.nlink <= most_links_ / 4) return false;
  const std::lock_guard lock(crowded_mutex_);
  return crowded_.try_emplace(stat.ino, stat.nlink > most_links_ / 2).first->second;
}

Result<Site> EntrySteps::WorkSite(const NodeEntry& at, Leases* leases) const {
  if (auto error = Lease(at.node->work, &leases->work)) return std::move(*error);
  return Site{leases->work.fd(), std::string(at.entry().name), at.node->work.get()};
}

Result<Site> EntrySteps::SourceSite(const NodeEntry& at, Leases* leases) const {
  if (at.node->source != nullptr) {
    if (auto error = Lease(at.node->source, &leases->source)) return std::move(*error);
    return Site{leases->source.fd(), std::string(at.entry().name), at.node->source.get()};
  }
  const bool is_operand = at.node->parent == nullptr;
  const Source* const operand = is_operand ? sources_->Find(at.entry().name) : nullptr;
  if (operand == nullptr)
    return OsError{ENODEV, "openat", at.node->work->PathOf(at.entry().name), {}};
  leases->source = DirLease();  // each operand is in another directory
  if (auto error = Lease(operand->dir, &leases->source)) return std::move(*error);
  return Site{leases->source.fd(), operand->base, operand->dir.get()};
}

// Finds the entry's stored content: under the same name, or at its previous place if it moved.
Result<Site> EntrySteps::StoredSite(const NodeEntry& at, Leases* leases) const {
  if (const MovedFrom* origin = at.node->MovedFromAt(at.place)) {
    const auto dir = previous_->Find(origin->dir);
    leases->origin = DirLease();  // still open for another entry
    if (auto error = Lease(dir, &leases->origin)) return std::move(*error);
    return Site{leases->origin.fd(), origin->name, dir.get()};
  }
  const bool is_operand = at.node->parent == nullptr;
  if (is_operand) leases->previous = DirLease();  // each operand has its own base
  const auto previous = is_operand ? previous_->Above(at.entry().name) : at.node->previous;
  if (previous == nullptr) return OsError{ENOENT, "openat", {}, {}};
  if (auto error = Lease(previous, &leases->previous)) return std::move(*error);
  return Site{leases->previous.fd(), std::string(at.entry().name), previous.get()};
}

// Takes the planned step, and copies if the previous snapshot cannot provide the content. Entries
// of one group that must be copied share one copy, made by the first of them.
Status EntrySteps::Make(const NodeEntry& at, Leases* leases, std::vector<NodeEntry>* ready,
                        bool* waits) {
  *waits = false;
  const Identity group = GroupOf(at.entry());
  const Step step = at.decision().step;
  const bool planned_leader = Leads(*at.node, at.place);
  Result<EntryOutcome> made =
      step != Step::kUnread ? FromPrevious(at, leases) : OutcomeOfUnread(at.entry());
  if (!made.ok()) return std::move(made.error());
  if (made.value() != EntryOutcome::kMustCopy) {
    if (auto error = RecordOutcome(at, made.value(), leases)) return error;
    if (planned_leader) *ready = groups_.Lead(group, EndOf(at, made.value()));
    return std::nullopt;
  }
  const bool shares = at.entry().linked;
  const bool is_planned = planned_leader && step != Step::kLink;
  // Only followers wait, and only for a leader, so this cannot deadlock.
  const bool follows = step == Step::kFollow || step == Step::kUnread;
  const bool may_lead = !follows && (planned_leader || !IsMadeAnew(at.entry()));
  const bool copies = !shares || is_planned || (may_lead && groups_.TakeLead(group));
  if (!copies) return Follow(at, leases, ready, waits);
  made = Copy(at, leases);
  if (!made.ok()) return std::move(made.error());
  if (auto error = RecordOutcome(at, made.value(), leases)) return error;
  if (shares) *ready = groups_.Lead(group, EndOf(at, made.value()));
  return std::nullopt;
}

// Decides about an entry that the plan could not read. kMustCopy retries an entry that the store
// could not hold. An entry with several names is retried only with a planned leader, because other
// names may be linked already.
EntryOutcome EntrySteps::OutcomeOfUnread(const Entry& entry) const {
  if (!entry.not_stored)
    return entry.type == Type::kFile ? EntryOutcome::kUnread : EntryOutcome::kNotStored;
  if (!entry.linked) return EntryOutcome::kMustCopy;
  const auto group = plan_->groups.find(GroupOf(entry));
  const bool has_leader = group != plan_->groups.end() && group->second.has_leader;
  return has_leader ? EntryOutcome::kMustCopy : EntryOutcome::kNotStored;
}

// Links to the leader's entry, waits for it, or takes the lead if that entry is unsuitable.
Status EntrySteps::Follow(const NodeEntry& at, Leases* leases, std::vector<NodeEntry>* ready,
                          bool* waits) {
  const Identity group = GroupOf(at.entry());
  for (;;) {
    const auto end = groups_.Follow(group, at);
    if (end == nullptr) {
      *waits = true;
      return std::nullopt;
    }
    Result<EntryOutcome> made = EntryOutcome::kMustCopy;
    for (const LeaderEnd* each = end.get(); each != nullptr; each = each->earlier.get()) {
      made = LinkToLeader(at, *each, leases);
      if (!made.ok()) return std::move(made.error());
      if (made.value() != EntryOutcome::kDone) continue;
      ReportTrouble(at, *each);
      return RecordOutcome(at, EntryOutcome::kDone, leases);
    }
    if (!groups_.Replace(group, end)) continue;  // another entry leads now
    made = Copy(at, leases);
    if (!made.ok()) return std::move(made.error());
    if (auto error = RecordOutcome(at, made.value(), leases)) return error;
    // If the store cannot hold this name, the leader's inode is still good for other names.
    if (made.value() == EntryOutcome::kNotStored && end->made == EntryOutcome::kDone) {
      *ready = groups_.Lead(group, end);
    } else {
      const auto next = EndOf(at, made.value());
      if (!KeepsInodes(at.entry().volume)) next->earlier = end;
      *ready = groups_.Lead(group, next);
    }
    return std::nullopt;
  }
}

std::shared_ptr<LeaderEnd> EntrySteps::EndOf(const NodeEntry& at, EntryOutcome made) {
  auto end = std::make_shared<LeaderEnd>();
  end->made = made;
  end->dir = at.node->work;
  end->name = at.entry().name;
  end->entry = at.entry();
  end->entry.name = end->name;
  if (!end->entry.target.empty()) {
    const std::lock_guard lock(targets_mutex_);
    const auto kept = targets_.Keep(std::span<const char>(end->entry.target));
    end->entry.target = {kept.data(), kept.size()};
  }
  if (!failures_->is_empty()) end->trouble = failures_->Find(at.node->work->PathOf(end->name));
  return end;
}

// Reports the leader's failure for another name of the same inode as well.
void EntrySteps::ReportTrouble(const NodeEntry& at, const LeaderEnd& end) {
  if (!end.trouble) return;
  OsError error = *end.trouble;
  error.path = at.node->work->PathOf(at.entry().name);
  failures_->Add(std::move(error));
}

Result<EntryOutcome> EntrySteps::LinkToLeader(const NodeEntry& at, const LeaderEnd& end,
                                              Leases* leases) {
  // The leader's name may have been removed or replaced in the meantime. The group's inode is still
  // at this entry.
  const Identity group = GroupOf(at.entry());
  const bool will_do = end.made == EntryOutcome::kDone && GroupOf(end.entry) == group;
  if (!will_do) return EntryOutcome::kMustCopy;
  auto to = WorkSite(at, leases);
  if (!to.ok()) return std::move(to.error());
  auto lease = end.dir->Open();
  if (!lease.ok()) return EntryOutcome::kMustCopy;
  if (!HasContentOf(at, lease.value().fd(), end.name.c_str(), leases))
    return EntryOutcome::kMustCopy;
  auto made =
      maker_.Link({lease.value().fd(), end.name, end.dir.get()}, to.value(), 0, end.entry.type);
  if (!made.ok() || made.value() != EntryOutcome::kDone) return made;
  const std::string_view name = at.entry().name;
  at.entry() = end.entry;
  at.entry().name = name;
  return made;
}

// Whether a file has the content that was stored for another name of its inode. The inode number
// proves this only on filesystems that keep inode numbers.
bool EntrySteps::HasContentOf(const NodeEntry& at, int dir, const char* name, Leases* leases) {
  const Entry& entry = at.entry();
  if (KeepsInodes(entry.volume) || entry.type != Type::kFile) return true;
  auto from = SourceSite(at, leases);
  if (!from.ok()) return false;
  const Fd source = OpenToRead(from.value().dir, from.value().name.c_str(), monitor_);
  const Fd made = OpenToRead(dir, name, monitor_);
  if (!source.valid() || !made.valid()) return false;
  const auto same = SameContent(source.get(), made.get(), entry.size, monitor_);
  return same.ok() && same.value();
}

// Links or clones from the previous snapshot. Returns kMustCopy if that is impossible.
Result<EntryOutcome> EntrySteps::FromPrevious(const NodeEntry& at, Leases* leases) {
  const Step step = at.decision().step;
  if (step != Step::kLink && step != Step::kClone) return EntryOutcome::kMustCopy;
  auto stored = StoredSite(at, leases);
  if (!stored.ok()) return EntryOutcome::kMustCopy;
  auto to = WorkSite(at, leases);
  if (!to.ok()) return std::move(to.error());
  if (const MovedFrom* origin = at.node->MovedFromAt(at.place)) {
    at.entry().stored_ino = origin->stored_ino;
    at.entry().xattrs = origin->xattrs;
    at.entry().digest = origin->digest;
  }
  return step == Step::kLink ? LinkPrevious(at, stored.value(), to.value())
                             : Clone(at, stored.value(), to.value(), leases);
}

Result<EntryOutcome> EntrySteps::LinkPrevious(const NodeEntry& at, const Site& stored,
                                              const Site& to) {
  if (IsCrowded(at.entry(), stored.dir, stored.name.c_str())) return EntryOutcome::kMustCopy;
  return maker_.Link(stored, to, at.entry().stored_ino, at.entry().type);
}

Result<EntryOutcome> EntrySteps::Clone(const NodeEntry& at, const Site& stored, const Site& to,
                                       Leases* leases) {
  auto from = SourceSite(at, leases);
  if (!from.ok()) return maker_.Report(std::move(from.error()));
  auto made = maker_.CloneFile(stored, from.value(), to, &at.entry());
  if (made.ok() && made.value() == EntryOutcome::kDone) bytes_ += at.entry().size;
  return made;
}

Result<EntryOutcome> EntrySteps::Copy(const NodeEntry& at, Leases* leases) {
  auto to = WorkSite(at, leases);
  if (!to.ok()) return std::move(to.error());
  auto from = SourceSite(at, leases);
  if (!from.ok()) return maker_.Report(std::move(from.error()));
  if (at.entry().type != Type::kFile) {
    return maker_.MakeNode(from.value(), to.value(), &at.entry());
  }
  auto made = maker_.CopyFile(from.value(), to.value(), &at.entry());
  if (made.ok() && made.value() == EntryOutcome::kDone) bytes_ += at.entry().size;
  return made;
}

// Records the outcome of an entry, and links a new or changed entry into the delta. An unreadable
// file stays in the manifest, so that it alone causes no further snapshot until it can be read.
// Entries of other types are dropped, because no run opens them to test whether they can be read;
// the next run sees them as new.
Status EntrySteps::RecordOutcome(const NodeEntry& at, EntryOutcome made, Leases* leases) {
  const bool is_file = at.entry().type == Type::kFile;
  const bool was_kept_out = at.entry().not_stored;
  if (made == EntryOutcome::kDone) at.entry().unread = at.entry().not_stored = false;
  if (made == EntryOutcome::kVanished || (made == EntryOutcome::kUnread && !is_file)) {
    at.node->dropped[at.place] = 1;
  } else if (made == EntryOutcome::kUnread || made == EntryOutcome::kNotStored) {
    at.entry().unread = true;
    const bool is_tried = at.decision().step != Step::kUnread;
    at.entry().not_stored = was_kept_out || (is_tried && made == EntryOutcome::kNotStored);
    at.entry().stored_ino = 0;
    at.entry().digest = kNoDigest;
  }
  const bool in_delta = made == EntryOutcome::kDone && at.entry().stored_ino != 0 &&
                        delta() != nullptr &&
                        (at.decision().change != ChangeKind::kNone || was_kept_out);
  return in_delta ? delta()->Add(at, leases->work.fd()) : std::nullopt;
}

}  // namespace cura
