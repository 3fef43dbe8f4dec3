// Lists directories: first the names, then one stat per name.
#include "scan/scan.h"

#include <unistd.h>

#include <algorithm>

namespace cura {

namespace {

constexpr int kAttempts = 3;

bool IsChanged(int code) { return code == kChangedCode || code == ELOOP || code == ENOTDIR; }

// Another directory has replaced the listed one since its parent was read: scan the new one.
Status UseReplacement(ScanItem* item) {
  auto parent = item->parent->Open();
  if (!parent.ok()) return std::move(parent.error());
  sys::Stat stat;
  if (sys::StatAt(parent.value().fd(), item->name.c_str(), &stat) != 0) {
    return LastError("statx", item->dir->Path());
  }
  item->replaced = Identity{stat.dev, stat.ino};
  item->dir = Dir::Child(item->parent, item->name, item->replaced);
  return std::nullopt;
}

Result<DirLease> OpenItem(ScanItem* item) {
  auto lease = item->dir->Open();
  for (int i = 0; i < kAttempts && !lease.ok() && IsChanged(lease.error().code); ++i) {
    if (item->parent == nullptr) break;
    if (auto error = UseReplacement(item)) return std::move(*error);
    lease = item->dir->Open();
  }
  if (!lease.ok() && IsChanged(lease.error().code)) lease.error().code = kChangedCode;
  return lease;
}

// Lists single directories.
class Lister {
 public:
  explicit Lister(const ScanOptions& options) : options_(options) {}

  // Reports entries that cannot be read. An entry that vanishes between listing and stat counts as
  // deleted, not as unknown.
  Status List(ScanItem* item, int dir, Listing* listing);

 private:
  Status ReadNames(ScanItem* item, int dir, sys::Names* names) const;
  void AddEntry(const ScanItem& item, int dir, const sys::Name& listed, Listing* listing);
  VolumeId VolumeFor(int dir, const char* name, const sys::Stat& stat);
  void DropTwins(const ScanItem& item, Listing* listing) const;
  [[nodiscard]] bool Omits(const ScanItem& item, std::string_view name, bool is_directory) const {
    return item.scope != nullptr &&
           options_.selection->Omits(*item.scope, *item.dir, name, is_directory);
  }

  [[nodiscard]] bool IsBeside(const ScanItem& item, std::string_view name) const {
    return item.scope != nullptr && options_.selection->IsBeside(*item.scope, name, true);
  }

  const ScanOptions& options_;
  // Cached, because nearly all entries of a directory are on one filesystem.
  sys::Stat last_;
  VolumeId last_volume_ = 0;
};

VolumeId Lister::VolumeFor(int dir, const char* name, const sys::Stat& stat) {
  if (options_.volumes == nullptr) return 0;
  const bool is_same = last_volume_ != 0 && stat.mount == last_.mount && stat.dev == last_.dev;
  if (!is_same) last_volume_ = options_.volumes->Of(dir, name, stat);
  last_ = stat;
  return last_volume_;
}

Status Lister::ReadNames(ScanItem* item, int dir, sys::Names* names) const {
  // The top of a tree stays open, so an earlier run may have read it to the end.
  const bool top = item->parent == nullptr;
  if (top && sys::Seek(dir, 0, SEEK_SET) != 0) return LastError("lseek", item->dir->Path());
  if (sys::ReadNames(dir, names) != 0) return LastError("getdents", item->dir->Path());
  if (item->scope != nullptr) {
    item->scope = options_.selection->Enter(std::move(item->scope), *item->dir, dir, names,
                                            options_.job.failures);
  }
  return std::nullopt;
}

// Adds one entry to the listing.
void Lister::AddEntry(const ScanItem& item, int dir, const sys::Name& listed, Listing* listing) {
  const char* const name = listed.text.data();
  const bool is_known = listed.type != sys::NameType::kUnknown;
  // Before stat, which could fail and be reported.
  if (!is_known && IsBeside(item, listed.text)) return;
  if (is_known && Omits(item, listed.text, listed.type == sys::NameType::kDirectory)) return;
  sys::Stat stat;
  if (sys::StatAt(dir, name, &stat) != 0) {
    OsError error = LastError("statx", item.dir->PathOf(name));
    if (error.code != ENOENT) listing->unknown.push_back(listed.text);
    options_.job.failures->Add(std::move(error));
    return;
  }
  Entry entry = EntryOf(stat);
  entry.name = listed.text;
  entry.volume = VolumeFor(dir, name, stat);
  if (!is_known && Omits(item, listed.text, entry.type == Type::kDirectory)) return;
  if (entry.type == Type::kSocket) {
    options_.job.failures->AddNote("socket", item.dir->PathOf(name));
    listing->sockets.push_back(listed.text);
    return;
  }
  if (item.scope != nullptr) {
    if (options_.selection->Omits(*item.scope, *item.dir, dir, entry)) return;
    entry.boundary = options_.selection->IsBoundary(*item.scope, *item.dir, entry);
  }
  listing->entries.push_back(entry);
}

Status Lister::List(ScanItem* item, int dir, Listing* listing) {
  if (sys::Now(&listing->seen) != 0) listing->seen = {};
  if (auto error = ReadNames(item, dir, &listing->names)) return error;
  for (const sys::Name listed : listing->names) {
    // Checked per name, because many names under many patterns take long.
    if (options_.job.monitor->abort) return Aborted();
    AddEntry(*item, dir, listed, listing);
  }
  std::sort(listing->entries.begin(), listing->entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  DropTwins(*item, listing);
  return std::nullopt;
}

// Some servers and union filesystems list a name twice. A tree has room for one, so this keeps the
// one that a lookup finds.
void Lister::DropTwins(const ScanItem& item, Listing* listing) const {
  auto& entries = listing->entries;
  const auto is_twin = [](const Entry& a, const Entry& b) { return a.name == b.name; };
  auto twin = std::adjacent_find(entries.begin(), entries.end(), is_twin);
  if (twin == entries.end()) return;
  for (; twin != entries.end(); twin = std::adjacent_find(twin + 1, entries.end(), is_twin)) {
    options_.job.failures->Add({kTwiceCode, "getdents", item.dir->PathOf(twin->name), {}});
  }
  entries.erase(std::unique(entries.begin(), entries.end(), is_twin), entries.end());
}

void ScanOne(const ScanOptions& options, ScanItem item, const Visit& visit) {
  thread_local Listing listing;
  listing.Clear();
  int dir = -1;
  auto lease = item.is_boundary ? Result<DirLease>(DirLease()) : OpenItem(&item);
  if (!lease.ok()) {
    options.job.failures->Add(std::move(lease.error()));
    listing.complete = false;
  } else if (!item.is_boundary) {
    dir = lease.value().fd();
    options.job.monitor->whereabouts.Pass([&] { return item.dir->Path(); });
    if (auto error = Lister(options).List(&item, dir, &listing)) {
      options.job.failures->Add(std::move(*error));
      listing.complete = false;
    }
  }
  visit(item, dir, &listing);
  options.job.monitor->entries += listing.entries.size();
}

}  // namespace

void Listing::Clear() {
  names.Clear();
  entries.clear();
  unknown.clear();
  sockets.clear();
  seen = {};
  complete = true;
}

void Scan(const ScanOptions& options, ScanStack* stack, const Visit& visit) {
  RunPool(options.job.threads, MostThreads(), stack, [&](ScanItem item) {
    if (options.job.monitor->abort) {
      stack->Stop();
      return;
    }
    ScanOne(options, std::move(item), visit);
  });
}

}  // namespace cura
