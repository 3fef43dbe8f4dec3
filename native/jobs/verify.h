// Verifies the snapshots of a store, and heals what is damaged.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/scrub_record.h"
#include "store/store.h"
#include "tree/job_context.h"
#include "verify/content_check.h"
#include "verify/heal.h"
#include "verify/tree_check.h"

namespace cura {

struct VerifiedSnapshot {
  std::string name;
  bool has_no_record = false;
  std::string base;
};

struct VerifyOptions {
  std::shared_ptr<const Store> store;
  std::vector<VerifiedSnapshot> snapshots;  // newest first
  std::vector<std::string> all;
  ReadLimits limits;
  Excused excused;
};

struct Checked {
  std::uint64_t entries = 0;
  std::uint64_t inodes = 0;
  std::uint64_t bytes = 0;
  std::uint64_t checked_inodes = 0;
  std::uint64_t checked_bytes = 0;
  std::uint64_t unread = 0;
  std::uint64_t undigested = 0;
  std::int64_t oldest_s = 0;
  std::uint64_t damaged = 0;
  bool is_partial = false;
  std::vector<std::string> gone;
  int unrecorded = 0;  // the errno if no record can be kept
};

// The caller runs the stages in order, each from one thread.
class VerifyJob {
 public:
  // `lock` is that of LockScrub; invalid with the errno in `unrecorded` if none can be had.
  VerifyJob(std::shared_ptr<Resources> resources, VerifyOptions options, Fd lock, int unrecorded);

  Result<Checked> Check();
  // Returns the next damages, at most `limit`; none at the end.
  std::vector<Damage> Damages(size_t limit);
  [[nodiscard]] size_t damages() const { return damages_.size(); }
  Result<Healed> Heal(HealOptions options);

  [[nodiscard]] const std::shared_ptr<Monitor>& monitor() const { return job_.monitor(); }
  [[nodiscard]] const Failures& failures() const { return job_.failures(); }

 private:
  Status CheckTrees();
  Status CheckTree(size_t number);
  void JudgeMoved();
  void ListItems();
  Status ReadContents();
  Status Save();
  Status NameAll();
  void Merge();
  void Collect(std::vector<FoundName> found);
  [[nodiscard]] bool IsWhole() const { return options_.snapshots.size() >= options_.all.size(); }

  Job job_;
  const JobContext context_ = job_.context();
  VerifyOptions options_;
  const Fd lock_;
  Checked checked_;
  Census census_;
  std::vector<std::string> names_;
  bool keeps_inodes_ = false;
  ScrubRecord record_;
  std::mutex mutex_;  // guards the members below while trees are checked
  std::vector<Damage> damages_;
  std::vector<MovedName> moved_;
  Status error_;
  std::vector<ReadItem> items_;
  size_t next_ = 0;
};

}  // namespace cura
