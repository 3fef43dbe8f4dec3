// Makes a snapshot, from the scan to the publication.
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
#include "store/without_damaged.h"

namespace cura {

// The numbers of entries directly in a source directory, now and in the previous snapshot.
struct SourceCount {
  std::string name;
  std::uint64_t now = 0;
  std::uint64_t before = 0;
};

// The result of a comparison.
struct Comparison {
  Tally tally;  // `need.allocated` excludes space that may be shared with the sources
  // The changes apart. What a moved directory holds, and the directory, counts as renamed.
  KindCounts files{};
  KindCounts directories{};
  std::uint64_t omitted = 0;  // entries that were excluded, each with everything below it
  std::string rebuilt;        // why a previous manifest could not be used; empty if it was
  std::vector<SourceCount> sources;
};

// The sources and settings of a backup.
struct BackupOptions {
  std::shared_ptr<const Store> store;
  std::shared_ptr<const Sources> sources;
  std::vector<BaseOption> bases;  // the snapshots that sources are compared with and linked from
  std::shared_ptr<const Selection> selection;  // null: take everything
  Trust trust;
  bool digests = true;  // compute the digests of copied files
};

// The caller runs the stages in order, each from one thread.
class BackupJob {
 public:
  BackupJob(std::shared_ptr<Resources> resources, BackupOptions options);

  // Scans and compares. Writes nothing.
  Result<Comparison> Compare();
  // If nothing differs: saves which contents were compared, so that the next run need not compare
  // them again.
  Status KeepProofs() const;
  // Returns the next changes, at most `limit`; none at the end.
  Result<std::vector<Change>> Changes(size_t limit);
  // Returns the next excluded entries in the same way, if they are to be listed.
  std::vector<Omission> Omitted(size_t limit);
  // Makes the tree and its manifest in the store's directory `work`, which must not exist.
  Result<Applied> Apply(const std::string& work);
  // Writes the marker, syncs everything and renames the work directory to `name`.
  Status Publish(const std::string& work, const std::string& name, const std::string& marker);

  [[nodiscard]] const std::shared_ptr<Monitor>& monitor() const { return job_.monitor(); }
  // The failures of all stages so far.
  [[nodiscard]] const Failures& failures() const { return job_.failures(); }

 private:
  Status Open();
  void LookBack(const BaseOption& option);
  // Reads the tree if the manifest is missing or a copy, unless `may_read_tree` is false.
  Result<Base> OpenBase(const BaseOption& option, bool may_read_tree);
  [[nodiscard]] bool SharesBlocks(const Source& source, const sys::Space& store) const;
  [[nodiscard]] std::uint64_t SharedBytes() const;
  // Hides entries of a base, and remembers them if sources of this run are compared with it.
  void HideDamagedIn(Base* base, bool is_primary);
  // Reports the hidden entries of this run's sources. Returns whether any is gone from its source.
  [[nodiscard]] bool ReportHidden() const;
  [[nodiscard]] bool ReportHiddenIn(const HiddenNames& hidden) const;
  [[nodiscard]] DirRef FindPlanned(const std::vector<std::string>& path) const;
  void CountApart(Comparison* compared) const;
  [[nodiscard]] std::vector<SourceCount> CountSources() const;

  Job job_;
  const JobContext context_ = job_.context();
  const BackupOptions options_;
  Volumes volumes_;
  std::vector<Proof> proofs_;  // as found in the store
  DamagedInodes damaged_;
  // Of each base that sources are compared with, in their order.
  std::vector<std::vector<HiddenNames>> hidden_;
  bool hides_any_ = false;
  Previous previous_;
  std::optional<Filter> selection_;
  std::optional<Planner> comparison_;
  DirectoryMoves moves_;
  std::optional<ChangeLister> changes_;
};

}  // namespace cura
