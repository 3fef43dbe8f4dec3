// Reads a whole record, because it is sorted by path and not by inode.
#include "query/same_entry.h"

#include <utility>

namespace cura {

namespace {

bool IsSame(const Entry& entry, const Entry& wanted) {
  if (entry.type != wanted.type || entry.unread) return false;
  if (entry.type == Type::kDirectory) {
    return entry.ino != 0 && entry.ino == wanted.ino && entry.volume != 0 &&
           entry.volume == wanted.volume;
  }
  if (entry.stored_ino != 0 && entry.stored_ino == wanted.stored_ino) return true;
  return entry.type == Type::kFile && entry.size > 0 && entry.digest != kNoDigest &&
         entry.digest == wanted.digest && entry.mtime == wanted.mtime;
}

}  // namespace

Result<std::vector<ListedEntry>> FindSame(std::shared_ptr<const Manifest> record,
                                          const std::string& top, const Entry& wanted,
                                          const JobContext& job) {
  constexpr size_t kMost = 100;
  std::vector<ListedEntry> same;
  const auto above = record->Lookup(top);
  if (!above.ok()) return above.error();
  if (!above.value() || above.value()->entry.type != Type::kDirectory) return same;
  ManifestCursor cursor(std::move(record), above.value()->entry.directory, top + '/');
  while (same.size() < kMost && cursor.Next()) {
    if (job.monitor->abort) return Aborted();
    if (IsSame(cursor.entry(), wanted)) same.push_back(Listed(cursor.path(), cursor.entry()));
  }
  if (auto error = cursor.manifest().failure()) return std::move(*error);
  return same;
}

}  // namespace cura
