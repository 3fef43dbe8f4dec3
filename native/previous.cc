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

Result<Previous> OpenPrevious(const Fd& store, const std::string& name, DirBudget* budget) {
  Fd root(sys::OpenAt(store.get(), name.c_str(), sys::kOpenDirectory));
  if (!root.valid()) return LastError("openat", name);
  Previous previous;
  previous.rebuilt = "it has none";
  const Fd file(sys::OpenAt(root.get(), kManifestName, sys::kOpenFile));
  if (file.valid()) {
    auto loaded = Manifest::Load(file);
    if (auto* manifest = std::get_if<Manifest>(&loaded)) {
      previous.rebuilt.clear();
      previous.manifest = std::make_shared<const Manifest>(std::move(*manifest));
    } else {
      previous.rebuilt = std::get<std::string>(loaded);
    }
  }
  previous.root = Dir::Root(budget, std::move(root), sys::kOpenPath, name);
  return previous;
}

Status RebuildManifest(Previous* previous, DirBudget* budget, size_t threads, Monitor* monitor) {
  auto listed = Dir::Again(budget, previous->root, sys::kOpenDirectory);
  if (!listed.ok()) return std::move(listed.error());
  // What cannot be read in the stored tree is copied anew, so its failures are nobody's concern.
  Failures unreported;
  auto rebuilt = Rebuild(listed.value(), threads, &unreported, monitor);
  if (!rebuilt) return OsError{ECANCELED, "abort", {}, {}};
  previous->manifest = std::make_shared<const Manifest>(std::move(rebuilt->manifest));
  return std::nullopt;
}

}  // namespace cura
