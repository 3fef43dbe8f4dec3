// Reads files in the order of their last reading, and keeps the record while it does.
#include "verify/content_check.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <unordered_map>

#include "base/capacity.h"
#include "base/pool.h"
#include "file/copy.h"
#include "store/lease.h"
#include "tree/tree_editor.h"

namespace cura {

namespace {

constexpr size_t kMostInBatch = 32;
constexpr std::uint64_t kBatchBytes = 8U << 20U;

// What was never read comes first, then what was bad, then what was read longest ago.
int RankOf(const ReadItem& item) {
  if (item.time_s == 0) return 0;
  return item.is_bad ? 1 : 2;
}

}  // namespace

std::vector<std::uint32_t> ContentCheck::Choose(const std::vector<ReadItem>& items) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    const ReadItem& item = items[i];
    const bool is_never = item.time_s == 0;
    bool is_chosen = false;
    switch (limits_.reading) {
      case Reading::kNone:
        break;
      case Reading::kNew:
        is_chosen = is_never;
        break;
      case Reading::kBad:
        is_chosen = item.is_bad;
        break;
      case Reading::kAll:
        is_chosen = is_never || item.is_bad || !limits_.before_s || item.time_s < *limits_.before_s;
        break;
    }
    if (is_chosen || (item.is_in_doubt && (is_never || item.is_bad))) order.push_back(i);
  }
  const auto key = [&](std::uint32_t i) {
    const ReadItem& item = items[i];
    const int rank = RankOf(item);
    return std::tuple(!item.is_in_doubt, rank, rank == 2 ? item.time_s : 0, item.place, item.ino);
  };
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
  return order;
}

Status ContentCheck::Run(std::vector<ReadItem>* items, const Save& save) {
  items_ = items;
  save_ = &save;
  order_ = Choose(*items);
  std::uint64_t total = 0;
  for (const std::uint32_t i : order_) total += (*items)[i].size;
  job_.monitor->Begin("read", order_.size(), total);
  started_ms_ = saved_ms_ = sys::SteadyMs();
  std::vector<Batch> batches;
  std::uint64_t size = 0;
  for (size_t i = 0; i < order_.size(); ++i) {
    const bool is_same = !batches.empty() && size < kBatchBytes &&
                         i - batches.back().first < kMostInBatch &&
                         (*items)[order_[i]].place == (*items)[order_[i - 1]].place;
    if (!is_same) batches.push_back({i, i});
    if (!is_same) size = 0;
    batches.back().last = i + 1;
    size += (*items)[order_[i]].size;
  }
  WorkStack<Batch> stack;
  for (auto batch = batches.rbegin(); batch != batches.rend(); ++batch) stack.Push(*batch);
  RunPool(job_.threads, ApplyThreads(), &stack, [&](Batch batch) {
    sys::SetIdleReads(true);
    ReadBatch(batch);
    sys::SetIdleReads(false);
  });
  if (save_error_) return save_error_;
  return job_.monitor->abort ? Status(Aborted()) : std::nullopt;
}

// Whether one more file may begin. Counts those that may not.
bool ContentCheck::MayBegin() {
  if (job_.monitor->abort) return false;
  const std::lock_guard lock(mutex_);
  const bool is_late = limits_.time_ms && sys::SteadyMs() - started_ms_ >= *limits_.time_ms;
  const bool is_full = limits_.bytes && begun_bytes_ >= *limits_.bytes;
  if (is_late || is_full) is_partial_ = true;
  return !is_late && !is_full && !save_error_;
}

void ContentCheck::ReadBatch(Batch batch) {
  if (!MayBegin()) return;
  const CensusPlace& place = census_->places()[(*items_)[order_[batch.first]].place];
  const std::string& snapshot = snapshots_[place.snapshot];
  SnapshotLeases leases(&store_);
  if (leases.Take(snapshot)) return;  // it was removed; its files are read in another one next time
  Fd top(sys::OpenAt(store_.get(), snapshot.c_str(), sys::kOpenDirectory));
  if (!top.valid()) return;
  Finder finder(Dir::Root(job_.budget, std::move(top), sys::kOpenDirectory, snapshot));
  auto lease = finder.Open(place.path);
  if (lease.ok()) return ReadIn(lease.value().fd(), snapshot + '/' + place.path, batch);
  if (lease.error().code != ENOENT) job_.failures->Add(std::move(lease.error()));
}

void ContentCheck::ReadIn(int fd, const std::string& path, Batch batch) {
  std::unordered_map<std::uint64_t, ReadItem*> wanted;
  for (size_t i = batch.first; i < batch.last; ++i) {
    ReadItem& item = (*items_)[order_[i]];
    wanted.emplace(item.ino, &item);
  }
  sys::Names names;
  if (sys::Seek(fd, 0, SEEK_SET) < 0 || sys::ReadNames(fd, &names) != 0) {
    job_.failures->Add(LastError("getdents", path));
    return;
  }
  std::unordered_map<std::uint64_t, std::string> found;
  for (const sys::Name name : names) {
    if (wanted.contains(name.ino)) found.emplace(name.ino, name.text);
  }
  // Some filesystems list other inode numbers than stat shows.
  for (auto name = names.begin(); name != names.end() && found.size() < wanted.size(); ++name) {
    sys::Stat stat;
    const bool is_other = !wanted.contains((*name).ino) &&
                          sys::StatAt(fd, (*name).text.data(), &stat) == 0 &&
                          wanted.contains(stat.ino);
    if (is_other) found.emplace(stat.ino, (*name).text);
  }
  for (size_t i = batch.first; i < batch.last; ++i) {
    ReadItem& item = (*items_)[order_[i]];
    const auto name = found.find(item.ino);
    if (name == found.end()) continue;
    if (!MayBegin()) return;
    ReadFile(fd, name->second.c_str(), &item);
    SaveSometimes();
  }
}

void ContentCheck::ReadFile(int dir, const char* name, ReadItem* item) {
  {
    const std::lock_guard lock(mutex_);
    begun_bytes_ += item->size;
  }
  const Fd file = OpenToRead(dir, name, job_.monitor);
  if (!file.valid()) {
    if (errno == EIO) return Judge(item, errno, {});
    if (errno != ENOENT && errno != ECANCELED) job_.failures->Add(LastError("openat", name));
    return;
  }
  sys::Stat stat;
  // Another run may have replaced the name meanwhile.
  const bool is_it = sys::StatFd(file.get(), &stat) == 0 && stat.ino == item->ino;
  if (!is_it) return;
  constexpr std::uint64_t kMostHoles = 1U << 30U;
  const bool is_hollow = !item->has_digest && stat.allocated + kMostHoles < stat.size;
  HashedBytes hashed;
  const Status error = reader_.Hash(file, {stat.size, is_hollow}, &hashed);
  if (error && error->code == ECANCELED) return;
  ++job_.monitor->entries;
  Judge(item, error ? error->code : 0, hashed);
}

void ContentCheck::Judge(ReadItem* item, int code, const HashedBytes& hashed) {
  const std::lock_guard lock(mutex_);
  const Digest& digest = hashed.digest;
  bytes_ += hashed.bytes;
  if (code == 0) ++files_;
  const std::uint64_t content = PrefixOf(digest);
  const bool is_comparable = item->has_digest || item->content != 0;
  const std::uint64_t expected = item->has_digest ? item->key : item->content;
  const bool is_bad = code != 0 || (is_comparable && digest != kNoDigest && content != expected);
  item->is_bad = is_bad;
  item->is_read = true;
  item->time_s = limits_.now_s;
  if (!is_bad) item->content = content;
  if (is_bad) faults_.push_back({item->ino, code, digest});
}

// Often enough that a kill loses little, and seldom enough that writing costs little.
void ContentCheck::SaveSometimes() {
  constexpr std::uint64_t kLeast_ms = 1000;
  constexpr std::uint64_t kMost_ms = 60'000;
  constexpr std::uint64_t kPart = 30;
  const std::unique_lock lock(mutex_);
  const std::uint64_t now = sys::SteadyMs();
  const std::uint64_t pause = std::clamp(save_took_ms_ * kPart, kLeast_ms, kMost_ms);
  if (now - saved_ms_ < pause || save_error_) return;
  save_error_ = (*save_)();
  saved_ms_ = sys::SteadyMs();
  save_took_ms_ = saved_ms_ - now;
}

}  // namespace cura
