// Opens stored snapshots, with or without a usable manifest.
#include "store/stored_snapshot.h"

#include <cstring>
#include <functional>

#include "manifest/rebuild.h"

namespace cura {

namespace {

using OpenManifest = std::function<Manifest::Opened(Fd file, std::string name)>;

// Loads the record of the snapshot `name` that is open at `root`.
Recorded RecordIn(const Fd& root, const std::string& name, const OpenManifest& load) {
  Fd file(sys::OpenAt(root.get(), kManifestName, sys::kOpenFile));
  if (!file.valid() && errno == ENOENT) return {nullptr, "it has none"};
  if (!file.valid()) return {nullptr, std::string("it cannot be opened: ") + std::strerror(errno)};
  auto loaded = load(std::move(file), name + '/' + kManifestName);
  if (auto* why = std::get_if<std::string>(&loaded)) return {nullptr, std::move(*why)};
  return {std::move(std::get<0>(loaded)), {}};
}

Result<Recorded> RecordOf(const Fd& store, const std::string& name, const OpenManifest& load) {
  const Fd root(sys::OpenAt(store.get(), name.c_str(), sys::kOpenDirectory));
  if (!root.valid()) return LastError("openat", name);
  return RecordIn(root, name, load);
}

}  // namespace

Result<Recorded> LoadRecord(const Fd& store, const std::string& name) {
  return RecordOf(store, name, &Manifest::Load);
}

Result<Recorded> OpenRecord(const Fd& store, const std::string& name, Hold hold) {
  ManifestBytes::Opener opener;
  if (hold == Hold::kNothing) {
    opener = [&store, name] {
      const Fd root(sys::OpenAt(store.get(), name.c_str(), sys::kOpenDirectory));
      return Fd(root.valid() ? sys::OpenAt(root.get(), kManifestName, sys::kOpenFile) : -1);
    };
  }
  return RecordOf(store, name, [&opener](Fd file, std::string label) {
    return Manifest::Open(std::move(file), std::move(label), opener);
  });
}

Result<StoredSnapshot> OpenSnapshot(const Fd& store, const std::string& name, DirBudget* budget) {
  Fd root(sys::OpenAt(store.get(), name.c_str(), sys::kOpenDirectory));
  if (!root.valid()) return LastError("openat", name);
  StoredSnapshot snapshot;
  auto [manifest, why_not] = RecordIn(root, name, &Manifest::Load);
  snapshot.manifest = std::move(manifest);
  snapshot.rebuilt = std::move(why_not);
  snapshot.root = Dir::Root(budget, std::move(root), sys::kOpenPath, name);
  return snapshot;
}

Status RebuildManifest(StoredSnapshot* snapshot, const JobContext& job) {
  auto listed = Dir::Again(job.budget, snapshot->root, sys::kOpenDirectory);
  if (!listed.ok()) return std::move(listed.error());
  // Entries that cannot be read in the stored tree are copied again, so do not report them.
  Failures unreported;
  auto rebuilt = Rebuild(listed.value(), job.With(&unreported));
  if (!rebuilt) return Aborted();
  snapshot->manifest = std::move(rebuilt->manifest);
  return std::nullopt;
}

}  // namespace cura
