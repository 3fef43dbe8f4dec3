// Compares a path in each record with the same path in the next one.
#include "query/versions.h"

#include "query/facts.h"
#include "query/timeline.h"

namespace cura {

namespace {

// Compares entries of neighbouring records.
class Neighbours {
 public:
  explicit Neighbours(const std::vector<Record>& records) {
    // The stored inodes of copied records are unknown already.
    for (const Record& record : records) ignorance_.push_back({false, !record.rebuilt.empty()});
  }

  // How the entry of record `newer` differs from that of the next record.
  [[nodiscard]] ChangeKind Difference(size_t newer, const Entry& now, const Entry& before) const {
    return DifferenceOf(FactsOf(before, ignorance_[newer + 1]), FactsOf(now, ignorance_[newer]));
  }

 private:
  std::vector<Ignorance> ignorance_;
};

// Marks neighbouring records in which something below the directory differs.
class DirectoryComparison {
 public:
  DirectoryComparison(const Neighbours& neighbours, std::vector<PathVersion>* versions)
      : neighbours_(neighbours), versions_(versions) {}

  void Visit(const Timeline& timeline) {
    at_.assign(versions_->size(), nullptr);
    for (const Timeline::Version& version : timeline.versions()) {
      for (const std::uint32_t record : *version.records) at_[record] = version.entry;
    }
    for (size_t i = 0; i + 1 < at_.size(); ++i) {
      if (at_[i] == at_[i + 1]) continue;
      const bool same_names = (at_[i] == nullptr) == (at_[i + 1] == nullptr);
      const auto difference =
          same_names ? neighbours_.Difference(i, *at_[i], *at_[i + 1]) : ChangeKind::kChanged;
      PathVersion& version = (*versions_)[i];
      if (difference == ChangeKind::kChanged) version.same_content = false;
      if (difference != ChangeKind::kNone) version.same_metadata = false;
    }
  }

 private:
  const Neighbours& neighbours_;
  std::vector<PathVersion>* const versions_;
  std::vector<const Entry*> at_;  // by record
};

bool IsDirectory(const PathVersion& version) {
  return version.entry && version.entry->entry.type == Type::kDirectory;
}

}  // namespace

Result<std::vector<PathVersion>> VersionsOf(const std::vector<Record>& records,
                                            const std::string& path, const JobContext& job) {
  job.monitor->Begin(kReadPhase);
  const Neighbours neighbours(records);
  std::vector<PathVersion> versions(records.size());
  Timeline::Manifests manifests;
  bool has_directory = false;
  std::optional<FoundEntry> last;
  for (size_t i = 0; i < records.size(); ++i) {
    manifests.push_back(records[i].manifest);
    auto found = manifests[i]->Lookup(path);
    if (!found.ok()) return std::move(found.error());
    auto& here = found.value();
    if (here && here->entry.unread) here.reset();
    if (here) versions[i].entry = Listed(path, here->entry);
    if (i > 0 && here && last) {
      const auto difference = neighbours.Difference(i - 1, last->entry, here->entry);
      versions[i - 1].same_content = difference != ChangeKind::kChanged;
      versions[i - 1].same_metadata = difference == ChangeKind::kNone;
    }
    has_directory = has_directory || IsDirectory(versions[i]);
    last = std::move(here);
  }
  if (!has_directory) return versions;
  DirectoryComparison comparison(neighbours, &versions);
  Timeline timeline(std::move(manifests), path);
  while (timeline.Next()) {
    if (job.monitor->abort) return Aborted();
    comparison.Visit(timeline);
    ++job.monitor->entries;
  }
  if (auto error = timeline.failure()) return std::move(*error);
  return versions;
}

}  // namespace cura
