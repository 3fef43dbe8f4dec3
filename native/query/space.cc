// Counts all snapshots at the same time, in several threads, and then judges each inode once.
#include "query/space.h"

#include <mutex>
#include <set>
#include <utility>

#include "base/capacity.h"
#include "base/pool.h"
#include "query/snapshot_count.h"
#include "store/stored_snapshot.h"

namespace cura {

namespace {

// A snapshot to count.
struct Subject {
  std::string name;
  bool in_set = false;
  bool is_listed = false;   // without its record
  bool is_damaged = false;  // its record
  std::string why_not;      // why there is no usable record
  SnapshotTotals totals;
};

// Opens the record; null if it cannot be used. A copied one has the inode numbers of another tree.
Result<std::shared_ptr<const Manifest>> RecordFor(const Fd& store, Subject* subject) {
  if (subject->is_listed) return std::shared_ptr<const Manifest>();
  auto opened = OpenRecord(store, subject->name);
  if (!opened.ok() && opened.error().code == ENOENT) return std::shared_ptr<const Manifest>();
  if (!opened.ok()) return std::move(opened.error());
  subject->why_not = std::move(opened.value().why_not);
  auto& manifest = opened.value().manifest;
  subject->is_listed = manifest == nullptr || !manifest->is_in_place();
  if (subject->is_listed) manifest.reset();
  return std::move(manifest);
}

class Measurement {
 public:
  Measurement(const Fd& store, const SpaceQuestion& question, const JobContext& job)
      : store_(store), question_(question), job_(job) {}

  Result<Space> Run();

 private:
  void Choose();
  Status CountAll();
  Status CountOne(size_t number);
  bool Distrust();
  bool DropGone();
  Space Judge();
  void JudgeInode(const InodeUse& use, Space* space) const;
  Status FindTop(Space* space);

  const Fd& store_;
  const SpaceQuestion& question_;
  const JobContext job_;
  std::vector<Subject> subjects_;
  std::unique_ptr<InodeTable> table_;
  std::vector<std::string> gone_;
  std::mutex mutex_;  // guards error_
  Status error_;
};

void Measurement::Choose() {
  const std::set<std::string> set(question_.set.begin(), question_.set.end());
  for (const std::string& name : question_.names) {
    subjects_.push_back({name, set.contains(name), false, false, {}, {}});
  }
}

// The record is in memory only while its snapshot is counted.
Status Measurement::CountOne(size_t number) {
  Subject& subject = subjects_[number];
  auto manifest = RecordFor(store_, &subject);
  if (!manifest.ok()) return std::move(manifest.error());
  const NamePlace place{static_cast<std::uint32_t>(number), subject.in_set};
  SnapshotCount count(job_, manifest.value(), table_.get(), place);
  auto error = count.Run(store_, subject.name);
  subject.totals = count.totals();
  subject.is_damaged = manifest.value() != nullptr && manifest.value()->failed();
  return subject.is_damaged ? std::nullopt : std::move(error);
}

Status Measurement::CountAll() {
  job_.monitor->Begin(kReadPhase);
  table_ = std::make_unique<InodeTable>();
  error_.reset();
  // The first one alone: otherwise every thread would look at each inode that all share.
  if (auto error = subjects_.empty() ? std::nullopt : CountOne(0)) return error;
  WorkStack<size_t> stack;
  // The last one that is pushed is counted first.
  for (size_t number = subjects_.size(); number > 1; --number) stack.Push(number - 1);
  RunPool(job_.threads, MostThreads(), &stack, [&](size_t number) {
    auto error = CountOne(number);
    if (!error) return;
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    stack.Stop();
  });
  return error_;
}

// Forgets snapshots that were removed meanwhile. Returns whether there were any.
bool Measurement::DropGone() {
  const auto is_gone = [](const Subject& subject) { return subject.totals.is_gone; };
  for (const Subject& subject : subjects_) {
    if (is_gone(subject)) gone_.push_back(subject.name);
  }
  return std::erase_if(subjects_, is_gone) > 0;
}

// Forgets records that are damaged or contradict the trees. Returns whether there were any.
bool Measurement::Distrust() {
  bool contradict = false;
  // Only a record can name an inode more often than the filesystem does.
  table_->ForEach([&](const InodeUse& use) { contradict = contradict || use.names > use.nlink; });
  bool any = false;
  for (Subject& subject : subjects_) {
    if (subject.is_listed || !(contradict || subject.is_damaged)) continue;
    subject.why_not = subject.is_damaged ? "it is damaged" : "it does not match the tree";
    subject.is_listed = true;
    any = true;
  }
  return any;
}

Result<Space> Measurement::Run() {
  Choose();
  // Each round has fewer snapshots, or fewer that are believed, than the one before.
  do {
    if (auto error = CountAll()) return std::move(*error);
  } while (DropGone() || Distrust());
  Space space = Judge();
  if (auto error = FindTop(&space)) return std::move(*error);
  return space;
}

void AddTo(Freed* freed, const SnapshotTotals& totals) {
  freed->entries += totals.entries;
  freed->inodes += totals.directories;
  freed->bytes += totals.directory_bytes;
}

void AddTo(Freed* freed, const InodeUse& use) {
  const bool is_foreign = use.names < use.nlink;
  (is_foreign ? freed->foreign_inodes : freed->inodes) += 1;
  (is_foreign ? freed->foreign_bytes : freed->bytes) += use.allocated;
}

void Measurement::JudgeInode(const InodeUse& use, Space* space) const {
  AddTo(&space->all, use);
  if (use.outside == 0) AddTo(&space->set, use);
  if (use.only != InodeUse::kSeveral) AddTo(&space->snapshots[use.only].alone, use);
}

Space Measurement::Judge() {
  Space space;
  for (const Subject& subject : subjects_) {
    const SnapshotTotals& totals = subject.totals;
    space.snapshots.push_back({subject.name, totals.files, totals.bytes, {}});
    AddTo(&space.snapshots.back().alone, totals);
    AddTo(&space.all, totals);
    if (subject.in_set) AddTo(&space.set, totals);
    if (!subject.why_not.empty()) space.listed.push_back({subject.name, subject.why_not});
    space.unread += totals.unread;
  }
  table_->ForEach([&](const InodeUse& use) { JudgeInode(use, &space); });
  space.gone = std::move(gone_);
  return space;
}

Status Measurement::FindTop(Space* space) {
  if (question_.top == 0) return std::nullopt;
  CostlyQuestion question;
  question.costs = question_.top_of_set ? Costs::kInSet : Costs::kAlone;
  question.top = question_.top;
  for (const Subject& subject : subjects_) {
    if (question_.top_of_set && !subject.in_set) continue;
    question.snapshots.push_back({subject.name, subject.is_listed});
  }
  auto top = Costliest(store_, question, table_.get(), job_);
  if (!top.ok()) return std::move(top.error());
  space->top = std::move(top.value());
  return std::nullopt;
}

}  // namespace

Result<Space> MeasureSpace(const Fd& store, const SpaceQuestion& question, const JobContext& job) {
  return Measurement(store, question, job).Run();
}

}  // namespace cura
