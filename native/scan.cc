// Listing directories: names first, then what stat says of each.
#include "scan.h"

#include <unistd.h>

#include <algorithm>

namespace cura {

namespace {

constexpr int kAttempts = 3;

bool IsChanged(int code) { return code == kChangedCode || code == ELOOP || code == ENOTDIR; }

// Somebody put another directory into its place since its parent was listed: that one is meant.
Status LookAgain(ScanItem* item) {
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
    if (auto error = LookAgain(item)) return std::move(*error);
    lease = item->dir->Open();
  }
  if (!lease.ok() && IsChanged(lease.error().code)) lease.error().code = kChangedCode;
  return lease;
}

// Reads one directory. What cannot be asked about is reported; what has vanished between the two
// steps is not unknown, but gone.
Status ListDirectory(const ScanItem& item, int dir, Listing* listing, Failures* failures) {
  // The top of a tree stays open, so somebody may have listed it before.
  const bool top = item.parent == nullptr;
  if (top && sys::Seek(dir, 0, SEEK_SET) != 0) return LastError("lseek", item.dir->Path());
  if (sys::ReadNames(dir, &listing->records) != 0) return LastError("getdents", item.dir->Path());
  for (size_t at = 0; at < listing->records.size();) {
    const char* name = listing->records.c_str() + at + 1;  // behind the type's mark
    const std::string_view view(name);
    at += view.size() + 2;
    sys::Stat stat;
    if (sys::StatAt(dir, name, &stat) != 0) {
      OsError error = LastError("statx", item.dir->PathOf(view));
      if (error.code != ENOENT) listing->unknown.push_back(view);
      failures->Add(std::move(error));
      continue;
    }
    Entry entry = EntryOf(stat);
    entry.name = view;
    if (entry.type == Type::kSocket) {
      failures->AddNote("socket", item.dir->PathOf(view));
      listing->sockets.push_back(view);
      continue;
    }
    listing->entries.push_back(entry);
  }
  std::sort(listing->entries.begin(), listing->entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return std::nullopt;
}

void ScanOne(ScanItem item, const Visit& visit, Failures* failures, Monitor* monitor) {
  thread_local Listing listing;
  listing.Clear();
  auto lease = OpenItem(&item);
  int dir = -1;
  if (lease.ok()) {
    dir = lease.value().fd();
    if (auto error = ListDirectory(item, dir, &listing, failures)) {
      failures->Add(std::move(*error));
      listing.complete = false;
    }
  } else {
    failures->Add(std::move(lease.error()));
    listing.complete = false;
  }
  visit(item, dir, &listing);
  monitor->entries += listing.entries.size();
}

}  // namespace

void Listing::Clear() {
  records.clear();
  entries.clear();
  unknown.clear();
  sockets.clear();
  complete = true;
}

void Scan(size_t threads, ScanStack* stack, const Visit& visit, Failures* failures,
          Monitor* monitor) {
  RunPool(threads, stack, [&](ScanItem item) {
    if (monitor->abort) {
      stack->Stop();
      return;
    }
    ScanOne(std::move(item), visit, failures, monitor);
  });
}

}  // namespace cura
