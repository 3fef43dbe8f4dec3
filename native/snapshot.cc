// The story of a backup: open the previous snapshot, scan and compare, apply, publish.
#include "snapshot.h"

#include <algorithm>
#include <thread>

#include "publish.h"
#include "rebuild.h"

namespace cura {

size_t DescriptorBudget() {
  // Half for idle directories, shared by sources and store; the rest for what threads work on.
  constexpr size_t kSides = 2;
  constexpr size_t kMost = 512;
  return std::clamp<size_t>(sys::DescriptorLimit() / 2 / kSides, 8, kMost);
}

size_t ScanThreads() {
  constexpr size_t kMost = 16;
  return std::clamp<size_t>(2 * std::thread::hardware_concurrency(), 4, kMost);
}

size_t ApplyThreads() {
  constexpr size_t kMost = 8;
  return std::clamp<size_t>(std::thread::hardware_concurrency(), 2, kMost);
}

Snapshot::Snapshot(std::shared_ptr<const Store> store, std::shared_ptr<const Sources> sources,
                   std::string previous)
    : store_(std::move(store)),
      sources_(std::move(sources)),
      previous_name_(std::move(previous)),
      budget_(DescriptorBudget()) {}

// Opens the previous snapshot. The answer says why its manifest had to be rebuilt, if so.
Result<std::string> Snapshot::OpenPrevious() {
  if (previous_name_.empty()) return std::string();
  Fd root(sys::OpenAt(store_->fd().get(), previous_name_.c_str(), sys::kOpenDirectory));
  if (!root.valid()) return LastError("openat", previous_name_);
  const Fd file(sys::OpenAt(root.get(), kManifestName, sys::kOpenFile));
  std::string why = "it has none";
  if (file.valid()) {
    auto loaded = Manifest::Load(file);
    if (auto* manifest = std::get_if<Manifest>(&loaded)) {
      why.clear();
      manifest_.emplace(std::move(*manifest));
    } else {
      why = std::get<std::string>(loaded);
    }
  }
  // A directory is opened to be listed only where its tree is scanned; for linking a path will do.
  const int flags = manifest_ ? sys::kOpenPath : sys::kOpenDirectory;
  previous_.root = Dir::Root(&budget_, std::move(root), flags, previous_name_);
  if (!manifest_) {
    auto rebuilt = Rebuild(previous_.root, ScanThreads(), monitor_.get());
    if (!rebuilt) return OsError{ECANCELED, "abort", {}, {}};
    manifest_.emplace(std::move(*rebuilt));
  }
  previous_.manifest = &*manifest_;
  return why;
}

Result<Compared> Snapshot::Compare() {
  auto rebuilt = OpenPrevious();
  if (!rebuilt.ok()) return std::move(rebuilt.error());
  monitor_->entries = 0;
  monitor_->total_entries = manifest_ ? manifest_->entries() : 0;
  comparison_.emplace(sources_.get(), &previous_, store_->identity(), &failures_, monitor_.get());
  ScanStack stack;
  comparison_->Start(&stack);
  Scan(
      ScanThreads(), &stack,
      [&](const ScanItem& item, int dir, Listing* listing) {
        comparison_->Visit(item, dir, listing, &stack);
      },
      &failures_, monitor_.get());
  comparison_->SettleGroups();
  comparison_->FindMoves();
  if (monitor_->abort) return OsError{ECANCELED, "abort", {}, {}};
  Compared compared;
  compared.tally = comparison_->plan().tally;
  compared.may_reflink = MayReflink();
  compared.rebuilt = std::move(rebuilt.value());
  compared.sources = CountSources();
  return compared;
}

// Blocks are shared within one filesystem only. The subvolumes of a btrfs have devices of their
// own, but the same numbers of blocks, in all and free.
bool Snapshot::MayReflink() const {
  sys::Space store;
  if (sys::SpaceOf(store_->fd().get(), &store) != 0 || !store.can_reflink) return false;
  return std::all_of(sources_->list().begin(), sources_->list().end(), [&](const Source& source) {
    auto lease = source.dir->Open();
    sys::Stat stat;
    sys::Space space;
    if (!lease.ok() || sys::StatFd(lease.value().fd(), &stat) != 0) return false;
    if (stat.dev == store_->identity().dev) return true;
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
  const PlannedDir* planned = plan.Find(manifest_ ? 0 : kPlannedBit);
  BlockReader root = planned != nullptr ? BlockReader(planned->block) : manifest_->Directory(0);
  std::vector<SourceCount> counts;
  for (Entry entry; root.Next(&entry);) {
    SourceCount count{std::string(entry.name), 1, 0};
    if (entry.type == Type::kDirectory) {
      const DirId before = plan.PreviousOf(entry.directory);
      const PlannedDir* now = plan.Find(entry.directory);
      if (before != kNoDir) count.before = CountEntries(manifest_->Directory(before));
      count.now = now != nullptr ? CountEntries(BlockReader(now->block)) : count.before;
    }
    counts.push_back(std::move(count));
  }
  return counts;
}

std::vector<ChangeRecord> Snapshot::Changes(size_t limit) {
  if (!changes_) changes_.emplace(&comparison_->plan(), previous_.manifest);
  return changes_->Next(limit);
}

Result<Applied> Snapshot::Apply(const std::string& work) {
  const Tally& tally = comparison_->plan().tally;
  monitor_->phase = Phase::kApply;
  monitor_->entries = 0;
  monitor_->bytes = 0;
  monitor_->total_entries = tally.totals.entries();
  monitor_->total_bytes = tally.need.bytes;
  auto directory = MakeWorkDirectory(store_->fd(), work);
  if (!directory.ok()) return std::move(directory.error());
  ApplyOptions options;
  options.plan = &comparison_->plan();
  options.sources = sources_.get();
  options.previous = &previous_;
  options.work = std::move(directory.value());
  options.threads = ApplyThreads();
  options.budget = &budget_;
  options.failures = &failures_;
  options.monitor = monitor_.get();
  return cura::Apply(std::move(options));
}

Status Snapshot::Publish(const std::string& work, const std::string& name,
                         const std::string& marker) {
  monitor_->phase = Phase::kSync;
  return cura::Publish(store_->fd(), work, name, marker, monitor_->abort);
}

}  // namespace cura
