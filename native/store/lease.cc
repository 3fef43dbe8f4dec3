// Takes leases, and claims snapshots that no reader leases.
#include "store/lease.h"

#include "store/store.h"

namespace cura {

Status SnapshotLeases::Take(const std::string& name) {
  constexpr int kAttempts = 5000;
  for (int i = 0; i < kAttempts; ++i) {
    Fd directory(sys::OpenAt(store_->get(), name.c_str(), sys::kOpenDirectory));
    if (!directory.valid()) return LastError("openat", name);
    // Any other error means that the filesystem cannot lock directories.
    const bool is_claimed = sys::TryShareFlock(directory.get()) != 0 && errno == EWOULDBLOCK;
    // The snapshot may have been renamed before the lock was taken.
    if (!is_claimed && IsNamed(*store_, name.c_str(), directory)) {
      held_.emplace(name, std::move(directory));
      return std::nullopt;
    }
    sys::Pause(1);
  }
  return OsError{EWOULDBLOCK, "flock", name, {}};
}

void SnapshotLeases::Release(const std::string& name) {
  const auto found = held_.find(name);
  if (found != held_.end()) held_.erase(found);
}

Claim ClaimSnapshot(const Fd& store, const std::string& name, int patience_ms) {
  Claim claim;
  claim.directory = Fd(sys::OpenAt(store.get(), name.c_str(), sys::kOpenDirectory));
  if (!claim.directory.valid()) {
    claim.error = LastError("openat", name);
    return claim;
  }
  for (int waited_ms = 0;; ++waited_ms) {
    if (sys::TryFlock(claim.directory.get()) == 0) return claim;
    if (errno != EWOULDBLOCK) return claim;  // this filesystem cannot lock directories
    if (waited_ms >= patience_ms) break;
    sys::Pause(1);
  }
  claim.is_leased = true;
  return claim;
}

}  // namespace cura
