// A backup from scan to publication: the pipeline.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apply/apply.h"
#include "plan/changes.h"
#include "scan/selection.h"
#include "scan/sources.h"
#include "store/store.h"

namespace cura {

// How many entries a source directory itself holds, and held in the previous snapshot.
struct SourceCount {
  std::string name;
  std::uint64_t now = 0;
  std::uint64_t before = 0;
};

// What a comparison says.
struct Comparison {
  Tally tally;                // what may share blocks with its source is not in `need.allocated`
  std::uint64_t omitted = 0;  // entries that were left out, each with all below it
  std::string rebuilt;        // why a previous manifest could not be used; empty: it was
  std::vector<SourceCount> sources;
};

// What a backup is to be made of, and how.
struct BackupOptions {
  std::shared_ptr<const Store> store;
  std::shared_ptr<const Sources> sources;
  std::vector<BaseOption> bases;               // what each source is compared with and linked from
  std::shared_ptr<const Selection> selection;  // null: all is taken
  Trust trust;
  bool digests = true;  // of what is stored anew
};

// The stages are to be called one after the other, each from one thread.
class BackupJob {
 public:
  BackupJob(std::shared_ptr<Resources> resources, BackupOptions options);

  // Scans and compares. Writes nothing at all.
  Result<Comparison> Compare();
  // Where nothing differs: writes down for the next run what was compared by content in this one.
  Status KeepProofs() const;
  // The next at most `limit` changes; none at the end.
  Result<std::vector<Change>> Changes(size_t limit);
  // The same of what was left out, where it is to be listed.
  std::vector<Omission> Omitted(size_t limit);
  // Makes the tree and its manifest in the store's directory `work`, which must not exist.
  Result<Applied> Apply(const std::string& work);
  // Writes the marker, makes all durable and renames the work directory to `name`.
  Status Publish(const std::string& work, const std::string& name, const std::string& marker);

  [[nodiscard]] const std::shared_ptr<Monitor>& monitor() const { return job_.monitor(); }
  // Of all stages so far.
  [[nodiscard]] const Failures& failures() const { return job_.failures(); }

 private:
  Status Open();
  void LookBack(const BaseOption& option);
  // Its tree is read where its manifest is missing or a copy, unless `may_read_tree` is false.
  Result<Base> OpenBase(const BaseOption& option, bool may_read_tree);
  [[nodiscard]] bool SharesBlocks(const Source& source, const sys::Space& store) const;
  [[nodiscard]] std::uint64_t SharedBytes() const;
  [[nodiscard]] std::vector<SourceCount> CountSources() const;

  Job job_;
  const JobContext context_ = job_.context();
  const BackupOptions options_;
  Volumes volumes_;
  std::vector<Proof> proofs_;  // as they were found in the store
  Previous previous_;
  std::optional<Filter> selection_;
  std::optional<Planner> comparison_;
  std::optional<ChangeLister> changes_;
};

}  // namespace cura
