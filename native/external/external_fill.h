// A snapshot whose tree another program fills: the pipeline.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apply/apply.h"
#include "store/store.h"
#include "store/stored_snapshot.h"
#include "tree/tree_editor.h"

namespace cura {

// The stages are to be called one after the other, each from one thread. Whoever fills the work
// directory does so between Unshare and Finish. It may change directories as it likes, but must
// make all else anew: what Link has put there is shared with the previous snapshot.
class ExternalFill {
 public:
  // `previous` is the name of the snapshot to link against, empty for a first backup.
  ExternalFill(std::shared_ptr<Resources> resources, std::shared_ptr<const Store> store,
               std::string previous);

  // Makes the store's directory `work`, which must not exist.
  Status Begin(const std::string& work);
  // Links the trees of these top-level names from the previous snapshot; the number of entries.
  Result<std::uint64_t> Link(const std::vector<std::string>& names);
  // Takes out these paths and all other names of their inodes; the number of names.
  Result<std::uint64_t> Unshare(const std::vector<std::string>& paths);
  // Names that nobody asked for and that are missing all the same: the others of an inode that was
  // taken out, or that can have no more names.
  [[nodiscard]] std::vector<std::string> LeftOut() const;
  // Removes these paths, of directories all below, too; the number of entries.
  Result<std::uint64_t> Clear(const std::vector<std::string>& paths);
  // Puts back what is missing among these paths, and records the tree.
  Result<Applied> Finish(const std::vector<std::string>& paths);
  // Writes the marker, makes all durable and renames the work directory to `name`.
  Status Publish(const std::string& work, const std::string& name, const std::string& marker);

  [[nodiscard]] const std::shared_ptr<Monitor>& monitor() const { return job_.monitor(); }
  // Of all stages so far.
  [[nodiscard]] const Failures& failures() const { return job_.failures(); }

 private:
  Status Open();
  Status NeedManifest();
  Result<std::uint64_t> TakeOtherNames(const std::vector<NamedInode>& taken);
  Result<std::uint64_t> ClearOne(int dir, const std::string& name, const sys::Stat& stat);
  Status PutBack(const std::vector<std::string>& paths);

  Job job_;
  const JobContext context_ = job_.context();
  const std::shared_ptr<const Store> store_;
  const std::string previous_name_;
  std::shared_ptr<Dir> work_;  // opened for paths
  StoredSnapshot previous_;
  std::vector<std::string> left_out_;    // could not be linked
  std::vector<NamedInode> taken_along_;  // nobody asked for these names, but for others of theirs
};

}  // namespace cura
