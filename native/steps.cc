// One entry at a time: link, copy, clone, make or follow.
#include "steps.h"

namespace cura {

namespace {

// Opens a directory into `lease` unless it is open there already.
Status Lease(const std::shared_ptr<Dir>& dir, DirLease* lease) {
  if (lease->valid()) return std::nullopt;
  auto opened = dir->Open();
  if (!opened.ok()) return std::move(opened.error());
  *lease = std::move(opened.value());
  return std::nullopt;
}

}  // namespace

Status Steps::Start(TreeNode* root) {
  auto work = root->work->Open();
  sys::Space space;
  if (work.ok() && sys::SpaceOf(work.value().fd(), &space) == 0) most_links_ = space.most_links;
  return delta() != nullptr ? delta()->Start(root) : std::nullopt;
}

Applied Steps::Counts() const {
  Applied counts;
  counts.linked = linked_;
  counts.copied = copied_;
  counts.bytes = bytes_;
  return counts;
}

bool Steps::Leads(const Entry& entry) const {
  return entry.linked && plan_->groups.contains(Identity{entry.dev, entry.ino});
}

bool Steps::IsCrowded(const Entry& entry, int dir, const char* name) {
  sys::Stat stat;
  if (!entry.linked || most_links_ == 0 || sys::StatAt(dir, name, &stat) != 0) return false;
  // The group has at most as many names as the inode has, so up to half the limit all of them fit,
  // and up to a quarter they fit even while this very run adds them.
  if (stat.nlink <= most_links_ / 4) return false;
  const std::lock_guard lock(crowded_mutex_);
  return crowded_.try_emplace(stat.ino, stat.nlink > most_links_ / 2).first->second;
}

bool Steps::IsCrowded(const NodeEntry& at, Leases* leases) {
  const bool asks = at.decision().step == Step::kLink && at.entry().linked;
  if (!asks || most_links_ == 0) return false;
  std::shared_ptr<Dir> held;
  const auto stored = StoredSite(at, leases, &held);
  return stored.ok() && IsCrowded(at.entry(), stored.value().dir, stored.value().name.c_str());
}

Result<Site> Steps::WorkSite(const NodeEntry& at, Leases* leases) const {
  if (auto error = Lease(at.node->work, &leases->work)) return std::move(*error);
  return Site{leases->work.fd(), std::string(at.entry().name), at.node->work.get()};
}

Result<Site> Steps::SourceSite(const NodeEntry& at, Leases* leases) const {
  if (at.node->source != nullptr) {
    if (auto error = Lease(at.node->source, &leases->source)) return std::move(*error);
    return Site{leases->source.fd(), std::string(at.entry().name), at.node->source.get()};
  }
  const Source& operand = sources_->Named(at.entry().name);
  leases->source = DirLease();  // each operand has a directory of its own
  if (auto error = Lease(operand.dir, &leases->source)) return std::move(*error);
  return Site{leases->source.fd(), operand.base, operand.dir.get()};
}

// Where the previous snapshot has the entry's content: under the same name, or where it came from.
Result<Site> Steps::StoredSite(const NodeEntry& at, Leases* leases,
                               std::shared_ptr<Dir>* held) const {
  if (const Origin* origin = at.node->OriginAt(at.place)) {
    *held = previous_->Find(origin->dir);
    leases->previous = DirLease();
    if (auto error = Lease(*held, &leases->previous)) return std::move(*error);
    Site site{leases->previous.fd(), origin->name, held->get()};
    return site;
  }
  if (at.node->previous == nullptr) return OsError{ENOENT, "openat", {}, {}};
  if (auto error = Lease(at.node->previous, &leases->previous)) return std::move(*error);
  return Site{leases->previous.fd(), std::string(at.entry().name), at.node->previous.get()};
}

Status Steps::Make(const NodeEntry& at, Leases* leases, std::vector<NodeEntry>* ready,
                   bool* waits) {
  const Identity group{at.entry().dev, at.entry().ino};
  bool leads = Leads(at.entry());
  bool follows = at.decision().step == Step::kFollow;
  if (!leads && IsCrowded(at, leases)) {
    leads = groups_.TakeLead(group);
    follows = !leads;
  }
  *waits = false;
  if (follows) {
    const auto end = groups_.Follow(group, at);
    if (end == nullptr) {
      *waits = true;
      return std::nullopt;
    }
    return Follow(at, *end, leases);
  }
  auto made = at.decision().step == Step::kUnread ? Made::kUnread : Take(at, leases);
  if (!made.ok()) return std::move(made.error());
  if (auto error = Settle(at, made.value(), leases)) return error;
  if (leads) {
    const auto end = std::make_shared<LeaderEnd>();
    end->made = made.value();
    end->dir = at.node->work;
    end->name = at.entry().name;
    end->entry = at.entry();
    *ready = groups_.Lead(group, end);
  }
  return std::nullopt;
}

Status Steps::MakeFollower(const NodeEntry& at) {
  const auto end = groups_.Follow(Identity{at.entry().dev, at.entry().ino}, at);
  Leases leases;
  return Follow(at, *end, &leases);
}

// The planned step; where the previous snapshot cannot give what was planned, a copy.
Result<Made> Steps::Take(const NodeEntry& at, Leases* leases) {
  const Step step = at.decision().step;
  Result<Made> made = Made::kMustCopy;
  if (step == Step::kLink && !IsCrowded(at, leases)) made = LinkPrevious(at, leases);
  if (step == Step::kClone) made = Clone(at, leases);
  if (made.ok() && made.value() == Made::kMustCopy) made = Copy(at, leases);
  return made;
}

Result<Made> Steps::Copy(const NodeEntry& at, Leases* leases) {
  auto to = WorkSite(at, leases);
  if (!to.ok()) return std::move(to.error());
  auto from = SourceSite(at, leases);
  if (!from.ok()) return maker_.Report(std::move(from.error()));
  if (at.entry().type != Type::kFile) {
    return maker_.MakeNode(from.value(), to.value(), &at.entry());
  }
  auto made = maker_.CopyFile(from.value(), to.value(), &at.entry());
  if (made.ok() && made.value() == Made::kDone) {
    ++copied_;
    bytes_ += at.entry().size;
  }
  return made;
}

Result<Made> Steps::Clone(const NodeEntry& at, Leases* leases) {
  auto to = WorkSite(at, leases);
  if (!to.ok()) return std::move(to.error());
  std::shared_ptr<Dir> held;
  auto stored = StoredSite(at, leases, &held);
  if (!stored.ok()) return Made::kMustCopy;
  auto from = SourceSite(at, leases);
  if (!from.ok()) return maker_.Report(std::move(from.error()));
  if (const Origin* origin = at.node->OriginAt(at.place)) at.entry().xattrs = origin->xattrs;
  auto made = maker_.CloneFile(stored.value(), from.value(), to.value(), &at.entry());
  if (made.ok() && made.value() == Made::kDone) {
    ++copied_;
    bytes_ += at.entry().size;
  }
  return made;
}

Result<Made> Steps::LinkPrevious(const NodeEntry& at, Leases* leases) {
  auto to = WorkSite(at, leases);
  if (!to.ok()) return std::move(to.error());
  std::shared_ptr<Dir> held;
  auto stored = StoredSite(at, leases, &held);
  if (!stored.ok()) return Made::kMustCopy;
  auto made = maker_.Link(stored.value(), to.value());
  if (!made.ok() || made.value() != Made::kDone) return made;
  if (const Origin* origin = at.node->OriginAt(at.place)) {
    at.entry().stored_ino = origin->stored_ino;
    at.entry().xattrs = origin->xattrs;
  }
  ++linked_;
  return made;
}

Status Steps::Follow(const NodeEntry& at, const LeaderEnd& end, Leases* leases) {
  // The leader's name may have gone or changed hands; its inode still has this one.
  Result<Made> made = Made::kMustCopy;
  if (end.made == Made::kDone) {
    auto to = WorkSite(at, leases);
    if (!to.ok()) return std::move(to.error());
    auto lease = end.dir->Open();
    made = lease.ok() ? maker_.Link({lease.value().fd(), end.name, end.dir.get()}, to.value())
                      : Result<Made>(Made::kMustCopy);
    if (made.ok() && made.value() == Made::kDone) {
      const std::string_view name = at.entry().name;
      at.entry() = end.entry;
      at.entry().name = name;
      ++linked_;
    }
  }
  if (made.ok() && made.value() == Made::kMustCopy) made = Copy(at, leases);
  if (!made.ok()) return std::move(made.error());
  return Settle(at, made.value(), leases);
}

// Writes down what became of an entry, and links it into the delta when it is new or changed.
Status Steps::Settle(const NodeEntry& at, Made made, Leases* leases) {
  if (made == Made::kVanished) at.node->dropped[at.place] = 1;
  if (made == Made::kUnread) {
    at.entry().unread = true;
    at.entry().stored_ino = 0;
  }
  const bool in_delta = made == Made::kDone && at.entry().stored_ino != 0 && delta() != nullptr &&
                        at.decision().change != Change::kNone;
  return in_delta ? delta()->Add(at, leases->work.fd()) : std::nullopt;
}

}  // namespace cura
