// Makes the new entries of some directories, each in a private directory beside its final place.
#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "restore/entry_restorer.h"
#include "restore/left_out.h"
#include "restore/restore_plan.h"
#include "tree/walk.h"

namespace cura {

// What was made for one planned directory.
struct Staged {
  RestoreDir* dir = nullptr;
  std::shared_ptr<Dir> place;  // the private directory; null if there is nothing to make
  std::string name;            // its name in the directory
  std::shared_ptr<LinkBase> base;
  std::vector<char> made;               // by item
  std::optional<std::uint32_t> opened;  // the mode that the directory had before it was opened up
};

// Opens a directory that this run has just made. From now on, none that takes its name is opened.
Result<DirLease> OpenMade(Dir* dir);
// Whether an error concerns the whole target, so that no other entry can be made either.
bool EndsRun(int error);

// A directory whose entries are being made.
struct Making : WalkNode<Making> {
  std::shared_ptr<Dir> stored;
  std::shared_ptr<Dir> target;
  Staged* staged = nullptr;  // of a planned directory, else null
  std::string only;
  std::optional<Entry> own;  // of a new directory, with its attributes
  Xattrs xattrs;
  std::vector<Entry> entries;
  std::vector<std::uint32_t> items;   // of a planned directory: the item of each entry
  std::shared_ptr<const void> owner;  // of what the entries point to
  std::shared_ptr<LinkBase> base;
  std::shared_ptr<const Inside> inside;  // below the base
};

class Staging : private TreeWalk<Making> {
 public:
  Staging(const StoredTree* stored, const LeftOut* left_out, EntryRestorer* restorer,
          const JobContext& job)
      : TreeWalk(Unstopped(job, &walking_), ApplyThreads()),
        walking_(job.monitor->id),
        watched_(job.monitor),
        stored_(stored),
        left_out_(left_out),
        restorer_(restorer) {}

  // Makes what these directories of the plan need. May be called for one batch after another, but
  // not after an error, which is one of the target. A run that is stopped makes no more entries,
  // but gives the directories that it has made their metadata, because they stay.
  Status Run(const RestorePlan* plan, std::vector<Staged>* batch);
  // The number of entries that all calls made.
  [[nodiscard]] std::uint64_t made() const { return made_; }

 private:
  // An entry that waits for the leader of its group.
  struct Waiting {
    NodePtr node;
    std::uint32_t at = 0;
  };
  struct Group {
    bool is_made = false;
    LinkPlace place;
    std::vector<Waiting> waiting;
  };

  // The walk itself is not stopped, so that it seals the directories.
  static JobContext Unstopped(JobContext job, Monitor* monitor) {
    job.monitor = monitor;
    return job;
  }
  [[nodiscard]] bool is_stopped() const { return watched_->abort; }
  Status Enter(const NodePtr& node) override;
  Status Work(const NodePtr& node, Piece piece) override;
  Status Seal(Making* node) override;
  Status EnterTop(const NodePtr& top);
  Status MakePlace(Staged* staged);
  Status MkdirIn(Staged* staged, int dir);
  void Choose(Making* node) const;
  Status MakeEntry(const NodePtr& node, std::uint32_t at);
  static RestoreSite SiteOf(const Making& node, int stored_above, int target);
  Status ReadOwnXattrs(Making* child) const;
  Status MakeDirectory(const NodePtr& node, std::uint32_t at, int target);
  Status MakeGrouped(const NodePtr& node, std::uint32_t at, const GroupKey& key);
  Status Lead(const NodePtr& node, std::uint32_t at, const GroupKey& key);
  static LinkPlace PlaceOf(const Making& node, std::uint32_t at);
  static bool LinkFrom(std::shared_ptr<Dir> dir, const LinkPlace& place, const Site& to);
  // Returns whether the inode can have this name as well.
  Result<bool> Link(Making* node, std::uint32_t at, const LinkPlace& place);
  Result<bool> MakeAlone(Making* node, std::uint32_t at);
  Result<bool> IfAlone(OsError error, const Making& node, std::uint32_t at) const;
  static std::string TargetName(const Making& node, std::uint32_t at);
  void NoteMade(Making* node, std::uint32_t at);
  void Report(OsError error, const Making& node, size_t at) const;

  Monitor walking_;
  Monitor* const watched_;
  const StoredTree* const stored_;
  const LeftOut* const left_out_;
  EntryRestorer* const restorer_;
  const RestorePlan* plan_ = nullptr;
  std::vector<Staged>* batch_ = nullptr;
  std::atomic<std::uint64_t> made_ = 0;
  std::uint64_t next_ = 0;  // of the names of private directories
  std::mutex mutex_;        // guards the members below
  std::unordered_map<GroupKey, Group, IdentityHash> groups_;
};

}  // namespace cura
