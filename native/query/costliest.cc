// Adds up what each path costs by a hash of it, then reads again to name the costliest.
#include "query/costliest.h"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "manifest/cursor.h"
#include "store/stored_snapshot.h"

namespace cura {

namespace {

// The snapshot's record, made from its tree if it has no usable one; null if it is gone.
Result<std::shared_ptr<const Manifest>> RecordOf(const Fd& store, const CostlySnapshot& snapshot,
                                                 const JobContext& job) {
  if (!snapshot.reads_tree) {
    auto opened = OpenRecord(store, snapshot.name);
    if (opened.ok() && opened.value().manifest != nullptr) return opened.value().manifest;
  }
  auto stored = OpenSnapshot(store, snapshot.name, job.budget);
  if (!stored.ok() && stored.error().code == ENOENT) return std::shared_ptr<const Manifest>();
  if (!stored.ok()) return std::move(stored.error());
  if (auto error = RebuildManifest(&stored.value(), job)) return std::move(*error);
  return std::move(stored.value().manifest);
}

// Calls `visit` with each inode that costs something and the first path it has.
template <typename Visit>
Status EachCost(const Fd& store, const CostlyQuestion& question, InodeTable* table,
                const JobContext& job, const Visit& visit) {
  table->BeginRound();
  for (const CostlySnapshot& snapshot : question.snapshots) {
    auto record = RecordOf(store, snapshot, job);
    if (!record.ok()) return std::move(record.error());
    if (record.value() == nullptr) continue;
    ManifestCursor cursor(record.value());
    while (cursor.Next()) {
      if (job.monitor->abort) return Aborted();
      const Entry& entry = cursor.entry();
      if (entry.unread || entry.type == Type::kDirectory) continue;
      const InodeUse* use = table->Find(entry.stored_ino);
      if (use == nullptr || !IsFreed(*use, question.costs) || !table->Meet(use->ino)) continue;
      visit(cursor.path(), *use);
    }
    if (auto error = record.value()->failure()) return error;
  }
  return std::nullopt;
}

// The hashes of the paths that cost most.
std::unordered_set<size_t> Greatest(const std::unordered_map<size_t, std::uint64_t>& sums,
                                    size_t top) {
  std::vector<std::pair<std::uint64_t, size_t>> order;
  order.reserve(sums.size());
  for (const auto& [hash, bytes] : sums) order.emplace_back(bytes, hash);
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(std::min(top, order.size()));
  std::partial_sort(order.begin(), middle, order.end(), std::greater<>());
  std::unordered_set<size_t> chosen;
  for (auto at = order.begin(); at != middle; ++at) chosen.insert(at->second);
  return chosen;
}

}  // namespace

bool IsFreed(const InodeUse& use, Costs costs) {
  if (use.names < use.nlink) return false;
  return costs == Costs::kInSet ? use.outside == 0 : use.only != InodeUse::kSeveral;
}

Result<std::vector<CostlyPath>> Costliest(const Fd& store, const CostlyQuestion& question,
                                          InodeTable* table, const JobContext& job) {
  const std::hash<std::string> hash;
  std::unordered_map<size_t, std::uint64_t> sums;
  const auto add = [&](const std::string& path, const InodeUse& use) {
    if (use.allocated > 0) sums[hash(path)] += use.allocated;
  };
  if (auto error = EachCost(store, question, table, job, add)) return std::move(*error);
  const auto chosen = Greatest(sums, question.top);
  std::map<std::string, CostlyPath> found;
  const auto name = [&](std::string path, const InodeUse& use) {
    if (!chosen.contains(hash(path))) return;
    CostlyPath& costly = found[path];
    costly.path = std::move(path);
    costly.bytes += use.allocated;
    ++costly.inodes;
  };
  if (auto error = EachCost(store, question, table, job, name)) return std::move(*error);
  std::vector<CostlyPath> list;
  for (auto& [path, costly] : found) list.push_back(std::move(costly));
  std::stable_sort(list.begin(), list.end(),
                   [](const CostlyPath& a, const CostlyPath& b) { return a.bytes > b.bytes; });
  if (list.size() > question.top) list.resize(question.top);  // two paths may share a hash
  return list;
}

}  // namespace cura
