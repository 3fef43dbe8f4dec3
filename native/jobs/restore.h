// Restores from a snapshot, in two stages.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "restore/restore_apply.h"
#include "restore/restore_lister.h"

namespace cura {

// The caller runs the stages in order, each from one thread.
class RestoreJob {
 public:
  RestoreJob(std::shared_ptr<Resources> resources, RestoreOptions options);

  // Looks at what is there. Writes nothing.
  Status Compare();
  [[nodiscard]] const RestorePlan& plan() const { return plan_; }
  // Why the record was made from the tree; empty if it was not.
  [[nodiscard]] const std::string& rebuilt() const { return stored_->rebuilt; }
  // Returns the next changes, at most `limit`; none at the end.
  Result<std::vector<RestoreChange>> Changes(size_t limit) { return lister_->Next(limit); }
  Result<Restored> Apply();

  [[nodiscard]] const std::shared_ptr<Monitor>& monitor() const { return job_.monitor(); }
  // The failures of all stages so far.
  [[nodiscard]] const Failures& failures() const { return job_.failures(); }

 private:
  Job job_;
  const JobContext context_ = job_.context();
  const RestoreOptions options_;
  std::optional<Filter> filter_;
  std::optional<StoredTree> stored_;
  std::optional<LeftOut> left_out_;
  std::optional<RestoreLister> lister_;
  RestorePlan plan_;
};

}  // namespace cura
