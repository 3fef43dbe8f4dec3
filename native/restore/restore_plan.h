// The plan of a restore: the directories in which something differs, and what to do there.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/chain.h"
#include "manifest/manifest.h"
#include "tree/dir.h"

namespace cura {

enum class RestoreStep : std::uint8_t {
  kMake,      // nothing is there: make it, with everything below it
  kReplace,   // something else is there
  kMetadata,  // a file whose metadata differ
  kDelete,
  kKeep,      // something else is there, and it stays
  kLeftover,  // a temporary file or directory of a restore that was killed: remove it
};

// What to do with one name in a directory. What exists there is described so that nothing else is
// ever replaced or removed.
struct RestoreItem {
  std::string_view name;  // a NUL follows
  RestoreStep step = RestoreStep::kMake;
  Type type = Type::kFile;       // of the entry to restore; of the live one if it goes
  Type live_type = Type::kFile;  // with kMake nothing is there
  bool is_apart = false;         // a large directory, which is planned as one of its own
  std::uint64_t ino = 0;
  std::uint64_t size = 0;  // of the file to write
  Timestamp mtime;
  Timestamp ctime;  // all zero: the inode has several names, so this run itself may change it
};

// The path of an entry of the directory `above`, which is empty for the top of the snapshot.
std::string JoinPath(const std::string& above, std::string_view name);
// A copy that outlives the block of the record.
std::unique_ptr<Entry> WithoutViews(const Entry& entry);

// A directory in which something differs.
struct RestoreDir {
  std::shared_ptr<Dir> target;
  DirId stored = kNoDir;           // in the manifest; kNoDir: everything in it goes
  std::vector<RestoreItem> items;  // by name
  std::unique_ptr<Entry> own;      // the metadata that it gets at the end; null if they stay
  // Put back at the end, because nothing but one name in it belongs to the operand.
  std::optional<Timestamp> mtime;
  bool is_missing = false;     // the restore makes it
  bool is_listed = false;      // it counts itself: as restored if it is missing, else as updated
  std::shared_ptr<Dir> above;  // of one that is missing
  std::string name;
  // Of the only item, if this is not its name: its name in the snapshot.
  std::string stored_name;
  // The path below the only item to which the restore is confined; empty: all of it.
  std::string only;
  // The path of the directory in the snapshot; empty for its top.
  std::string path;

  [[nodiscard]] std::string PathOf(std::string_view entry) const { return JoinPath(path, entry); }
  // The name of an item in the snapshot.
  [[nodiscard]] std::string_view StoredName(const RestoreItem& item) const {
    return stored_name.empty() ? item.name : std::string_view(stored_name);
  }
};

// The directory that a place is in. New entries move from a temporary one to their own, and those
// that replace directories stay in the temporary one until the end.
struct LinkBase {
  std::shared_ptr<Dir> dir;
  std::shared_ptr<Dir> temporary;  // null if nothing stays there
};

// A directory below a base. Shares the path with those around it, which may be ten thousand.
struct Inside {
  std::shared_ptr<const Inside> above;  // null: directly in the base
  std::string name;

  Inside(std::shared_ptr<const Inside> around, std::string own)
      : above(std::move(around)), name(std::move(own)) {}
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { LetGo(std::move(above)); }
};

// A name of the inode that all names of a link group must share.
struct LinkPlace {
  std::shared_ptr<LinkBase> base;
  std::shared_ptr<const Inside> inside;  // of the name's directory; mostly null
  std::string name;
  Digest digest = kNoDigest;
  // Another inode that has taken the name meanwhile, or another content, is not linked.
  Identity inode;
  std::uint64_t size = 0;
  Timestamp mtime;
};

// Identifies the names of one inode in a record.
using GroupKey = Identity;
std::optional<GroupKey> GroupKeyOf(const Entry& stored);

// Temporary names begin with this, followed by the process and a number.
inline constexpr std::string_view kTemporary = ".cura-restore-";
bool IsTemporary(std::string_view name);
// Whether the process that made the temporary name still runs.
bool IsInUse(std::string_view name);

struct OperandCount {
  bool is_stored = false;
  std::uint64_t existing = 0;  // entries that are there now
};

struct RestoreCounts {
  std::uint64_t restored = 0;
  std::uint64_t updated = 0;
  std::uint64_t deleted = 0;
  std::uint64_t kept = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t bytes = 0;  // of the files to write
};

struct MissingDir {
  std::shared_ptr<Dir> above;
  std::string name;
  std::shared_ptr<Dir> dir;
  bool is_private = false;  // until it gets its own metadata
};

struct RestorePlan {
  Arena names;
  std::vector<MissingDir> missing;  // above the operands, to be made first
  std::deque<RestoreDir> dirs;      // parents first
  // Link groups of which a name exists and is right.
  std::unordered_map<GroupKey, LinkPlace, IdentityHash> leaders;
  std::vector<OperandCount> operands;
  RestoreCounts counts;
};

}  // namespace cura
