// Makes single entries of the new tree: copies, clones, links, symlinks and special files.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <unordered_set>

#include "base/entry.h"
#include "base/failures.h"
#include "base/monitor.h"
#include "file/copy.h"
#include "file/digest.h"
#include "file/metadata.h"
#include "tree/dir.h"

namespace cura {

// Not an errno: a file came out shorter than it says it is.
inline constexpr int kShortCode = 100'031;

// What became of one entry.
enum class EntryOutcome : std::uint8_t {
  kDone,
  kMustCopy,   // it cannot be linked; nothing was made
  kUnread,     // it could not be read, which is reported; nothing was made
  kVanished,   // the source no longer has it, which is reported; nothing was made
  kNotStored,  // the store cannot hold it, which is reported; nothing was made
};

// Whether a call failed because the store's filesystem cannot hold a name or a link target: too
// long, of wrong bytes, or the same as another one but for case. It is that entry's trouble alone.
bool IsBadName(int error, std::string_view name);

// Where an entry is, with its path for messages.
struct Site {
  int dir = -1;
  std::string name;
  const Dir* above = nullptr;  // the directory's place in its tree
  [[nodiscard]] std::string Path() const { return above->PathOf(name); }
};

// Makes entries in one store, for the threads of one run. Errors are the store's: they end the
// run. What is wrong with a source entry is reported and told by Made.
class EntryMaker {
 public:
  // With `digests` each file that is stored anew gets one.
  EntryMaker(Failures* failures, Monitor* monitor, bool digests);

  // Before anything is made: whether each file is synced before it is closed.
  void SyncEach(bool syncs) { syncs_ = syncs; }

  // Copies a regular file with what belongs to it. `entry` becomes what was really stored.
  Result<EntryOutcome> CopyFile(const Site& from, const Site& to, Entry* entry);
  // Content from the snapshot's file `stored`, metadata of `entry`, attributes from `source`.
  Result<EntryOutcome> CloneFile(const Site& stored, const Site& source, const Site& to,
                                 Entry* entry);
  // A symlink or a special file.
  Result<EntryOutcome> MakeNode(const Site& from, const Site& to, Entry* entry);
  // A second name for an inode; kMustCopy where the inode or this user cannot, or where it is
  // another one than `expected_ino` (0: any will do). That a file of many bytes must be copied for
  // it is a note; symlinks and the like are made anew where a filesystem links files alone.
  Result<EntryOutcome> Link(const Site& from, const Site& to, std::uint64_t expected_ino,
                            Type type);
  // Notes an error of the source, and says what it means for its entry.
  EntryOutcome Report(OsError error);
  // Notes that the store cannot hold an entry.
  EntryOutcome Refuse(OsError error, const Entry& entry);

 private:
  struct Opened;
  struct Target;
  std::optional<EntryOutcome> OpenSource(const Site& from, Opened* opened);
  Result<Target> Create(const Opened& from, const Site& site, const Site& to, bool hashes);
  bool MayClone(std::uint64_t dev);
  void JudgeClone(int refused, std::uint64_t dev, const Site& site);
  Result<EntryOutcome> FillFrom(const Site& from, const Site& to, Opened* opened, Target* target);
  Result<EntryOutcome> FillFromStored(const Site& to, const Opened& opened, Target* target);
  EntryOutcome EndShort(const Site& from, Opened* opened, const Target& target);
  std::optional<CopyError> Read(const Opened& opened, Target* target);
  std::optional<CopyError> Fill(const Opened& opened, Target* target);
  static Status Empty(const Site& to, Target* target);
  Result<EntryOutcome> Judge(CopyError error, const Site& from, const Site& to);
  Digest DigestFrom(ContentHash* hash, const Site& site);
  Xattrs XattrsOf(const Place& place, const Site& site, Entry* entry);
  Status Finish(const Site& to, Target target, const Xattrs& xattrs, Entry* entry);

  Failures* const failures_;
  Monitor* const monitor_;
  const bool digests_;
  bool syncs_ = false;
  std::mutex mutex_;                            // guards what follows
  std::unordered_set<std::uint64_t> unshared_;  // devices that share no blocks with the store's
};

}  // namespace cura
