// Finds the names that share an inode in one pass over a manifest.
#include "external/link_siblings.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace cura {

namespace {

std::string PathOf(const Manifest& manifest, DirId dir, std::string_view name) {
  std::string path;
  for (const std::string& above : manifest.PathOf(dir)) path.append(above).append("/");
  return path.append(name);
}

}  // namespace

OtherNames FindOtherNames(const Manifest& manifest, const std::vector<NamedInode>& taken) {
  OtherNames others;
  std::unordered_set<std::uint64_t> wanted;
  for (const NamedInode& one : taken) wanted.insert(one.ino);
  for (DirId id = 0; id < manifest.directories(); ++id) {
    BlockReader block = manifest.Directory(id);
    for (Entry entry; block.Next(&entry);) {
      const bool is_wanted = entry.type != Type::kDirectory && wanted.contains(entry.stored_ino);
      if (!is_wanted) continue;
      others.names.push_back({PathOf(manifest, id, entry.name), entry.stored_ino});
    }
  }
  std::unordered_map<std::string_view, std::uint64_t> known;
  for (const NamedInode& other : others.names) known.emplace(other.path, other.ino);
  others.is_right = std::all_of(taken.begin(), taken.end(), [&](const NamedInode& one) {
    const auto found = known.find(one.path);
    return found != known.end() && found->second == one.ino;
  });
  return others;
}

}  // namespace cura
