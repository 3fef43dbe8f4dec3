// Joins each scanned directory with the same one of the previous snapshot, and plans what differs.
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
  const Filter* selection = nullptr;  // null: all is taken
  Volumes* volumes = nullptr;
  Failures* failures = nullptr;
  Monitor* monitor = nullptr;
};

// The comparison of one run; scanning threads share it.
class Planner {
 public:
  explicit Planner(const CompareOptions& options);

  // Plans the top of the tree, whose entries are the sources, and gets the walk going.
  void Start(ScanStack* stack);
  void Visit(const ScanItem& item, int dir, Listing* listing, ScanStack* stack);
  // After the walk: gives each link group a leader.
  void SettleGroups();
  // After that: finds the moves among what was created and what is gone.
  void FindMoves();
  // After that: finds, for what has changed names, others of the same inode that have not changed.
  void JoinKept();
  // After that: finds what the base of a source lacks, because it was left out there, in older
  // snapshots. `open_older` makes one of them a part of `previous`, or is false where it cannot be
  // used.
  using OpenOlder = std::function<bool(const std::string& snapshot)>;
  void LookBack(const BaseOption& option, const OpenOlder& open_older);
  // After that: sees to it that no two inodes of the source come to share a stored one.
  void SettleClaims();

  [[nodiscard]] const Plan& plan() const { return plan_; }

 private:
  // A directory's own place in the plan (none where nothing differs) and its first new child's.
  struct PlanSlots {
    PlannedDir* own = nullptr;
    std::uint32_t number = 0;
    std::uint32_t first_child = 0;
  };

  void JoinDirectory(const ScanItem& item, Listing* listing, Join* join);
  void CarryUnknown(const ScanItem& item, Listing* listing) const;
  void Carry(const Entry& now, Join* join) const;
  void Take(Entry* now, const Entry* before, Join* join);
  void NoteReplaced(const Entry& now, const Entry& before, Step step, Join* join);
  void Lose(const Entry& before, Join* join);
  void NoteGone(const Entry& before, bool deleted, Join* join);
  PlanSlots Reserve(const ScanItem& item, size_t new_children, Join* join);
  void Record(const Listing& listing, const Join& join, const PlanSlots& slots,
              const std::string& bytes);
  void Keep(const ScanItem& item, Listing* listing, Join* join, ScanStack* stack);
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

  // Moves: renames.cc.
  struct Candidates;
  void CollectGone(Candidates* candidates);
  void CollectOther(Candidates* candidates);
  void MatchMoves(std::uint32_t number, Candidates* candidates);
  std::optional<std::uint64_t> ProveMove(const Entry& now, const Gone& gone, const PlannedDir& dir);
  // How a planned entry is reported that comes from a stored one, and its place in its directory.
  struct Adoption {
    ChangeKind change = ChangeKind::kNone;
    std::uint32_t place = 0;
  };
  void Adopt(Decision decision, MovedFrom origin, PlannedDir* dir, std::uint32_t place);
  bool TakeMove(const Entry& now, const Gone& gone, PlannedDir* dir, std::uint32_t place);
  bool TakeStored(const Entry& now, const Gone& gone, PlannedDir* dir, Adoption as);

  // What the previous snapshot left out: look_back.cc.
  class OlderTree;
  struct Missing;
  [[nodiscard]] std::vector<Missing> FindMissing(std::string_view source);
  void TakeOlder(OlderTree* tree, std::vector<Missing>* missing);

  // Claims to stored inodes: claims.cc.
  struct Claimant;
  class Claims;
  // Who is to be linked from a stored inode, and the source's inode that it was made of (0: not
  // known).
  struct Claimed {
    Identity by;
    std::uint64_t recorded = 0;
  };
  // A name that the previous snapshot has. It has not changed if its group links what it has there.
  struct Follower {
    LinkGroup* group = nullptr;
    std::uint32_t dir = 0;
    std::uint32_t place = 0;
    std::uint64_t stored_ino = 0;
  };
  void FindCrossings();
  void Claim(const Entry& now, const Entry& before);
  void ClaimUnchanged(const Entry& now, const Entry& before, Join* join);
  void Part(std::uint64_t stored_ino, std::vector<Claimant>* claimants);
  void GiveOwnInode(const Claimant& claimant, std::uint64_t stored_ino);
  void NoteMetadata(Decision* decision);

  // Link groups: regroup.cc.
  struct Apart;
  void ForFirsts(std::vector<LinkGroup*>* groups,
                 const std::function<void(LinkGroup* group, const Entry& entry)>& use) const;
  bool IsKept(const Entry& before, DirId id, Apart* apart);
  bool TakeKept(const Entry& before, DirId id, Apart* apart);

  const Sources* const sources_;
  const Previous* const previous_;
  const Identity store_;
  const Trust trust_;
  const Filter* const selection_;
  Volumes* const volumes_;
  Failures* const failures_;
  Monitor* const monitor_;

  std::mutex mutex_;  // guards the plan and what is gone
  Plan plan_;
  std::vector<Gone> gone_;
  std::vector<DirId> gone_dirs_;
  bool has_new_source_ = false;
  bool sees_twice_ = false;    // more names of an inode may be seen than it has
  std::vector<bool> visited_;  // by the previous manifest's numbers: is still in the tree
  std::mutex groups_mutex_;    // guards what follows, and the plan's groups
  std::unordered_map<std::uint64_t, Claimed> claimed_;  // by stored inode
  std::unordered_set<std::uint64_t> contested_;  // stored inodes of different ones, in two bases
  std::unordered_set<Identity, IdentityHash> torn_;  // inodes with different stored ones there
  std::unordered_set<std::uint64_t> doubts_;         // those that others may claim as well
  std::vector<Follower> followers_;
};

}  // namespace cura
