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

// Not an errno: a file is shorter than its size says.
inline constexpr int kShortCode = 100'031;

// The outcome of making one entry.
enum class EntryOutcome : std::uint8_t {
  kDone,
  kMustCopy,   // the inode cannot be linked; nothing was made
  kUnread,     // the source cannot be read, which is reported; nothing was made
  kVanished,   // the source no longer exists, which is reported; nothing was made
  kNotStored,  // the store cannot hold the entry, which is reported; nothing was made
};

// Whether a call failed because the store's filesystem cannot hold a name or a link target: too
// long, invalid bytes, or equal to another name except for case. Only that entry is affected.
bool IsBadName(int error, std::string_view name);

// The place of an entry, with its path for messages.
struct Site {
  int dir = -1;
  std::string name;
  const Dir* above = nullptr;  // the directory in its tree
  [[nodiscard]] std::string Path() const { return above->PathOf(name); }
};

// Makes entries in one store, for all threads of a run. An error comes from the store and ends the
// run. A problem with a source entry is reported, and the EntryOutcome says so.
class EntryMaker {
 public:
  // With `digests`, each newly stored file gets a digest.
  EntryMaker(Failures* failures, Monitor* monitor, bool digests);

  // Whether to sync each file before closing it. Call it before making any entry.
  void SyncEach(bool syncs) { syncs_ = syncs; }

  // Copies a regular file and its metadata. `entry` becomes what was actually stored.
  Result<EntryOutcome> CopyFile(const Site& from, const Site& to, Entry* entry);
  // Makes a file with the content of the snapshot's file `stored`, the metadata of `entry` and the
  // attributes of `source`.
  Result<EntryOutcome> CloneFile(const Site& stored, const Site& source, const Site& to,
                                 Entry* entry);
  // Makes a symlink or a special file.
  Result<EntryOutcome> MakeNode(const Site& from, const Site& to, Entry* entry);
  // Makes a second name for an inode. Returns kMustCopy if the inode or this user cannot be linked,
  // or if the inode is not `expected_ino` (0: any). A refused link of a file is noted, because its
  // content must be copied; some filesystems link only files, so other types get no note.
  Result<EntryOutcome> Link(const Site& from, const Site& to, std::uint64_t expected_ino,
                            Type type);
  // Reports a source error, and returns the outcome for its entry.
  EntryOutcome Report(OsError error);
  // Reports that the store cannot hold an entry.
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
  EntryOutcome HandleShortCopy(const Site& from, Opened* opened, const Target& target);
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
  std::mutex mutex_;                            // guards the members below
  std::unordered_set<std::uint64_t> unshared_;  // devices that cannot share blocks with the store
};

}  // namespace cura
