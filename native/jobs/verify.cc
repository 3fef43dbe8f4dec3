// Runs a verification: the trees, the contents, the record of both, the names of what is damaged.
#include "jobs/verify.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/capacity.h"
#include "base/pool.h"
#include "base/volumes.h"
#include "store/lease.h"

namespace cura {

namespace {

constexpr std::uint64_t kOwnerBit = 1;
constexpr std::uint64_t kModeBit = 2;
constexpr std::uint64_t kTimeBit = 4;
constexpr std::uint64_t kXattrBit = 8;

std::uint64_t BitsOf(const Excused& excused) {
  return (excused.owner ? kOwnerBit : 0U) | (excused.mode ? kModeBit : 0U) |
         (excused.time ? kTimeBit : 0U) | (excused.xattrs ? kXattrBit : 0U);
}

Excused ExcusedBy(std::uint64_t bits) {
  return {(bits & kOwnerBit) != 0, (bits & kModeBit) != 0, (bits & kTimeBit) != 0,
          (bits & kXattrBit) != 0};
}

// Of a damage whose inode must not be linked into a new snapshot.
bool IsOfInode(const Damage& damage) {
  return damage.ino != 0 && damage.has_entry && damage.entry.type != Type::kDirectory;
}

void KeepUnique(std::vector<DamagedName>* names) {
  std::sort(names->begin(), names->end());
  names->erase(std::unique(names->begin(), names->end()), names->end());
}

}  // namespace

VerifyJob::VerifyJob(std::shared_ptr<Resources> resources, VerifyOptions options, Fd lock,
                     int unrecorded)
    : job_(std::move(resources)), options_(std::move(options)), lock_(std::move(lock)) {
  checked_.unrecorded = unrecorded;
  for (const VerifiedSnapshot& snapshot : options_.snapshots) names_.push_back(snapshot.name);
}

Result<Checked> VerifyJob::Check() {
  const Fd& store = options_.store->fd();
  keeps_inodes_ = KeepsInodes(VolumeOf(store.get()));
  record_ = LoadScrub(store);
  record_.summary.excused |= BitsOf(options_.excused);
  options_.excused = ExcusedBy(record_.summary.excused);
  context_.monitor->Begin("check");
  if (auto error = CheckTrees()) return std::move(*error);
  JudgeMoved();
  ListItems();
  auto stopped = ReadContents();
  const bool is_aborted = stopped && stopped->code == ECANCELED;
  if (stopped && !is_aborted) return std::move(*stopped);
  if (auto error = Save()) return std::move(*error);
  if (is_aborted) return std::move(*stopped);
  if (auto error = NameAll()) return std::move(*error);
  return checked_;
}

Status VerifyJob::CheckTree(size_t number) {
  const VerifiedSnapshot& snapshot = options_.snapshots[number];
  SnapshotLeases leases(&options_.store->fd());
  if (auto error = leases.Take(snapshot.name)) {
    if (error->code != ENOENT) return error;
    const std::lock_guard lock(mutex_);
    checked_.gone.push_back(snapshot.name);
    return std::nullopt;
  }
  sys::SetIdleReads(true);
  TreeCheck check(options_.store->fd(),
                  {snapshot.name, static_cast<std::uint32_t>(number), snapshot.has_no_record,
                   snapshot.base, options_.excused, keeps_inodes_},
                  &census_, context_);
  auto found = check.Run();
  sys::SetIdleReads(false);
  if (!found.ok()) return std::move(found.error());
  TreeFindings& findings = found.value();
  const std::lock_guard lock(mutex_);
  if (findings.is_gone) checked_.gone.push_back(snapshot.name);
  checked_.entries += findings.entries;
  std::move(findings.damages.begin(), findings.damages.end(), std::back_inserter(damages_));
  std::move(findings.moved.begin(), findings.moved.end(), std::back_inserter(moved_));
  return std::nullopt;
}

Status VerifyJob::CheckTrees() {
  // The newest first and alone, so that most inodes get a place in it.
  if (auto error = options_.snapshots.empty() ? std::nullopt : CheckTree(0)) return error;
  WorkStack<size_t> stack;
  for (size_t number = options_.snapshots.size(); number > 1; --number) stack.Push(number - 1);
  RunPool(context_.threads, ApplyThreads(), &stack, [&](size_t number) {
    auto error = CheckTree(number);
    if (!error) return;
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    stack.Stop();
  });
  return error_;
}

// An inode with another number than recorded is right if all names of the recorded one have it: a
// healing replaced it. Otherwise names that were of one inode are no longer.
void VerifyJob::JudgeMoved() {
  std::unordered_map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> first;
  for (MovedName& moved : moved_) {
    const CensusInode* const former = census_.Find(moved.recorded_ino);
    const bool is_split =
        former != nullptr && former->has_own_number && former->facts == moved.facts;
    const CensusInode* const present = census_.Find(moved.ino);
    const bool is_joined = present != nullptr && present->has_own_number;
    const auto [known, is_first] =
        first.emplace(moved.recorded_ino, std::pair(moved.facts, moved.ino));
    const bool is_torn =
        !is_first && known->second.first == moved.facts && known->second.second != moved.ino;
    const bool is_unknown =
        moved.as_damage.entry.digest == kNoDigest && moved.as_damage.entry.type == Type::kFile;
    if (!is_split && !is_joined && !is_torn && !is_unknown) continue;
    moved.as_damage.detail = is_unknown && !is_split && !is_joined && !is_torn
                                 ? "another file than was stored"
                                 : "no longer the same file as its other names";
    damages_.push_back(std::move(moved.as_damage));
  }
  moved_.clear();
}

void VerifyJob::ListItems() {
  std::unordered_map<std::uint64_t, const ScrubbedInode*> known;
  for (const ScrubbedInode& inode : record_.scrubbed) known.emplace(inode.ino, &inode);
  std::unordered_map<std::uint64_t, std::uint64_t> bad;
  for (const DamagedInode& inode : record_.damaged) {
    if (inode.by_content) bad.emplace(inode.ino, inode.key);
  }
  census_.ForEach([&](std::uint64_t ino, const CensusInode& inode) {
    if (!inode.is_file) return;
    ReadItem item;
    item.ino = ino;
    item.key = inode.key;
    item.size = inode.size;
    item.place = inode.place;
    item.has_digest = inode.has_digest;
    item.is_in_doubt = inode.is_in_doubt;
    const auto found = known.find(ino);
    if (found != known.end() && found->second->key == inode.key) {
      item.content = found->second->content;
      item.time_s = found->second->time_s;
    }
    const auto damaged = bad.find(ino);
    item.is_bad = damaged != bad.end() && damaged->second == inode.key;
    checked_.bytes += item.size;
    ++checked_.inodes;
    items_.push_back(item);
  });
  std::sort(items_.begin(), items_.end(),
            [](const ReadItem& a, const ReadItem& b) { return a.ino < b.ino; });
}

Status VerifyJob::ReadContents() {
  if (options_.limits.share) {
    const double bytes = *options_.limits.share * static_cast<double>(checked_.bytes);
    options_.limits.bytes = static_cast<std::uint64_t>(bytes);
  }
  ContentCheck check(options_.store->fd(), names_, &census_, options_.limits, context_);
  auto error = check.Run(&items_, [this] { return Save(); });
  checked_.checked_inodes = check.files();
  checked_.checked_bytes = check.bytes();
  checked_.is_partial = check.is_partial();
  for (const ReadFault& fault : check.faults()) {
    Damage damage;
    damage.kind = fault.code == 0 ? DamageKind::kContent : DamageKind::kUnreadable;
    damage.ino = fault.ino;
    damage.actual = fault.actual;
    damages_.push_back(std::move(damage));
  }
  // Damage of an earlier run that this one did not look at again.
  for (const ReadItem& item : items_) {
    if (!item.is_bad || item.is_read) continue;
    Damage damage;
    damage.ino = item.ino;
    damage.detail = "found in an earlier run";
    damages_.push_back(std::move(damage));
  }
  return error;
}

// Sums up what is known, and writes it.
Status VerifyJob::Save() {
  ScrubRecord record;
  record.summary.excused = record_.summary.excused;
  record.summary.time_s = options_.limits.now_s;
  checked_.unread = checked_.undigested = 0;
  checked_.oldest_s = 0;
  const auto add = [&](const ScrubbedInode& inode) {
    record.scrubbed.push_back(inode);
    const bool is_older = checked_.oldest_s == 0 || inode.time_s < checked_.oldest_s;
    if (is_older) checked_.oldest_s = inode.time_s;
  };
  std::map<std::uint64_t, DamagedInode> damaged;
  for (const ReadItem& item : items_) {
    if (item.time_s == 0) ++checked_.unread;
    if (!item.has_digest) ++checked_.undigested;
    if (item.time_s != 0) add({item.ino, item.key, item.content, item.time_s});
    if (item.is_bad) damaged[item.ino] = {item.ino, item.key, item.time_s, true};
  }
  for (const Damage& damage : damages_) {
    if (!IsOfInode(damage) || damage.healed) continue;
    damaged.try_emplace(
        damage.ino, DamagedInode{damage.ino, ScrubKey(damage.entry), options_.limits.now_s, false});
  }
  if (!IsWhole()) {
    for (const ScrubbedInode& inode : record_.scrubbed) {
      if (census_.Find(inode.ino) == nullptr) add(inode);
    }
    for (const DamagedInode& inode : record_.damaged) {
      if (census_.Find(inode.ino) == nullptr) damaged.try_emplace(inode.ino, inode);
    }
  }
  std::sort(record.scrubbed.begin(), record.scrubbed.end(),
            [](const ScrubbedInode& a, const ScrubbedInode& b) { return a.ino < b.ino; });
  const auto is_other = [](const Damage& damage) { return !damage.healed && damage.ino == 0; };
  const auto others = std::count_if(damages_.begin(), damages_.end(), is_other);
  for (const auto& [ino, inode] : damaged) record.damaged.push_back(inode);
  checked_.damaged = damaged.size() + static_cast<std::uint64_t>(others);
  record.summary.oldest_s = checked_.oldest_s;
  record.summary.inodes = items_.size();
  record.summary.unread = checked_.unread;
  record.summary.damaged = checked_.damaged;
  if (checked_.unrecorded != 0) return std::nullopt;
  return SaveScrub(options_.store->fd(), record);
}

// Finds all names of what is damaged, in every snapshot.
Status VerifyJob::NameAll() {
  Wanted wanted;
  for (const Damage& damage : damages_) {
    const bool is_directory = damage.has_entry && damage.entry.type == Type::kDirectory;
    if (is_directory) continue;
    if (damage.ino != 0) wanted.actual.insert(damage.ino);
    const bool is_known = damage.has_entry && damage.entry.stored_ino != 0;
    if (is_known) wanted.recorded.insert(damage.entry.stored_ino);
  }
  if (wanted.actual.empty() && wanted.recorded.empty()) return std::nullopt;
  // The records may have other numbers for these inodes, which a second round finds.
  for (int round = 0; round < 2; ++round) {
    context_.monitor->Begin("find");
    std::vector<FoundName> found;
    for (const std::string& name : options_.all) {
      TreeCheck check(options_.store->fd(), {name, 0, true, {}, {}, keeps_inodes_}, nullptr,
                      context_);
      auto some = check.Find(wanted);
      if (!some.ok()) return std::move(some.error());
      std::move(some.value().begin(), some.value().end(), std::back_inserter(found));
    }
    const size_t before = wanted.recorded.size();
    for (const FoundName& name : found) {
      const bool is_damaged = wanted.actual.contains(name.name.ino);
      if (is_damaged && name.recorded_ino != 0) wanted.recorded.insert(name.recorded_ino);
    }
    if (round == 0 && wanted.recorded.size() > before) continue;
    Collect(std::move(found));
    break;
  }
  Merge();
  return Save();
}

// Gives each damage its names, and those names that should be of the same inode.
void VerifyJob::Collect(std::vector<FoundName> found) {
  std::unordered_multimap<std::uint64_t, const FoundName*> by_actual;
  std::unordered_multimap<std::uint64_t, const FoundName*> by_recorded;
  std::unordered_set<std::uint64_t> damaged;
  for (const Damage& damage : damages_) damaged.insert(damage.ino);
  for (const FoundName& name : found) {
    by_actual.emplace(name.name.ino, &name);
    if (name.recorded_ino != 0) by_recorded.emplace(name.recorded_ino, &name);
  }
  for (Damage& damage : damages_) {
    if (damage.has_entry && damage.entry.type == Type::kDirectory) continue;
    const bool is_one_name = damage.kind == DamageKind::kLinks;
    if (damage.ino != 0 && !is_one_name) {
      for (auto [at, end] = by_actual.equal_range(damage.ino); at != end; ++at) {
        const FoundName& name = *at->second;
        damage.names.push_back(name.name);
        const bool knows_more =
            name.has_entry && (!damage.has_entry || (damage.entry.digest == kNoDigest &&
                                                     name.entry.digest != kNoDigest));
        if (!knows_more) continue;
        damage.entry = name.entry;
        damage.has_entry = true;
      }
    }
    if (!damage.has_entry || damage.entry.stored_ino == 0) continue;
    const std::uint64_t own = damage.names.empty() ? 0 : damage.names.front().ino;
    for (auto [at, end] = by_recorded.equal_range(damage.entry.stored_ino); at != end; ++at) {
      const FoundName& name = *at->second;
      const bool is_same = HashOfFacts(name.entry) == HashOfFacts(damage.entry);
      if (!is_same) continue;
      if (name.name.ino == 0 && damage.kind == DamageKind::kMissing)
        damage.names.push_back(name.name);
      const bool is_good = name.name.ino != 0 && name.name.ino != own &&
                           (is_one_name || !damaged.contains(name.name.ino));
      if (is_good) damage.others.push_back(name.name);
    }
  }
}

// Makes one damage of those that are about the same inode.
void VerifyJob::Merge() {
  std::vector<Damage> merged;
  std::map<std::pair<int, std::uint64_t>, size_t> places;
  for (Damage& damage : damages_) {
    const bool is_directory = damage.has_entry && damage.entry.type == Type::kDirectory;
    const bool is_missing = damage.kind == DamageKind::kMissing && damage.has_entry;
    const std::uint64_t key = is_missing ? damage.entry.stored_ino : damage.ino;
    const bool is_single = is_directory || key == 0 || damage.kind == DamageKind::kLinks;
    if (is_single) {
      merged.push_back(std::move(damage));
      continue;
    }
    const auto [place, is_first] =
        places.emplace(std::pair(static_cast<int>(is_missing), key), merged.size());
    if (is_first) {
      merged.push_back(std::move(damage));
      continue;
    }
    Damage& known = merged[place->second];
    if (known.detail.empty()) known.detail = std::move(damage.detail);
    std::move(damage.names.begin(), damage.names.end(), std::back_inserter(known.names));
  }
  for (Damage& damage : merged) {
    KeepUnique(&damage.names);
    KeepUnique(&damage.others);
  }
  damages_ = std::move(merged);
}

std::vector<Damage> VerifyJob::Damages(size_t limit) {
  const size_t end = std::min(damages_.size(), next_ + limit);
  std::vector<Damage> page(damages_.begin() + static_cast<std::ptrdiff_t>(next_),
                           damages_.begin() + static_cast<std::ptrdiff_t>(end));
  next_ = end;
  return page;
}

Result<Healed> VerifyJob::Heal(HealOptions options) {
  options.snapshots = options_.all;
  next_ = 0;
  auto healed = cura::Heal(*options_.store, options, &damages_, context_);
  std::unordered_set<std::uint64_t> done;
  for (const Damage& damage : damages_) {
    if (damage.healed && damage.ino != 0) done.insert(damage.ino);
  }
  // No snapshot has these inodes any more.
  std::erase_if(items_, [&](const ReadItem& item) { return done.contains(item.ino); });
  std::erase_if(record_.damaged,
                [&](const DamagedInode& inode) { return done.contains(inode.ino); });
  auto error = Save();
  if (!healed.ok()) return std::move(healed.error());
  if (error) return std::move(*error);
  return healed;
}

}  // namespace cura
