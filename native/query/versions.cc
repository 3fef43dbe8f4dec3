// Compares a path in each record with the same path in the next one.
#include "query/versions.h"

#include "query/facts.h"

namespace cura {

namespace {

// The stored inodes of copied records are already unknown here.
ChangeKind DifferenceBetween(const Entry& newer, const Entry& older) {
  return DifferenceOf(FactsOf(older, {}), FactsOf(newer, {}));
}

// Marks neighbouring records in which something below the directory differs.
class DirectoryComparison {
 public:
  explicit DirectoryComparison(std::vector<PathVersion>* versions) : versions_(versions) {}

  void Visit(const Timeline& timeline) {
    at_.assign(versions_->size(), nullptr);
    for (const Timeline::Version& version : timeline.versions()) {
      for (const std::uint32_t record : *version.records) at_[record] = version.entry;
    }
    for (size_t i = 0; i + 1 < at_.size(); ++i) {
      PathVersion& version = (*versions_)[i];
      const bool same_names = (at_[i] == nullptr) == (at_[i + 1] == nullptr);
      const bool is_same = at_[i] == at_[i + 1];
      if (is_same) continue;
      const auto difference =
          same_names ? DifferenceBetween(*at_[i], *at_[i + 1]) : ChangeKind::kChanged;
      if (difference == ChangeKind::kChanged) version.same_content = false;
      if (difference != ChangeKind::kNone) version.same_metadata = false;
    }
  }

 private:
  std::vector<PathVersion>* const versions_;
  std::vector<const Entry*> at_;  // by record
};

bool IsDirectory(const PathVersion& version) {
  return version.entry && version.entry->entry.type == Type::kDirectory;
}

}  // namespace

Result<std::vector<PathVersion>> VersionsOf(const Timeline::Manifests& manifests,
                                            const std::string& path) {
  std::vector<PathVersion> versions(manifests.size());
  bool has_directory = false;
  std::optional<FoundEntry> last;
  for (size_t i = 0; i < manifests.size(); ++i) {
    auto found = manifests[i]->Lookup(path);
    if (!found.ok()) return std::move(found.error());
    auto& here = found.value();
    if (here && here->entry.unread) here.reset();
    if (here) versions[i].entry = Listed(path, here->entry);
    if (i > 0 && here && last) {
      const auto difference = DifferenceBetween(last->entry, here->entry);
      versions[i - 1].same_content = difference != ChangeKind::kChanged;
      versions[i - 1].same_metadata = difference == ChangeKind::kNone;
    }
    has_directory = has_directory || IsDirectory(versions[i]);
    last = std::move(here);
  }
  if (!has_directory) return versions;
  DirectoryComparison comparison(&versions);
  Timeline timeline(manifests, path);
  while (timeline.Next()) comparison.Visit(timeline);
  if (auto error = timeline.failure()) return std::move(*error);
  return versions;
}

}  // namespace cura
