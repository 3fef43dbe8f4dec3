// Opens records, and makes those that cannot be used from the trees.
#include "query/records.h"

#include <utility>

#include "base/capacity.h"
#include "store/stored_snapshot.h"

namespace cura {

namespace {

Result<Record> OpenOne(const Fd& store, const std::string& name, RecordCheck check, Hold hold,
                       const JobContext& job) {
  if (check == RecordCheck::kFrame) {
    auto opened = OpenRecord(store, name, hold);
    if (!opened.ok()) return std::move(opened.error());
    if (opened.value().manifest != nullptr) return Record{name, opened.value().manifest, {}};
  }
  sys::Stat before, after;
  if (sys::StatAt(store.get(), name.c_str(), &before) != 0) return LastError("statx", name);
  auto stored = OpenSnapshot(store, name, job.budget);
  if (!stored.ok()) return std::move(stored.error());
  if (stored.value().manifest == nullptr) {
    if (auto error = RebuildManifest(&stored.value(), job)) return std::move(*error);
    // A tree that another run has begun to remove gives half a record.
    if (sys::StatAt(store.get(), name.c_str(), &after) != 0) return LastError("statx", name);
    if (after.ino != before.ino) return OsError{ENOENT, "statx", name, {}};
  }
  return Record{name, stored.value().manifest, stored.value().rebuilt};
}

}  // namespace

Result<Records> OpenRecords(const Fd& store, const std::vector<std::string>& names,
                            RecordCheck check, const JobContext& job) {
  job.monitor->Begin(kReadPhase, names.size());
  Records records;
  for (const std::string& name : names) {
    if (job.monitor->abort) return Aborted();
    const Hold hold = records.list.size() < IdleDirectories() / 2 ? Hold::kFile : Hold::kNothing;
    auto record = OpenOne(store, name, check, hold, job);
    if (record.ok()) {
      records.list.push_back(std::move(record.value()));
    } else if (record.error().code == ENOENT) {
      records.gone.push_back(name);
    } else {
      return std::move(record.error());
    }
    ++job.monitor->entries;
  }
  return records;
}

}  // namespace cura
