// Walks a snapshot by listing each directory and joining it with its record.
#include "verify/tree_check.h"

#include <algorithm>
#include <utility>

#include "apply/delta.h"
#include "manifest/merge.h"
#include "store/scrub_record.h"
#include "store/stored_snapshot.h"
#include "tree/tree_editor.h"

namespace cura {

namespace {

constexpr size_t kMostDamages = 100'000;

Entry WithoutViews(Entry entry) {
  entry.name = entry.target = {};
  return entry;
}

std::vector<sys::Name> Sorted(const sys::Names& names) {
  std::vector<sys::Name> sorted;
  sorted.reserve(names.size());
  for (const sys::Name name : names) sorted.push_back(name);
  std::sort(sorted.begin(), sorted.end(),
            [](const sys::Name& a, const sys::Name& b) { return a.text < b.text; });
  return sorted;
}

bool IsAbsentInTree(const Entry& entry) {
  return entry.unread || (entry.stored_ino == 0 && entry.type != Type::kDirectory);
}

}  // namespace

// Returns false if the snapshot is gone.
Result<bool> TreeCheck::Open() {
  Fd top(sys::OpenAt(store_.get(), options_.snapshot.c_str(), sys::kOpenDirectory));
  if (!top.valid() && errno == ENOENT) return false;
  if (!top.valid()) return LastError("openat", options_.snapshot);
  sys::Stat stat;
  if (sys::StatFd(top.get(), &stat) != 0) return LastError("statx", options_.snapshot);
  dev_ = stat.dev;
  rules_ = {options_.excused, stat.uid != 0, stat.uid};
  auto loaded = LoadRecord(store_, options_.snapshot);
  if (!loaded.ok()) return std::move(loaded.error());
  manifest_ = loaded.value().manifest;
  if (manifest_ == nullptr && !options_.has_no_record && wanted_ == nullptr) {
    Report(DamageOf(DamageKind::kRecord, {}, std::move(loaded.value().why_not)));
  }
  root_ = Dir::Root(job_.budget, std::move(top), sys::kOpenDirectory, options_.snapshot);
  return true;
}

Result<TreeFindings> TreeCheck::Run() {
  auto opened = Open();
  if (!opened.ok()) return std::move(opened.error());
  findings_.is_gone = !opened.value();
  if (findings_.is_gone) return std::move(findings_);
  if (auto error = WalkAll()) return std::move(*error);
  // Only the first snapshot of a series has none.
  if (!options_.base.empty() && !has_delta_) {
    Report(DamageOf(DamageKind::kMissing, kDeltaName, {}));
  }
  if (manifest_ != nullptr && manifest_->failed()) {
    Report(DamageOf(DamageKind::kRecord, {}, "it was damaged while it was read"));
  }
  return std::move(findings_);
}

Result<std::vector<FoundName>> TreeCheck::Find(const Wanted& wanted) {
  wanted_ = &wanted;
  auto opened = Open();
  if (!opened.ok()) return std::move(opened.error());
  if (!opened.value()) return std::move(found_);
  if (auto error = WalkAll()) return std::move(*error);
  return std::move(found_);
}

Status TreeCheck::WalkAll() {
  left_.push_back({root_, manifest_ == nullptr ? kNoDir : DirId{0}, {}, false, false, {}});
  while (!left_.empty()) {
    if (job_.monitor->abort) return Aborted();
    const At at = std::move(left_.back());
    left_.pop_back();
    if (auto error = Visit(at)) return error;
  }
  return std::nullopt;
}

Status TreeCheck::Visit(const At& at) {
  auto lease = at.dir->Open();
  if (lease.ok()) {
    job_.monitor->whereabouts.Pass([&] { return at.dir->Path(); });
    placed_ = nullptr;
    return VisitOpen(at, lease.value().fd());
  }
  OsError& error = lease.error();
  const std::string path = at.Name();
  if (wanted_ != nullptr) return std::nullopt;
  if (error.code == ENOTDIR || error.code == ELOOP) {
    Report(DamageOf(DamageKind::kReplaced, path, "it is no directory"));
  } else if (error.code == EIO) {
    Report(DamageOf(DamageKind::kUnreadable, path, "the disk cannot read this directory"));
  } else if (error.code == ENOENT) {
    Report(DamageOf(DamageKind::kMissing, path, {}));
  } else if (error.code == EMFILE || error.code == ENFILE || error.code == ENOMEM) {
    return std::move(error);
  } else {
    error.path = options_.snapshot + '/' + path;
    job_.failures->Add(std::move(error));
  }
  return std::nullopt;
}

Status TreeCheck::VisitOpen(const At& at, int dir) {
  sys::Names names;
  const bool top = at.path.empty();
  if (top && sys::Seek(dir, 0, SEEK_SET) < 0) return LastError("lseek", options_.snapshot);
  if (sys::ReadNames(dir, &names) != 0) {
    if (errno != EIO) return LastError("getdents", at.dir->Path());
    Report(DamageOf(DamageKind::kUnreadable, at.Name(), "the disk cannot list this directory"));
    return std::nullopt;
  }
  if (at.has_entry && wanted_ == nullptr) CheckDirectory(at, dir);
  BlockReader block =
      at.id == kNoDir ? BlockReader(std::string_view()) : manifest_->Directory(at.id, 0, &windows_);
  Entry entry;
  bool has_entry = at.id != kNoDir && block.Next(&entry);
  const auto skip_to = [&](std::string_view name) {
    for (; has_entry && entry.name < name; has_entry = block.Next(&entry)) {
      if (!at.is_delta) CheckMissing(at, entry);
    }
  };
  for (const sys::Name& name : Sorted(names)) {
    if (top && name.text.starts_with(kReserved)) {
      if (name.text == kDeltaName) {
        has_delta_ = true;
        left_.push_back({Dir::Child(at.dir, name.text, std::nullopt),
                         at.id,
                         std::string(kDeltaName) + '/',
                         true,
                         false,
                         {}});
      }
      continue;
    }
    skip_to(name.text);
    const bool is_recorded = has_entry && entry.name == name.text;
    const Item item{at,
                    dir,
                    std::string(name.text),
                    name.ino,
                    name.type == sys::NameType::kDirectory,
                    name.type != sys::NameType::kUnknown};
    if (auto error = VisitItem(item, is_recorded ? &entry : nullptr)) return error;
    if (is_recorded) has_entry = block.Next(&entry);
  }
  for (; has_entry; has_entry = block.Next(&entry)) {
    if (!at.is_delta) CheckMissing(at, entry);
  }
  findings_.entries += names.size();
  job_.monitor->entries += names.size();
  return std::nullopt;
}

BlockReader TreeCheck::BlockOf(const At& at) {
  if (at.id == kNoDir) return BlockReader(std::string_view());
  return manifest_->Directory(at.id, 0, &windows_);
}

Status TreeCheck::VisitItem(const Item& given, const Entry* recorded) {
  Item item = given;
  if (!item.is_listed_type) {
    sys::Stat stat;
    if (sys::StatAt(item.dir, item.name.c_str(), &stat) != 0) {
      job_.failures->Add(LastError("statx", item.at.dir->PathOf(item.name)));
      return std::nullopt;
    }
    item.is_directory = TypeOf(stat.mode) == Type::kDirectory;
    item.ino = stat.ino;
  }
  const bool is_recorded_directory =
      recorded != nullptr && recorded->type == Type::kDirectory && !recorded->unread;
  const std::string path = item.at.path + item.name;
  if (item.is_directory) {
    const bool has_no_record = item.at.id == kNoDir || recorded == nullptr;
    if (has_no_record && item.at.id != kNoDir && wanted_ == nullptr) {
      Report(DamageOf(DamageKind::kExtra, path, {}));
    } else if (recorded != nullptr && !is_recorded_directory && !recorded->unread &&
               wanted_ == nullptr) {
      Report(DamageOf(DamageKind::kReplaced, path, "it is a directory now"));
    }
    At below{Dir::Child(item.at.dir, item.name, std::nullopt),
             kNoDir,
             path + '/',
             item.at.is_delta,
             false,
             {}};
    if (is_recorded_directory) {
      below.id = recorded->directory;
      below.has_entry = !item.at.is_delta;
      below.own = WithoutViews(*recorded);
    }
    // What is below an unrecorded directory of a recorded tree is no part of the snapshot.
    if (is_recorded_directory || item.at.id == kNoDir) left_.push_back(std::move(below));
    return std::nullopt;
  }
  if (wanted_ != nullptr) {
    LookFor(item, recorded);
  } else if (item.at.is_delta) {
    CheckDelta(item, recorded);
  } else if (item.at.id == kNoDir) {
    CheckUnrecorded(item);
  } else if (recorded == nullptr) {
    Damage extra = DamageOf(DamageKind::kExtra, path, {});
    Report(std::move(extra));
  } else if (!recorded->unread) {
    CheckInode(item, *recorded);
  }
  return std::nullopt;
}

void TreeCheck::CheckDirectory(const At& at, int dir) {
  sys::Stat stat;
  if (sys::StatFd(dir, &stat) != 0) return;
  const std::string path = at.Name();
  if (stat.dev != dev_) {
    job_.failures->Add({kMountedCode, "openat", options_.snapshot + '/' + path, {}});
    return;
  }
  std::string fault = MetadataFault(at.own, stat, rules_);
  if (fault.empty() && !HasRecordedXattrs(at.own, Place::OfFd(dir), rules_)) {
    fault = "other extended attributes";
  }
  if (fault.empty()) return;
  Damage damage = DamageOf(DamageKind::kMetadata, path, std::move(fault));
  SetEntry(at.own, &damage);
  damage.names.front().ino = stat.ino;
  Report(std::move(damage));
}

void TreeCheck::CheckMissing(const At& at, const Entry& recorded) {
  if (IsAbsentInTree(recorded)) return;
  if (wanted_ != nullptr) {
    if (recorded.type == Type::kDirectory || !wanted_->recorded.contains(recorded.stored_ino))
      return;
    found_.push_back({{options_.snapshot, at.path + std::string(recorded.name), 0},
                      recorded.stored_ino,
                      WithoutViews(recorded),
                      true});
    return;
  }
  Damage damage = DamageOf(DamageKind::kMissing, at.path + std::string(recorded.name), {});
  SetEntry(recorded, &damage);
  Report(std::move(damage));
}

// A tree without a record only shows what is there.
void TreeCheck::CheckUnrecorded(const Item& item) {
  sys::Stat stat;
  if (sys::StatAt(item.dir, item.name.c_str(), &stat) != 0) {
    job_.failures->Add(LastError("statx", item.at.dir->PathOf(item.name)));
    return;
  }
  const Entry entry = EntryOf(stat);
  if (entry.type != Type::kFile || census_->Find(stat.ino) != nullptr) return;
  AddToCensus(item, entry, stat.ino, HashOfFacts(entry));
}

void TreeCheck::CheckInode(const Item& item, const Entry& recorded) {
  const std::uint64_t facts = HashOfFacts(recorded);
  if (options_.keeps_inodes && census_->Has(item.ino, facts)) {
    NoteMoved(item, recorded, item.ino, facts);
    return;
  }
  sys::Stat stat;
  if (sys::StatAt(item.dir, item.name.c_str(), &stat) != 0) {
    OsError error = LastError("statx", item.at.dir->PathOf(item.name));
    if (error.code != EIO) return job_.failures->Add(std::move(error));
    Damage damage = DamageOf(DamageKind::kUnreadable, item.at.path + item.name, {});
    SetEntry(recorded, &damage);
    return Report(std::move(damage));
  }
  DamageKind kind = DamageKind::kMetadata;
  bool is_other = false;
  const Place place = Place::At(item.dir, item.name.c_str());
  std::string fault = FaultOf(recorded, place, {stat, rules_}, &is_other);
  if (is_other) kind = DamageKind::kReplaced;
  if (fault.empty()) {
    AddToCensus(item, recorded, stat.ino, facts);
    NoteMoved(item, recorded, stat.ino, facts);
    return;
  }
  Damage damage = DamageOf(kind, item.at.path + item.name, std::move(fault));
  SetEntry(recorded, &damage);
  damage.ino = damage.names.front().ino = stat.ino;
  Report(std::move(damage));
}

void TreeCheck::AddToCensus(const Item& item, const Entry& entry, std::uint64_t ino,
                            std::uint64_t facts) {
  if (placed_ != &item.at) {
    std::string path = item.at.Name();
    place_ = census_->AddPlace({options_.number, std::move(path)});
    placed_ = &item.at;
  }
  CensusInode inode;
  inode.facts = facts;
  inode.key = ScrubKey(entry);
  inode.size = entry.size;
  inode.place = place_;
  inode.is_file = entry.type == Type::kFile;
  inode.has_digest = entry.digest != kNoDigest;
  inode.has_own_number = knows_inodes() && entry.stored_ino == ino;
  inode.is_in_doubt = knows_inodes() && entry.stored_ino != ino && entry.stored_ino != 0;
  census_->Add(ino, inode);
}

void TreeCheck::NoteMoved(const Item& item, const Entry& recorded, std::uint64_t ino,
                          std::uint64_t facts) {
  const bool is_moved = knows_inodes() && recorded.stored_ino != ino && recorded.stored_ino != 0;
  if (!is_moved || findings_.moved.size() >= kMostDamages) return;
  Damage damage = DamageOf(DamageKind::kLinks, item.at.path + item.name, {});
  SetEntry(recorded, &damage);
  damage.names.front().ino = ino;
  findings_.moved.push_back({recorded.stored_ino, ino, facts, std::move(damage)});
}

// A file of the delta is another name of one in the tree.
void TreeCheck::CheckDelta(const Item& item, const Entry* recorded) {
  const std::string path = item.at.path + item.name;
  const std::string in_tree = path.substr(std::string_view(kDeltaName).size() + 1);
  if (manifest_ == nullptr) return;
  if (recorded == nullptr) return Report(DamageOf(DamageKind::kExtra, path, {}));
  if (knows_inodes() && item.ino == recorded->stored_ino) return;
  sys::Stat stat, other;
  if (sys::StatAt(item.dir, item.name.c_str(), &stat) != 0) return;
  Finder finder(root_);
  auto tree = finder.Open(SplitLast(in_tree).above);
  const bool is_found = tree.ok() && sys::StatAt(tree.value().fd(), item.name.c_str(), &other) == 0;
  // The tree's damage is reported already.
  if (!is_found || other.ino == stat.ino) return;
  const bool is_copy = recorded->type == Type::kSymlink && TypeOf(stat.mode) == Type::kSymlink &&
                       TargetOf(item.dir, item.name.c_str()) == recorded->target;
  if (is_copy) return;
  Damage damage = DamageOf(DamageKind::kReplaced, path, "it is not the file of the snapshot");
  SetEntry(*recorded, &damage);
  damage.ino = damage.names.front().ino = stat.ino;
  Report(std::move(damage));
}

void TreeCheck::LookFor(const Item& item, const Entry* recorded) {
  std::uint64_t ino = item.ino;
  if (!options_.keeps_inodes) {
    sys::Stat stat;
    if (sys::StatAt(item.dir, item.name.c_str(), &stat) == 0) ino = stat.ino;
  }
  const bool knows = recorded != nullptr && !recorded->unread;
  const std::uint64_t recorded_ino = knows ? recorded->stored_ino : 0;
  const bool is_wanted = wanted_->actual.contains(ino) ||
                         (recorded_ino != 0 && wanted_->recorded.contains(recorded_ino));
  if (!is_wanted) return;
  found_.push_back({{options_.snapshot, item.at.path + item.name, ino},
                    recorded_ino,
                    knows ? WithoutViews(*recorded) : Entry{},
                    knows});
}

Damage TreeCheck::DamageOf(DamageKind kind, const std::string& path, std::string detail) const {
  Damage damage;
  damage.kind = kind;
  damage.detail = std::move(detail);
  damage.names.push_back({options_.snapshot, path, 0});
  return damage;
}

void TreeCheck::SetEntry(const Entry& recorded, Damage* damage) {
  damage->has_entry = true;
  damage->target = std::string(recorded.target);
  damage->entry = WithoutViews(recorded);
}

void TreeCheck::Report(Damage damage) {
  if (findings_.damages.size() < kMostDamages) findings_.damages.push_back(std::move(damage));
}

}  // namespace cura
