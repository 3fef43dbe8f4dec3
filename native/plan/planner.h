// Compares each scanned directory with the previous snapshot and plans the differences.
#pragma once

#include <functional>
#include <optional>
#include <unordered_set>
#include <utility>

#include "plan/difference.h"
#include "plan/directory_join.h"
#include "scan/sources.h"
#include "store/previous.h"

namespace cura {

struct CompareOptions {
  const Sources* sources = nullptr;
  const Previous* previous = nullptr;
  Identity store;
  Trust trust;
  const Filter* selection = nullptr;  // null: take everything
  Volumes* volumes = nullptr;
  Failures* failures = nullptr;
  Monitor* monitor = nullptr;
};

// Plans one run. Scanning threads share it.
class Planner {
 public:
  explicit Planner(const CompareOptions& options);

  // Plans the top of the tree, whose entries are the sources, and starts the walk.
  void Start(ScanStack* stack);
  void Visit(const ScanItem& item, int dir, Listing* listing, ScanStack* stack);
  // After the walk: gives a leader to each group without one.
  void SettleGroups();
  // After SettleGroups: finds moves among the created and the deleted files.
  void FindMoves();
  // After FindMoves: joins changed names with unchanged names of the same inode.
  void JoinKept();
  // After JoinKept: finds files in older snapshots that the base of a source lacks. `open_older`
  // adds an older snapshot to `previous`, and returns false if it cannot be used.
  using OpenOlder = std::function<bool(const std::string& snapshot)>;
  void LookBack(const BaseOption& option, const OpenOlder& open_older);
  // After LookBack: ensures that no two source inodes share a stored one.
  void SettleClaims();

  [[nodiscard]] const Plan& plan() const { return plan_; }

 private:
  // The slots in the plan of a directory (null if nothing differs in it) and of its first new
  // child.
  struct PlanSlots {
    PlannedDir* own = nullptr;
    std::uint32_t number = 0;
    std::uint32_t first_child = 0;
  };

  void JoinDirectory(const ScanItem& item, Listing* listing, Join* join);
  static void CarryUnknown(BlockReader before_block, Listing* listing);
  void CarryEntry(const Entry& now, Join* join);
  void PlanEntry(Entry* now, const Entry* before, Join* join);
  void NoteReplaced(const Entry& now, const Entry& before, Step step, Join* join);
  void NoteDeleted(const Entry& before, Join* join);
  void NoteGone(const Entry& before, bool deleted, Join* join);
  PlanSlots Reserve(const ScanItem& item, size_t new_children, Join* join);
  void RecordBlock(const Listing& listing, const Join& join, const PlanSlots& slots,
                   const std::string& bytes);
  void RecordAndDescend(const ScanItem& item, Listing* listing, Join* join, ScanStack* stack);
  [[nodiscard]] ScanItem ItemFor(const ScanItem& parent, const Entry& entry) const;

  // Single entries: decisions.cc.
  Decision Decide(Entry* now, const Entry* before, Join* join);
  Difference CompareContents(const Entry& now, Join* join);
  Difference CompareXattrs(const Entry& now, const Entry& before, Join* join);
  static void KeepEvidence(Entry* now, const Entry& before);
  static void KeepAsBefore(Entry* now, const Entry& before);
  bool CanEnter(const Entry& now, const Join& join);
  static Decision OwnInode(const Entry& now);
  static Decision Unread(Entry* now);
  Decision NotStored(Entry* now, Join* join);
  Decision DecideDirectory(Difference difference, Entry* now, const Entry* before, Join* join);
  Decision DecideFollower(bool may_lead, Entry* now, const Entry* before, Join* join);
  Decision DecideLinked(Difference difference, Entry* now, const Entry* before, Join* join);
  Decision Resolve(Difference difference, Entry* now, const Entry* before, Join* join);
  Decision ResolveMoved(Entry* now, const Entry* before, Join* join);
  void NoteNames(const Listing& listing, const Join& join, std::uint32_t number);
  bool CanRead(const Entry& now, Join* join);
  bool CanReadWhole(const Fd& fd, const Entry& now, Join* join);
  std::optional<bool> IsSameContent(const Entry& now, Join* join);
  bool HasSameXattrs(const Entry& now, const Entry& before, Join* join);
  [[nodiscard]] std::shared_ptr<Dir> StoredDirectory(const Entry& now, const Join& join) const;
  bool OpenStored(const Entry& now, Join* join);
  Fd OpenStoredFile(const Entry& now, Join* join);
  std::optional<bool> JudgeStored(OsError error, const Entry& now, const Join* join);
  bool ReadExtras(Entry* now, Join* join);
  bool ReadTarget(Entry* now, Join* join);

  // Moves: moves.cc.
  struct Candidates;
  void CollectGone(Candidates* candidates);
  void CollectOther(Candidates* candidates);
  void MatchMoves(std::uint32_t number, Candidates* candidates);
  std::optional<std::uint64_t> ProveMove(const Entry& now, const Gone& gone, const PlannedDir& dir);
  // How to report an entry that comes from a stored one, and its place in its directory.
  struct Adoption {
    ChangeKind change = ChangeKind::kNone;
    std::uint32_t place = 0;
  };
  void Adopt(Decision decision, MovedFrom origin, PlannedDir* dir, std::uint32_t place);
  bool TakeMove(const Entry& now, const Gone& gone, PlannedDir* dir, std::uint32_t place);
  bool TakeStored(const Entry& now, const Gone& gone, PlannedDir* dir, Adoption as);

  // Older snapshots: look_back.cc.
  class OlderTree;
  struct Missing;
  [[nodiscard]] std::vector<Missing> FindMissing(std::string_view source);
  void LinkToOlder(OlderTree* tree, std::vector<Missing>* missing);

  // Claims to stored inodes: claims.cc.
  struct Claimant;
  class Claims;
  // The source inode that is linked to a stored inode, and the source inode that the stored one was
  // made from (0: unknown).
  struct Claimed {
    Identity by;
    std::uint64_t recorded = 0;
  };
  // A follower whose name is in the previous snapshot. The name is unchanged only if its group
  // links the same stored inode.
  struct Follower {
    LinkGroup* group = nullptr;
    std::uint32_t dir = 0;
    std::uint32_t place = 0;
    std::uint64_t stored_ino = 0;
  };
  void FindCrossings();
  void Claim(const Entry& now, const Entry& before);
  void ClaimUnchanged(const Entry& now, const Entry& before, Join* join);
  void NoteCarried(const Entry& carried);
  void SeparateClaimants(std::uint64_t stored_ino, std::vector<Claimant>* claimants);
  void GiveOwnInode(const Claimant& claimant, std::uint64_t stored_ino);
  void NoteMetadata(Decision* decision);

  // Link groups: link_groups.cc.
  struct Apart;
  void ForEachFirst(std::vector<LinkGroup*>* groups,
                    const std::function<void(LinkGroup* group, const Entry& entry)>& use) const;
  bool IsKept(const Entry& before, DirId id, Apart* apart);
  bool LinkToKept(const Entry& before, DirId id, Apart* apart);

  const Sources* const sources_;
  const Previous* const previous_;
  const Identity store_;
  const Trust trust_;
  const Filter* const selection_;
  Volumes* const volumes_;
  Failures* const failures_;
  Monitor* const monitor_;

  std::mutex mutex_;  // guards the plan and the deleted entries
  Plan plan_;
  std::vector<Gone> gone_;
  std::vector<DirId> gone_dirs_;
  bool has_new_source_ = false;
  bool sees_twice_ = false;    // the walk may see more names of an inode than it has
  std::vector<bool> visited_;  // by number in the previous manifest: still in the tree
  std::mutex groups_mutex_;    // guards the members below and the plan's groups
  std::unordered_map<std::uint64_t, Claimed> claimed_;  // by stored inode
  std::unordered_set<std::uint64_t> contested_;         // stored inodes that bases disagree about
  std::unordered_set<Identity, IdentityHash> torn_;     // source inodes that bases disagree about
  std::unordered_set<std::uint64_t> carried_;           // stored inodes of those in carried names
  std::unordered_set<std::uint64_t> doubts_;  // stored inodes that may have several claimants
  std::vector<Follower> followers_;
};

}  // namespace cura
