// Runs a restore: opens the snapshot, compares it with what is there, makes what differs.
#include "jobs/restore.h"

#include <utility>

#include "restore/target_comparison.h"

namespace cura {

RestoreJob::RestoreJob(std::shared_ptr<Resources> resources, RestoreOptions options)
    : job_(std::move(resources)), options_(std::move(options)) {
  if (options_.selection != nullptr) filter_.emplace(options_.selection);
}

Status RestoreJob::Compare() {
  auto opened = StoredTree::Open(options_.store->fd(), options_.snapshot, context_);
  if (!opened.ok()) return std::move(opened.error());
  stored_.emplace(std::move(opened.value()));
  Filter* const filter = filter_ ? &*filter_ : nullptr;
  left_out_.emplace(filter, stored_->root);
  context_.monitor->Begin(kScanPhase, stored_->manifest->entries());
  TargetComparison comparison(&options_, &*stored_, filter, context_);
  if (auto error = comparison.Run(&plan_)) return error;
  lister_.emplace(&plan_, &*stored_, &*left_out_);
  return std::nullopt;
}

Result<Restored> RestoreJob::Apply() {
  Filter* const filter = filter_ ? &*filter_ : nullptr;
  return RestoreApply(options_, &*stored_, filter, context_).Run(&plan_);
}

}  // namespace cura
