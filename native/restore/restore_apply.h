// Carries out the plan of a restore.
#pragma once

#include <set>
#include <vector>

#include "restore/staging.h"

namespace cura {

// What a restore has done.
struct Restored {
  std::uint64_t restored = 0;
  std::uint64_t updated = 0;
  std::uint64_t deleted = 0;
  std::uint64_t bytes = 0;
  std::uint64_t verified = 0;
  std::uint64_t unverified = 0;
  std::uint64_t damaged = 0;
  std::uint64_t donated = 0;
};

class RestoreApply {
 public:
  RestoreApply(const RestoreOptions& options, const StoredTree* stored, Filter* filter,
               const JobContext& job)
      : stored_(stored),
        left_out_(filter, stored->root),
        keeps_silently_(filter != nullptr),
        job_(job),
        restorer_(options, stored, job),
        staging_(stored, &left_out_, &restorer_, job) {}

  // After an error, every file is still its old or its new self, and nothing temporary is left. The
  // monitor then counts the entries that were restored and stay.
  Result<Restored> Run(RestorePlan* plan);

 private:
  Status MakeMissing();
  Status MakeOwn(RestoreDir* dir);
  Status Prepare(RestoreDir* dir);
  Status MakeBatches();
  Status Commit(std::vector<Staged>* batch);
  Status CommitDir(Staged* staged);
  void CommitItem(Staged* staged, const RestoreItem& item, int from, int to);
  void Discard(Staged* staged);
  void Abandon(Staged* staged);  // discards it, and what it has made does not count
  Status SyncTargets(const std::vector<Staged>& batch) const;

  // After everything new is in its place: finishing.cc.
  void FinishAll(bool may_delete);
  void FinishDir(RestoreDir* dir, bool may_delete);
  void OpenUp(const RestoreDir& dir, int at);
  void DeleteItem(const RestoreDir& dir, const RestoreItem& item, int at);
  void ReplaceDirectories(Staged* staged, int at);
  void RemoveLeftover(const RestoreItem& item, int at);
  void SetMetadata(const RestoreDir& dir, const RestoreItem& item, int at);
  void SetOwn(const RestoreDir& dir);
  [[nodiscard]] Result<Entry> StoredEntry(const RestoreDir& dir, const RestoreItem& item) const;
  // Whether the name still is what the plan saw. Reports it if not.
  bool IsUntouched(const RestoreDir& dir, const RestoreItem& item, int at);
  void Fail(int code, const char* syscall, std::string path);
  void FailNow(const char* syscall, std::string path) { Fail(errno, syscall, std::move(path)); }

  const StoredTree* const stored_;
  const LeftOut left_out_;
  const bool keeps_silently_;  // what the selection leaves out keeps its directories
  const JobContext job_;
  EntryRestorer restorer_;
  Staging staging_;
  RestorePlan* plan_ = nullptr;
  std::uint64_t next_ = 0;     // directory to make
  std::set<const Dir*> lost_;  // missing directories that could not be made
  std::unordered_map<const RestoreDir*, Staged>
      late_;  // waiting until the directories they replace are gone
  std::unordered_map<const RestoreDir*, std::uint32_t> opened_;  // their modes before
  Restored done_;
};

}  // namespace cura
