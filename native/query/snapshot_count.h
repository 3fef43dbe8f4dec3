// Counts what one snapshot holds on disk: its directories, and the names of its other inodes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "query/inode_table.h"
#include "tree/job_context.h"

namespace cura {

// What a snapshot holds by itself. Its other inodes are in the table.
struct SnapshotTotals {
  std::uint64_t entries = 0;          // names below the snapshot's directory
  std::uint64_t files = 0;            // regular files of the sources
  std::uint64_t bytes = 0;            // the sum of their sizes
  std::uint64_t directories = 0;      // its own one and the delta's included
  std::uint64_t directory_bytes = 0;  // on disk
  std::uint64_t unread = 0;           // directories that this user may not read
  bool is_gone = false;               // it was removed before or during the count
};

// Walks one snapshot, in one thread. Looks at each directory, at each inode that the table does not
// have yet, and at all that no record tells of: the delta, the marker, the record itself. Lists a
// directory with another mtime than its record has, because an entry was added or removed.
class SnapshotCount {
 public:
  // Lists the tree if `manifest` is null.
  SnapshotCount(const JobContext& job, std::shared_ptr<const Manifest> manifest, InodeTable* table,
                NamePlace place)
      : job_(job), manifest_(std::move(manifest)), table_(table), place_(place) {}

  Status Run(const Fd& store, const std::string& name);
  [[nodiscard]] const SnapshotTotals& totals() const { return totals_; }

 private:
  // A directory that waits for its visit.
  struct Waiting {
    std::shared_ptr<Dir> dir;
    // If not empty, it is the directory of that name in `dir`, which most visits do not open.
    std::string name;
    std::optional<DirId> recorded;  // nothing: list it
    bool is_source = false;         // its files belong to a source, not to the store
    bool opens_path = false;        // `dir` opens without the permission to list
  };

  Status VisitTop(std::shared_ptr<Dir> top);
  Status Visit(Waiting* at);
  Status Tolerate(OsError error);
  Status VisitListed(Waiting* at);
  Status VisitRecorded(Waiting* at);
  // `recorded` is null if no record tells of the name.
  Status CountNamed(const Waiting& at, const std::string& name, int dir, const Entry* recorded);
  static void Descend(Waiting* at);
  // Opens the directory. Returns false if it cannot be entered, which is counted if need be.
  Result<bool> Enter(Waiting* at, DirLease* lease);
  // Looks at a name. Returns nothing if it is gone or something is mounted on it.
  Result<std::optional<sys::Stat>> Look(const Dir& above, int dir, std::string_view name);
  void CountDirectory(const sys::Stat& stat);
  void CountFile(Type type, std::uint64_t size, bool is_source);
  void ShowProgress();

  const JobContext job_;
  const std::shared_ptr<const Manifest> manifest_;
  ReadWindows windows_;
  InodeTable* const table_;
  const NamePlace place_;
  std::uint64_t dev_ = 0;
  std::uint64_t mount_ = 0;
  std::vector<Waiting> waiting_;
  SnapshotTotals totals_;
  std::uint64_t shown_ = 0;
};

}  // namespace cura
