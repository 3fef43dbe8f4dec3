// Compares what is at the target with the snapshot, and plans the differences. Writes nothing.
#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "manifest/merge.h"
#include "restore/left_out.h"
#include "restore/live_state.h"
#include "restore/restore_plan.h"
#include "restore/stored_tree.h"
#include "scan/scan.h"

namespace cura {

class TargetComparison {
 public:
  // Everything must outlive the comparison; `filter` is null if nothing is left out.
  TargetComparison(const RestoreOptions* options, const StoredTree* stored, Filter* filter,
                   const JobContext& job)
      : options_(options),
        stored_(stored),
        filter_(filter),
        left_out_(filter, stored->root),
        job_(job),
        rules_(*options) {}

  Status Run(RestorePlan* plan);

 private:
  // A directory of the target while it is compared.
  struct Join {
    const ScanItem* item = nullptr;
    int dir = -1;
    bool may_delete = false;
    Listing* listing = nullptr;
    std::string shown;  // the path in the snapshot of the only name, if it has another name there
    std::vector<RestoreItem> items;
    RestoreCounts counts;
    std::uint64_t existing = 0;
  };
  // The top of an operand.
  struct Top {
    std::uint64_t mount = 0;
    bool keeps_own = false;
  };

  // Operands: restore_operands.cc.
  struct Opening {
    std::uint32_t number = 0;
    const RestoreOperand& operand;
    std::shared_ptr<Dir> root;
    bool is_missing = false;  // the root
  };
  // A name that exists.
  struct OneName {
    std::string name;
    const std::optional<FoundEntry>& stored;
    int dir = -1;
    sys::Stat stat;
  };
  Status AddOperand(const RestoreOperand& operand, std::uint32_t number);
  Status AddContents(const Opening& opening);
  Status AddPath(const Opening& opening);
  Status AddMissing(const Opening& opening, RestoreDir dir, const FoundEntry& stored,
                    const std::string& live);
  bool IsLost(const Opening& opening);
  void CompareOne(const Opening& opening, RestoreDir dir, const OneName& one);
  void Surround(RestoreDir* dir);
  Status CheckRoot(const Fd& root, const RestoreOperand& operand) const;
  [[nodiscard]] bool IsStore(const Entry& live) const {
    return Identity{live.dev, live.ino} == options_->store->identity();
  }
  [[nodiscard]] std::shared_ptr<const Scope> ScopeOf(const std::string& path,
                                                     std::uint64_t dev) const;

  void Visit(const ScanItem& item, int dir, Listing* listing);
  static void AddSockets(Join* join);
  void Decide(Entry* live, Entry* stored, Join* join);
  void DecideExtra(const Entry& live, Join* join);
  void DecideMissing(const Entry& stored, Join* join);
  void DecideBoth(const Entry& live, const Entry& stored, Join* join);
  void DecideDirectory(const Entry& live, const Entry& stored, Join* join);
  void Keep(const Entry& live, const Entry& stored, Join* join);
  void Doom(const Entry& live, Join* join);
  [[nodiscard]] LiveState StateOf(const Entry& live, const Entry& stored, const Join& join);
  [[nodiscard]] bool MayOverwrite(const Entry& live, const Entry& stored) const;
  [[nodiscard]] LiveState ByContent(LiveState state, const Entry& live, const Entry& stored,
                                    const Join& join);
  [[nodiscard]] bool XattrsDiffer(const Entry& live, const Entry& stored, const Join& join) const;
  bool Claim(const Entry& live, const Entry& stored, const Join& join);
  RestoreItem ItemFor(const Entry& live, RestoreStep step, Type type);
  std::string_view Kept(std::string_view name);
  void Record(Join* join);

  // What is missing: missing_tree.cc.
  struct Size {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
  };
  Size CountBelow(const Entry& directory, const std::string& path, std::string_view only);
  // Plans one name that is missing in a directory.
  RestoreItem PlanMissing(const RestoreDir& dir, const Entry& stored, RestoreCounts* counts);
  void PlanEntries(RestoreDir* dir, RestoreCounts* counts);
  void SplitMissing(const RestoreDir& above, const Entry& stored, const std::string& path);
  std::uint64_t BytesOf(const Entry& file);

  const RestoreOptions* const options_;
  const StoredTree* const stored_;
  Filter* const filter_;
  const LeftOut left_out_;
  const JobContext job_;
  const MetadataRules rules_;
  Volumes volumes_;
  ScanStack stack_;
  std::vector<Top> tops_;

  std::mutex mutex_;  // guards the members below
  RestorePlan* plan_ = nullptr;
  std::unordered_map<Identity, GroupKey, IdentityHash> claimed_;     // by live inode
  std::unordered_map<GroupKey, Identity, IdentityHash> live_group_;  // the live inode of a group
  std::unordered_map<GroupKey, bool, IdentityHash> counted_;         // groups whose bytes count
  std::uint64_t loners_ = 0;
};

}  // namespace cura
