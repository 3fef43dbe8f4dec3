// Opens stored snapshots and their files.
#include "restore/stored_tree.h"

namespace cura {

Result<StoredTree> StoredTree::Open(const Fd& store, const std::string& name,
                                    const JobContext& job) {
  auto opened = OpenSnapshot(store, name, job.budget);
  if (!opened.ok()) return std::move(opened.error());
  StoredSnapshot& snapshot = opened.value();
  if (snapshot.manifest == nullptr) {
    if (auto error = RebuildManifest(&snapshot, job)) return std::move(*error);
  }
  return StoredTree{snapshot.manifest, snapshot.root, snapshot.rebuilt};
}

std::shared_ptr<Dir> StoredTree::Find(std::string_view path) const {
  std::shared_ptr<Dir> dir = root;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    dir = Dir::Child(dir, path.substr(at, end - at), std::nullopt);
    at = end + 1;
  }
  return dir;
}

Fd OpenStored(const Site& site, const Entry& stored, bool knows_inodes, const Monitor* monitor) {
  sys::Stat stat;
  if (sys::StatAt(site.dir, site.name.c_str(), &stat) != 0) return Fd();
  const bool is_it = TypeOf(stat.mode) == Type::kFile && stat.size == stored.size &&
                     (!knows_inodes || stored.stored_ino == 0 || stat.ino == stored.stored_ino);
  if (!is_it) {
    errno = ESTALE;
    return Fd();
  }
  return OpenToRead(site.dir, site.name.c_str(), monitor);
}

}  // namespace cura
