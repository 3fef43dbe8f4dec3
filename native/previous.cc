// Opening a snapshot to link from, whether its manifest can be used or not.
#include "previous.h"

#include "rebuild.h"

namespace cura {

std::shared_ptr<Dir> Previous::Find(DirId id) const {
  std::shared_ptr<Dir> dir = root;
  for (const std::string_view name : manifest->PathOf(id)) {
    dir = Dir::Child(dir, name, std::nullopt);
  }
  return dir;
}

Recorded LoadRecord(const Fd& root) {
  const Fd file(sys::OpenAt(root.get(), kManifestName, sys::kOpenFile));
  if (!file.valid()) return {nullptr, "it has none"};
  auto loaded = Manifest::Load(file);
  if (auto* why = std::get_if<std::string>(&loaded)) return {nullptr, std::move(*why)};
  return {std::make_shared<const Manifest>(std::move(std::get<Manifest>(loaded))), {}};
}

Result<Recorded> LoadRecord(const Fd& store, const std::string& name) {
  const Fd root(sys::OpenAt(store.get(), name.c_str(), sys::kOpenDirectory));
  if (!root.valid()) return LastError("openat", name);
  return LoadRecord(root);
}

Result<Previous> OpenPrevious(const Fd& store, const std::string& name, DirBudget* budget) {
  Fd root(sys::OpenAt(store.get(), name.c_str(), sys::kOpenDirectory));
  if (!root.valid()) return LastError("openat", name);
  Previous previous;
  auto [manifest, why_not] = LoadRecord(root);
  previous.manifest = std::move(manifest);
  previous.rebuilt = std::move(why_not);
  previous.root = Dir::Root(budget, std::move(root), sys::kOpenPath, name);
  return previous;
}

Status RebuildManifest(Previous* previous, DirBudget* budget, size_t threads, Monitor* monitor) {
  auto listed = Dir::Again(budget, previous->root, sys::kOpenDirectory);
  if (!listed.ok()) return std::move(listed.error());
  // What cannot be read in the stored tree is copied anew, so its failures are nobody's concern.
  Failures unreported;
  auto rebuilt = Rebuild(listed.value(), threads, &unreported, monitor);
  if (!rebuilt) return Aborted();
  previous->manifest = std::make_shared<const Manifest>(std::move(rebuilt->manifest));
  return std::nullopt;
}

}  // namespace cura
