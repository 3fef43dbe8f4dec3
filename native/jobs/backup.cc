// Runs a backup: opens the previous snapshots, scans and compares, applies, publishes.
#include "jobs/backup.h"

#include <algorithm>
#include <unordered_set>

#include "plan/proven.h"
#include "store/publish.h"
#include "store/refresh.h"

namespace cura {

BackupJob::BackupJob(std::shared_ptr<Resources> resources, BackupOptions options)
    : job_(std::move(resources)), options_(std::move(options)) {
  if (options_.selection != nullptr) selection_.emplace(options_.selection);
}

namespace {

// The proof that is valid for a snapshot at this place, or null.
const Proof* ProofOf(const std::vector<Proof>& proofs, const std::string& snapshot, Stamp place) {
  if (place.volume == 0) return nullptr;
  const auto found = std::find_if(proofs.begin(), proofs.end(), [&](const Proof& proof) {
    return proof.snapshot == snapshot && proof.place == place;
  });
  return found == proofs.end() ? nullptr : &*found;
}

std::shared_ptr<const Manifest> WholeManifest(const Proof* proof) {
  if (proof == nullptr || proof->manifest.empty()) return nullptr;
  auto parsed = Manifest::Parse(proof->manifest);
  auto* const manifest = std::get_if<0>(&parsed);
  return manifest == nullptr ? nullptr : std::move(*manifest);
}

}  // namespace

Result<Base> BackupJob::OpenBase(const BaseOption& option, bool may_read_tree) {
  auto opened = OpenSnapshot(options_.store->fd(), option.snapshot, context_.budget);
  if (!opened.ok()) return std::move(opened.error());
  Base base;
  base.snapshot = option.snapshot;
  base.stored = std::move(opened.value());
  base.is_foreign = option.is_foreign;
  StoredSnapshot& stored = base.stored;
  auto root = stored.root->Open();
  if (!root.ok()) return std::move(root.error());
  sys::Stat stat;
  if (sys::StatFd(root.value().fd(), &stat) != 0) return LastError("statx", option.snapshot);
  base.place = {stat.ino, VolumeOf(root.value().fd())};
  base.ctime = stat.ctime;
  const Proof* const proof = ProofOf(proofs_, option.snapshot, base.place);
  if (stored.manifest == nullptr) {
    base.has_no_record = true;
    // Only the ctime of its directory shows that the tree has not changed since it was read.
    const bool is_it = proof != nullptr && proof->ctime == base.ctime;
    stored.manifest = WholeManifest(is_it ? proof : nullptr);
    if (stored.manifest != nullptr) {
      stored.rebuilt.clear();
      return base;
    }
    if (!may_read_tree) return OsError{ENOENT, "openat", kManifestName, {}};
    auto error = RebuildManifest(&stored, context_);
    return error ? Result<Base>(std::move(*error)) : Result<Base>(std::move(base));
  }
  const bool is_proved = proof != nullptr && proof->checksum == stored.manifest->checksum() &&
                         FitsManifest(proof->blocks, *stored.manifest);
  if (is_proved) {
    base.newer = proof->blocks;
  } else if (!stored.manifest->is_in_place()) {
    if (!may_read_tree) return OsError{ESTALE, "openat", kManifestName, {}};
    auto fresh = RefreshRecord(stored, context_);
    if (!fresh.ok()) return std::move(fresh.error());
    base.newer = std::move(fresh.value());
  }
  return base;
}

Status BackupJob::Open() {
  proofs_ = LoadProofs(options_.store->fd());
  damaged_ = DamagedInodes(LoadDamaged(options_.store->fd()));
  for (const BaseOption& option : options_.bases) {
    const auto& bases = previous_.bases();
    const bool is_open = std::any_of(bases.begin(), bases.end(), [&](const Base& base) {
      return base.snapshot == option.snapshot && base.is_foreign == option.is_foreign;
    });
    if (option.snapshot.empty() || is_open) continue;
    auto base = OpenBase(option, true);
    if (!base.ok()) return std::move(base.error());
    HideDamagedIn(&base.value(), true);
    previous_.Add(std::move(base.value()));
  }
  if (previous_.exists()) previous_.SetTop(options_.bases);
  return std::nullopt;
}

// Skips older snapshots without a usable manifest, because copying costs less than reading their
// trees.
void BackupJob::LookBack(const BaseOption& option) {
  comparison_->LookBack(option, [&](const std::string& snapshot) {
    auto base = OpenBase({option.source, snapshot, option.is_foreign, {}}, false);
    if (!base.ok()) return false;
    HideDamagedIn(&base.value(), false);
    previous_.Add(std::move(base.value()));
    return true;
  });
}

void BackupJob::HideDamagedIn(Base* base, bool is_primary) {
  std::vector<HiddenNames> hidden = HideDamaged(base, damaged_);
  hides_any_ = hides_any_ || !hidden.empty();
  if (is_primary) hidden_.push_back(std::move(hidden));
}

// The directory of the new tree at a path, or kNoDir.
DirRef BackupJob::FindPlanned(const std::vector<std::string>& path) const {
  const Plan& plan = comparison_->plan();
  DirRef at = plan.Root();
  for (const std::string& name : path) {
    const PlannedDir* const planned = plan.Find(at);
    BlockReader block = planned != nullptr ? BlockReader(planned->block) : previous_.Directory(at);
    at = kNoDir;
    for (Entry entry; at == kNoDir && block.Next(&entry);) {
      const bool is_it = entry.name == name && entry.type == Type::kDirectory && !entry.unread;
      if (is_it) at = entry.directory;
    }
    if (at == kNoDir) break;
  }
  return at;
}

bool BackupJob::ReportHidden() const {
  bool is_gone = false;
  for (size_t i = 0; i < hidden_.size(); ++i) {
    const Base* const base = &previous_.bases()[i];
    for (HiddenNames hidden : hidden_[i]) {
      // Other sources of the base take no part in this run.
      if (hidden.path.empty()) {
        std::erase_if(hidden.names,
                      [&](const std::string& name) { return previous_.BaseOf(name) != base; });
      } else if (previous_.BaseOf(hidden.path.front()) != base) {
        continue;
      }
      is_gone = ReportHiddenIn(hidden) || is_gone;
    }
  }
  return is_gone;
}

// A directory with a hidden name that the source still has is in the plan, unless the source could
// not be read: then nothing can take the place of the damaged inode.
bool BackupJob::ReportHiddenIn(const HiddenNames& hidden) const {
  if (hidden.names.empty()) return false;
  const DirRef ref = FindPlanned(hidden.path);
  if (ref == kNoDir) return true;
  const PlannedDir* const planned = comparison_->plan().Find(ref);
  std::string above;
  for (const std::string& name : hidden.path) above.append(name).append("/");
  BlockReader block = planned != nullptr ? BlockReader(planned->block) : previous_.Directory(ref);
  size_t found = 0;
  size_t place = 0;
  for (Entry entry; block.Next(&entry); ++place) {
    if (!std::binary_search(hidden.names.begin(), hidden.names.end(), entry.name)) continue;
    ++found;
    const std::string path = above + std::string(entry.name);
    if (planned != nullptr && planned->decisions[place].step != Step::kUnread) {
      context_.failures->AddNote("damaged", path);
    } else {
      context_.failures->Add({EIO, "linkat", path, {}});
    }
  }
  return found < hidden.names.size();
}

Result<Comparison> BackupJob::Compare() {
  if (auto error = Open()) return std::move(*error);
  context_.monitor->Begin(kScanPhase, previous_.entries());
  Filter* const selection = selection_ ? &*selection_ : nullptr;
  comparison_.emplace(CompareOptions{options_.sources.get(), &previous_, options_.store->identity(),
                                     options_.trust, selection, &volumes_, context_.failures,
                                     context_.monitor});
  ScanStack stack;
  comparison_->Start(&stack);
  Scan({context_, selection, &volumes_}, &stack,
       [&](const ScanItem& item, int dir, Listing* listing) {
         comparison_->Visit(item, dir, listing, &stack);
       });
  comparison_->SettleGroups();
  comparison_->FindMoves();
  comparison_->JoinKept();
  for (const BaseOption& option : options_.bases) LookBack(option);
  comparison_->SettleClaims();
  if (context_.monitor->abort) return Aborted();
  Comparison compared;
  compared.tally = comparison_->plan().tally;
  compared.tally.need.allocated -= SharedBytes();
  // The comparison does not see that a hidden entry is gone.
  if (ReportHidden()) compared.tally.differs = true;
  moves_ = FindDirectoryMoves(comparison_->plan(), previous_);
  CountApart(&compared);
  if (selection != nullptr) compared.omitted = selection->count();
  compared.rebuilt = previous_.rebuilt();
  compared.sources = CountSources();
  if (auto error = previous_.failure()) return std::move(*error);
  return compared;
}

void BackupJob::CountApart(Comparison* compared) const {
  const Tally& tally = compared->tally;
  compared->directories = tally.directory_changes;
  for (size_t i = 0; i < kChangeKinds; ++i) {
    compared->files[i] = tally.changes[i] - tally.directory_changes[i];
  }
  const auto rename = [](std::uint64_t count, KindCounts* counts) {
    (*counts)[static_cast<size_t>(ChangeKind::kNew)] -= count;
    (*counts)[static_cast<size_t>(ChangeKind::kDeleted)] -= count;
    (*counts)[static_cast<size_t>(ChangeKind::kRenamed)] += count;
  };
  rename(moves_.to.size(), &compared->directories);
  rename(moves_.others, &compared->files);
}

// Whether files of a source can share blocks with the store: only within one filesystem. Subvolumes
// of a btrfs have different device numbers, but the same total and free space.
bool BackupJob::SharesBlocks(const Source& source, const sys::Space& store) const {
  auto lease = source.dir->Open();
  sys::Stat stat;
  sys::Space space;
  if (!lease.ok() || sys::StatFd(lease.value().fd(), &stat) != 0) return false;
  if (stat.dev == options_.store->identity().dev) return true;
  return sys::SpaceOf(lease.value().fd(), &space) == 0 && space.filesystem == "btrfs" &&
         store.filesystem == "btrfs" && space.total_bytes == store.total_bytes &&
         space.free_bytes == store.free_bytes;
}

// The part of the needed space that files may share with their sources. The plan does not record
// holes, so this may be too much. The run then continues, and fails only if the disk is full.
std::uint64_t BackupJob::SharedBytes() const {
  sys::Space store;
  if (sys::SpaceOf(options_.store->fd().get(), &store) != 0 || !store.can_reflink) return 0;
  std::unordered_set<std::uint64_t> others;  // devices of sources that share no blocks
  for (const Source& source : options_.sources->list()) {
    auto lease = source.dir->Open();
    sys::Stat stat;
    const bool known = lease.ok() && sys::StatFd(lease.value().fd(), &stat) == 0;
    if (known && !SharesBlocks(source, store)) others.insert(stat.dev);
  }
  std::uint64_t bytes = 0;
  for (const PlannedDir& dir : comparison_->plan().dirs) {
    BlockReader block(dir.block);
    size_t place = 0;
    for (Entry entry; block.Next(&entry); ++place) {
      const Step step = dir.decisions[place].step;
      const bool made =
          step == Step::kClone || (step == Step::kCopy && !others.contains(entry.dev));
      if (made && entry.type == Type::kFile) bytes += RoundToBlock(entry.size);
    }
  }
  return std::min(bytes, comparison_->plan().tally.need.allocated);
}

namespace {

std::uint64_t CountEntries(BlockReader block) {
  std::uint64_t count = 0;
  for (Entry entry; block.Next(&entry);) ++count;
  return count;
}

}  // namespace

std::vector<SourceCount> BackupJob::CountSources() const {
  const Plan& plan = comparison_->plan();
  const PlannedDir* planned = plan.Find(plan.Root());
  BlockReader root = planned != nullptr ? BlockReader(planned->block) : previous_.Directory(0);
  std::vector<SourceCount> counts;
  for (Entry entry; root.Next(&entry);) {
    SourceCount count{std::string(entry.name), 1, 0};
    if (entry.type == Type::kDirectory && !entry.unread) {
      const DirId before = plan.PreviousOf(entry.directory);
      const PlannedDir* now = plan.Find(entry.directory);
      if (before != kNoDir) count.before = CountEntries(previous_.Directory(before));
      count.now = now != nullptr ? CountEntries(BlockReader(now->block)) : count.before;
    }
    counts.push_back(std::move(count));
  }
  return counts;
}

Status BackupJob::KeepProofs() const {
  // A proof would go on hiding entries whose inode is healed meanwhile.
  if (hides_any_) return std::nullopt;
  std::vector<Proof> proofs = Prove(comparison_->plan(), previous_);
  if (auto error = previous_.failure()) return error;
  for (const Proof& former : proofs_) {
    const bool is_replaced = std::any_of(proofs.begin(), proofs.end(), [&](const Proof& proof) {
      return proof.snapshot == former.snapshot;
    });
    sys::Stat stat;
    const bool is_there =
        sys::StatAt(options_.store->fd().get(), former.snapshot.c_str(), &stat) == 0;
    if (!is_replaced && is_there) proofs.push_back(former);
  }
  const auto by_name = [](const Proof& a, const Proof& b) { return a.snapshot < b.snapshot; };
  std::sort(proofs.begin(), proofs.end(), by_name);
  // Leftovers of a run that was killed while saving are removed by the next save or snapshot.
  return proofs == proofs_ ? std::nullopt : SaveProofs(options_.store->fd(), proofs);
}

Result<std::vector<Change>> BackupJob::Changes(size_t limit) {
  if (!changes_) changes_.emplace(&comparison_->plan(), &previous_, &moves_);
  std::vector<Change> page = changes_->Next(limit);
  if (auto error = previous_.failure()) return std::move(*error);
  return page;
}

std::vector<Omission> BackupJob::Omitted(size_t limit) {
  return selection_ ? selection_->Next(limit) : std::vector<Omission>();
}

Result<Applied> BackupJob::Apply(const std::string& work) {
  const Tally& tally = comparison_->plan().tally;
  context_.monitor->Begin(kApplyPhase, tally.totals.entries(), tally.need.bytes);
  auto directory = MakeWorkDirectory(options_.store->fd(), work);
  if (!directory.ok()) return std::move(directory.error());
  ApplyOptions options;
  options.plan = &comparison_->plan();
  options.sources = options_.sources.get();
  options.previous = &previous_;
  options.work = std::move(directory.value());
  options.digests = options_.digests;
  options.job = context_;
  return cura::Apply(std::move(options));
}

Status BackupJob::Publish(const std::string& work, const std::string& name,
                          const std::string& marker) {
  context_.monitor->phase = kSyncPhase;
  RemoveUnsavedProofs(options_.store->fd());
  Publication publication{work, name, marker};
  publication.each_synced = true;
  publication.job = context_;
  return cura::Publish(options_.store->fd(), publication);
}

}  // namespace cura
