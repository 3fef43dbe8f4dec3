// The story of a backup: open the previous snapshot, scan and compare, apply, publish.
#include "snapshot.h"

#include <algorithm>

#include "capacity.h"
#include "publish.h"

namespace cura {

Snapshot::Snapshot(SnapshotOptions options)
    : options_(std::move(options)), budget_(DescriptorBudget()) {
  if (options_.selection != nullptr) selection_.emplace(options_.selection);
}

Status Snapshot::Open() {
  if (options_.previous.empty()) return std::nullopt;
  auto previous = OpenPrevious(options_.store->fd(), options_.previous, &budget_);
  if (!previous.ok()) return std::move(previous.error());
  previous_ = std::move(previous.value());
  if (previous_.manifest != nullptr) return std::nullopt;
  return RebuildManifest(&previous_, &budget_, ScanThreads(), monitor_.get());
}

Result<Compared> Snapshot::Compare() {
  if (auto error = Open()) return std::move(*error);
  monitor_->entries = 0;
  monitor_->total_entries = previous_.manifest != nullptr ? previous_.manifest->entries() : 0;
  Selection* const selection = selection_ ? &*selection_ : nullptr;
  comparison_.emplace(CompareOptions{options_.sources.get(), &previous_, options_.store->identity(),
                                     options_.belief, selection, &failures_, monitor_.get()});
  ScanStack stack;
  comparison_->Start(&stack);
  Scan({ScanThreads(), selection, &failures_, monitor_.get()}, &stack,
       [&](const ScanItem& item, int dir, Listing* listing) {
         comparison_->Visit(item, dir, listing, &stack);
       });
  comparison_->SettleGroups();
  comparison_->FindMoves();
  comparison_->JoinKept();
  if (monitor_->abort) return Aborted();
  Compared compared;
  compared.tally = comparison_->plan().tally;
  compared.may_reflink = MayReflink();
  if (selection != nullptr) compared.omitted = selection->count();
  compared.rebuilt = previous_.rebuilt;
  compared.sources = CountSources();
  return compared;
}

// Blocks are shared within one filesystem only. The subvolumes of a btrfs have devices of their
// own, but the same numbers of blocks, in all and free.
bool Snapshot::MayReflink() const {
  sys::Space store;
  if (sys::SpaceOf(options_.store->fd().get(), &store) != 0 || !store.can_reflink) return false;
  return std::all_of(
      options_.sources->list().begin(), options_.sources->list().end(), [&](const Source& source) {
        auto lease = source.dir->Open();
        sys::Stat stat;
        sys::Space space;
        if (!lease.ok() || sys::StatFd(lease.value().fd(), &stat) != 0) return false;
        if (stat.dev == options_.store->identity().dev) return true;
        return sys::SpaceOf(lease.value().fd(), &space) == 0 && space.filesystem == "btrfs" &&
               store.filesystem == "btrfs" && space.total_bytes == store.total_bytes &&
               space.free_bytes == store.free_bytes;
      });
}

namespace {

std::uint64_t CountEntries(BlockReader block) {
  std::uint64_t count = 0;
  for (Entry entry; block.Next(&entry);) ++count;
  return count;
}

}  // namespace

std::vector<SourceCount> Snapshot::CountSources() const {
  const Plan& plan = comparison_->plan();
  const Manifest* const manifest = previous_.manifest.get();
  const PlannedDir* planned = plan.Find(plan.Root());
  BlockReader root = planned != nullptr ? BlockReader(planned->block) : manifest->Directory(0);
  std::vector<SourceCount> counts;
  for (Entry entry; root.Next(&entry);) {
    SourceCount count{std::string(entry.name), 1, 0};
    if (entry.type == Type::kDirectory) {
      const DirId before = plan.PreviousOf(entry.directory);
      const PlannedDir* now = plan.Find(entry.directory);
      if (before != kNoDir) count.before = CountEntries(manifest->Directory(before));
      count.now = now != nullptr ? CountEntries(BlockReader(now->block)) : count.before;
    }
    counts.push_back(std::move(count));
  }
  return counts;
}

std::vector<ChangeRecord> Snapshot::Changes(size_t limit) {
  if (!changes_) changes_.emplace(&comparison_->plan(), previous_.manifest.get());
  return changes_->Next(limit);
}

std::vector<Omission> Snapshot::Omitted(size_t limit) {
  return selection_ ? selection_->Next(limit) : std::vector<Omission>();
}

Result<Applied> Snapshot::Apply(const std::string& work) {
  const Tally& tally = comparison_->plan().tally;
  monitor_->phase = Phase::kApply;
  monitor_->entries = 0;
  monitor_->bytes = 0;
  monitor_->total_entries = tally.totals.entries();
  monitor_->total_bytes = tally.need.bytes;
  auto directory = MakeWorkDirectory(options_.store->fd(), work);
  if (!directory.ok()) return std::move(directory.error());
  ApplyOptions options;
  options.plan = &comparison_->plan();
  options.sources = options_.sources.get();
  options.previous = &previous_;
  options.work = std::move(directory.value());
  options.threads = ApplyThreads();
  options.digests = options_.digests;
  options.budget = &budget_;
  options.failures = &failures_;
  options.monitor = monitor_.get();
  return cura::Apply(std::move(options));
}

Status Snapshot::Publish(const std::string& work, const std::string& name,
                         const std::string& marker) {
  monitor_->phase = Phase::kSync;
  return cura::Publish(options_.store->fd(), work, name, marker, monitor_->abort);
}

}  // namespace cura
