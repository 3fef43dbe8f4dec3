// Makes a snapshot whose tree another program fills.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "apply/apply.h"
#include "store/store.h"
#include "store/stored_snapshot.h"
#include "tree/tree_editor.h"

namespace cura {

// The caller runs the stages in order, each from one thread. The other program fills the work
// directory between Unshare and Finish. It may change directories freely, but must create
// everything else anew, because the files from Link are shared with the previous snapshot.
class ExternalFill {
 public:
  // `previous` is the name of the snapshot to link from, or empty for a first backup.
  ExternalFill(std::shared_ptr<Resources> resources, std::shared_ptr<const Store> store,
               std::string previous);

  // Creates the directory `work` in the store. It must not exist.
  Status Begin(const std::string& work);
  // Links the trees of these top-level names from the previous snapshot. Returns the number of
  // entries.
  Result<std::uint64_t> Link(const std::vector<std::string>& names);
  // Removes these paths and all other names of their inodes, and the names of damaged inodes.
  // Returns the number of names.
  Result<std::uint64_t> Unshare(const std::vector<std::string>& paths);
  // Names that are missing although the caller did not remove them: other names of a removed inode,
  // names of an inode that cannot have more links, and names of a damaged inode.
  [[nodiscard]] std::vector<std::string> LeftOut() const;
  // Whether the previous snapshot has damaged inodes. The filling program must then link nothing to
  // it. Call it after Unshare.
  [[nodiscard]] bool has_damaged() const { return !damaged_.empty(); }
  // Removes these paths, directories with all their contents. Returns the number of entries.
  Result<std::uint64_t> Clear(const std::vector<std::string>& paths);
  // Puts back those of these paths that are missing, except for damaged inodes, and records the
  // tree.
  Result<Applied> Finish(const std::vector<std::string>& paths);
  // Writes the marker, syncs everything and renames the work directory to `name`.
  Status Publish(const std::string& work, const std::string& name, const std::string& marker);

  [[nodiscard]] const std::shared_ptr<Monitor>& monitor() const { return job_.monitor(); }
  // The failures of all stages so far.
  [[nodiscard]] const Failures& failures() const { return job_.failures(); }

 private:
  Status Open();
  Status NeedManifest();
  Result<std::uint64_t> RemoveOtherNames(const std::vector<NamedInode>& taken);
  Result<std::uint64_t> RemoveDamaged();
  Result<std::shared_ptr<const Manifest>> ManifestInPlace();
  Status ReportDamaged(std::vector<std::string> paths);
  Result<std::uint64_t> ClearOne(int dir, const std::string& name, const sys::Stat& stat);
  Status PutBack(const std::vector<std::string>& paths);

  Job job_;
  const JobContext context_ = job_.context();
  const std::shared_ptr<const Store> store_;
  const std::string previous_name_;
  std::shared_ptr<Dir> work_;  // opened with kOpenPath
  StoredSnapshot previous_;
  std::vector<std::string> left_out_;        // could not be linked
  std::unordered_set<std::string> damaged_;  // names of damaged inodes in the previous snapshot
  std::unordered_set<std::uint64_t> damaged_inodes_;  // those inodes
  std::vector<NamedInode> taken_along_;  // removed because they share an inode with others
};

}  // namespace cura
