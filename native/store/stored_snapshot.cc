// Opening a stored snapshot, whether its manifest can be used or not.
#include "store/stored_snapshot.h"

#include <cstring>

#include "manifest/rebuild.h"

namespace cura {

Recorded LoadRecord(const Fd& root) {
  const Fd file(sys::OpenAt(root.get(), kManifestName, sys::kOpenFile));
  if (!file.valid() && errno == ENOENT) return {nullptr, "it has none"};
  if (!file.valid()) return {nullptr, std::string("it cannot be opened: ") + std::strerror(errno)};
  auto loaded = Manifest::Load(file);
  if (auto* why = std::get_if<std::string>(&loaded)) return {nullptr, std::move(*why)};
  return {std::make_shared<const Manifest>(std::move(std::get<Manifest>(loaded))), {}};
}

Result<Recorded> LoadRecord(const Fd& store, const std::string& name) {
  const Fd root(sys::OpenAt(store.get(), name.c_str(), sys::kOpenDirectory));
  if (!root.valid()) return LastError("openat", name);
  return LoadRecord(root);
}

Result<StoredSnapshot> OpenSnapshot(const Fd& store, const std::string& name, DirBudget* budget) {
  Fd root(sys::OpenAt(store.get(), name.c_str(), sys::kOpenDirectory));
  if (!root.valid()) return LastError("openat", name);
  StoredSnapshot snapshot;
  auto [manifest, why_not] = LoadRecord(root);
  snapshot.manifest = std::move(manifest);
  snapshot.rebuilt = std::move(why_not);
  snapshot.root = Dir::Root(budget, std::move(root), sys::kOpenPath, name);
  return snapshot;
}

Status RebuildManifest(StoredSnapshot* snapshot, const JobContext& job) {
  auto listed = Dir::Again(job.budget, snapshot->root, sys::kOpenDirectory);
  if (!listed.ok()) return std::move(listed.error());
  // What cannot be read in the stored tree is copied anew, so its failures are nobody's concern.
  Failures unreported;
  auto rebuilt = Rebuild(listed.value(), job.With(&unreported));
  if (!rebuilt) return Aborted();
  snapshot->manifest = std::make_shared<const Manifest>(std::move(rebuilt->manifest));
  return std::nullopt;
}

}  // namespace cura
