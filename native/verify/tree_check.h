// Compares the tree of one snapshot with its record, without reading contents.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "tree/job_context.h"
#include "verify/census.h"
#include "verify/damage.h"
#include "verify/facts_check.h"

namespace cura {

struct TreeCheckOptions {
  std::string snapshot;
  std::uint32_t number = 0;
  bool has_no_record = false;  // never had one, so that is no damage
  std::string base;            // the snapshot that it was compared with; empty: unknown
  Excused excused;
  bool keeps_inodes = false;  // of the store's filesystem
};

// A name whose inode has another number than the record has.
struct MovedName {
  std::uint64_t recorded_ino = 0;
  std::uint64_t ino = 0;
  std::uint64_t facts = 0;
  Damage as_damage;  // should it turn out to be one
};

struct TreeFindings {
  std::vector<Damage> damages;
  std::vector<MovedName> moved;
  std::uint64_t entries = 0;
  bool is_gone = false;
};

// Which inodes are looked for, to name all their names.
struct Wanted {
  std::unordered_set<std::uint64_t> actual;
  std::unordered_set<std::uint64_t> recorded;
};

// A name that has one of these inodes, or should have it.
struct FoundName {
  DamagedName name;
  std::uint64_t recorded_ino = 0;  // 0: unknown
  Entry entry;                     // as recorded, without views; only if `has_entry`
  bool has_entry = false;
};

// Walks one snapshot, in one thread.
class TreeCheck {
 public:
  TreeCheck(const Fd& store, TreeCheckOptions options, Census* census, const JobContext& job)
      : store_(store), options_(std::move(options)), census_(census), job_(job) {}

  // Checks everything. Adds intact inodes to the census.
  Result<TreeFindings> Run();
  // Only looks for names.
  Result<std::vector<FoundName>> Find(const Wanted& wanted);

 private:
  struct At {
    std::shared_ptr<Dir> dir;
    DirId id = kNoDir;  // in the record
    std::string path;   // with a trailing '/'; empty for the top
    bool is_delta = false;
    bool has_entry = false;
    Entry own;  // what the record says of the directory, without views

    // The path without the trailing '/'.
    [[nodiscard]] std::string Name() const {
      return path.substr(0, path.empty() ? 0 : path.size() - 1);
    }
  };
  // A name of the tree, or one that is missing there.
  struct Item {
    const At& at;
    int dir = -1;
    std::string name;
    std::uint64_t ino = 0;  // as listed
    bool is_directory = false;
    bool is_listed_type = true;
  };

  Result<bool> Open();
  Status WalkAll();
  Status Visit(const At& at);
  Status VisitOpen(const At& at, int dir);
  BlockReader BlockOf(const At& at);
  Status VisitItem(const Item& item, const Entry* recorded);
  void CheckDirectory(const At& at, int dir);
  void CheckMissing(const At& at, const Entry& recorded);
  void CheckUnrecorded(const Item& item);
  void CheckInode(const Item& item, const Entry& recorded);
  void CheckDelta(const Item& item, const Entry* recorded);
  void NoteMoved(const Item& item, const Entry& recorded, std::uint64_t ino, std::uint64_t facts);
  void AddToCensus(const Item& item, const Entry& entry, std::uint64_t ino, std::uint64_t facts);
  void LookFor(const Item& item, const Entry* recorded);
  Damage DamageOf(DamageKind kind, const std::string& path, std::string detail) const;
  static void SetEntry(const Entry& recorded, Damage* damage);
  void Report(Damage damage);
  [[nodiscard]] bool knows_inodes() const {
    return manifest_ != nullptr && manifest_->is_in_place() && options_.keeps_inodes;
  }

  const Fd& store_;
  const TreeCheckOptions options_;
  Census* const census_;
  const JobContext job_;
  const Wanted* wanted_ = nullptr;
  std::shared_ptr<const Manifest> manifest_;
  std::shared_ptr<Dir> root_;
  ReadWindows windows_;
  FactRules rules_;
  std::uint64_t dev_ = 0;
  std::vector<At> left_;
  std::uint32_t place_ = 0;
  const At* placed_ = nullptr;
  bool has_delta_ = false;
  TreeFindings findings_;
  std::vector<FoundName> found_;
};

}  // namespace cura
