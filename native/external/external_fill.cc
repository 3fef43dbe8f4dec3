// Runs the stages of a snapshot that another program fills: link, unshare, (the program), finish,
// publish.
#include "external/external_fill.h"

#include <utility>

#include "external/link_siblings.h"
#include "external/link_tree.h"
#include "external/put_back.h"
#include "external/record.h"
#include "store/publish.h"
#include "store/scrub_record.h"
#include "tree/remove.h"

namespace cura {

ExternalFill::ExternalFill(std::shared_ptr<Resources> resources, std::shared_ptr<const Store> store,
                           std::string previous)
    : job_(std::move(resources)), store_(std::move(store)), previous_name_(std::move(previous)) {}

Status ExternalFill::Begin(const std::string& work) {
  auto directory = MakeWorkDirectory(store_->fd(), work);
  if (!directory.ok()) return std::move(directory.error());
  // The root has no name, so that paths begin with the name of a source.
  work_ = Dir::Root(context_.budget, std::move(directory.value()), sys::kOpenPath, "");
  return std::nullopt;
}

Status ExternalFill::Open() {
  if (previous_name_.empty() || previous_.root != nullptr) return std::nullopt;
  auto previous = OpenSnapshot(store_->fd(), previous_name_, context_.budget);
  if (!previous.ok()) return std::move(previous.error());
  previous_ = std::move(previous.value());
  return std::nullopt;
}

Status ExternalFill::NeedManifest() {
  if (auto error = Open()) return error;
  if (previous_.root == nullptr || previous_.manifest != nullptr) return std::nullopt;
  return RebuildManifest(&previous_, context_);
}

Result<std::uint64_t> ExternalFill::Link(const std::vector<std::string>& names) {
  context_.monitor->Begin(kApplyPhase);
  if (auto error = Open()) return std::move(*error);
  if (previous_.root == nullptr) return std::uint64_t{0};
  if (previous_.manifest != nullptr)
    context_.monitor->total_entries = previous_.manifest->entries();
  auto stored = Dir::Again(context_.budget, previous_.root, sys::kOpenDirectory);
  if (!stored.ok()) return std::move(stored.error());
  auto work = Dir::Again(context_.budget, work_, sys::kOpenDirectory);
  if (!work.ok()) return std::move(work.error());
  LinkTreeOptions options;
  options.stored = std::move(stored.value());
  options.work = std::move(work.value());
  options.dev = store_->identity().dev;
  options.job = context_;
  std::vector<std::string> plain;
  for (const SplitPath& path : SplitPaths(names)) {
    if (path.above.empty()) plain.emplace_back(path.name);
  }
  auto relinked = Relink(options, plain);
  if (!relinked.ok()) return std::move(relinked.error());
  for (const NamedInode& one : relinked.value().left_out) left_out_.push_back(one.path);
  // If only some names of an inode were linked, the filling program would link the others to it and
  // exceed the limit again. So remove them all; the names then share a new inode.
  auto taken = RemoveOtherNames(relinked.value().left_out);
  if (!taken.ok()) return taken;
  return relinked.value().entries - taken.value();
}

Result<std::uint64_t> ExternalFill::Unshare(const std::vector<std::string>& paths) {
  context_.monitor->Begin(kApplyPhase);
  std::vector<NamedInode> shared;
  const auto note = [&](const SplitPath& path, const sys::Stat& stat) {
    if (MayHaveOtherNames(stat)) shared.push_back({path.path(), stat.ino});
    return true;
  };
  auto taken = RemoveNames(work_, SplitPaths(paths), note, context_);
  if (!taken.ok()) return taken;
  auto along = RemoveOtherNames(shared);
  if (!along.ok()) return along;
  auto damaged = RemoveDamaged();
  if (!damaged.ok()) return damaged;
  return taken.value() + along.value() + damaged.value();
}

// The previous manifest with the inode numbers of the tree.
Result<std::shared_ptr<const Manifest>> ExternalFill::ManifestInPlace() {
  if (auto error = NeedManifest()) return std::move(*error);
  if (previous_.manifest->is_in_place() && !previous_.manifest->failed()) {
    return previous_.manifest;
  }
  StoredSnapshot actual;
  actual.root = previous_.root;
  if (auto error = RebuildManifest(&actual, context_)) return std::move(*error);
  return std::shared_ptr<const Manifest>(std::move(actual.manifest));
}

// Leaves all names of damaged inodes to the filling program, which makes them anew.
Result<std::uint64_t> ExternalFill::RemoveDamaged() {
  const std::vector<DamagedInode> damaged = LoadDamaged(store_->fd());
  if (damaged.empty() || previous_name_.empty()) return std::uint64_t{0};
  auto manifest = ManifestInPlace();
  if (!manifest.ok()) return std::move(manifest.error());
  std::vector<NamedInode> wanted;
  for (const DamagedInode& one : damaged) wanted.push_back({{}, one.ino});
  std::vector<std::string> paths;
  for (NamedInode& one : FindOtherNames(*manifest.value(), wanted).names) {
    damaged_.insert(one.path);
    damaged_inodes_.insert(one.ino);
    paths.push_back(std::move(one.path));
  }
  if (auto error = manifest.value()->failure()) return std::move(*error);
  const auto is_damaged = [&](const SplitPath& path, const sys::Stat& stat) {
    const bool found = damaged_inodes_.contains(stat.ino);
    if (found) left_out_.push_back(path.path());
    return found;
  };
  return RemoveNames(work_, SplitPaths(paths), is_damaged, context_);
}

// Notes the names that were made anew, and reports those that were not. Removes names that the
// filling program has linked to a damaged inode again.
Status ExternalFill::ReportDamaged(std::vector<std::string> paths) {
  if (damaged_.empty()) return std::nullopt;
  const auto is_damaged = [&](const SplitPath& path, const sys::Stat& stat) {
    const bool found = damaged_inodes_.contains(stat.ino);
    if (found) paths.push_back(path.path());
    return found;
  };
  const std::vector<std::string> all(damaged_.begin(), damaged_.end());
  auto removed = RemoveNames(work_, SplitPaths(all), is_damaged, context_);
  if (!removed.ok()) return std::move(removed.error());
  Editor editor(work_, context_.failures);  // changes nothing
  for (const SplitPath& path : SplitPaths(paths)) {
    if (context_.monitor->abort) return Aborted();
    auto found = editor.Find(path);
    if (!found.ok()) return std::move(found.error());
    if (found.value().stat) {
      context_.failures->AddNote("damaged", path.path());
    } else {
      context_.failures->Add({EIO, "linkat", path.path(), {}});
    }
  }
  return std::nullopt;
}

// Everything removed here is either a link or a directory that no other snapshot shares.
Result<std::uint64_t> ExternalFill::Clear(const std::vector<std::string>& paths) {
  context_.monitor->Begin(kApplyPhase);
  std::uint64_t cleared = 0;
  Editor editor(work_, context_.failures);
  for (const SplitPath& path : SplitPaths(paths)) {
    if (context_.monitor->abort) return Aborted();
    auto found = editor.Find(path);
    if (!found.ok()) return std::move(found.error());
    const auto& stat = found.value().stat;
    if (!stat) continue;
    if (auto error = editor.Unseal()) return std::move(*error);
    auto one = ClearOne(editor.fd(), std::string(path.name), *stat);
    if (!one.ok()) return one;
    cleared += one.value();
  }
  if (auto error = editor.Reseal()) return std::move(*error);
  return cleared;
}

Result<std::uint64_t> ExternalFill::ClearOne(int dir, const std::string& name,
                                             const sys::Stat& stat) {
  if (TypeOf(stat.mode) != Type::kDirectory) {
    ++context_.monitor->entries;
    if (sys::UnlinkAt(dir, name.c_str()) == 0 || errno == ENOENT) return std::uint64_t{1};
    return LastError("unlinkat", name);
  }
  const Fd above(sys::OpenAt(dir, ".", sys::kOpenPath));
  if (!above.valid()) return LastError("openat", name);
  Removed removed;
  if (auto error = RemoveTree(above, name, context_, &removed)) return std::move(*error);
  return removed.entries;
}

std::vector<std::string> ExternalFill::LeftOut() const {
  std::vector<std::string> paths = left_out_;
  for (const NamedInode& one : taken_along_) paths.push_back(one.path);
  return paths;
}

// Removes the remaining names of inodes that lost some of their names.
Result<std::uint64_t> ExternalFill::RemoveOtherNames(const std::vector<NamedInode>& taken) {
  if (taken.empty() || previous_name_.empty()) return std::uint64_t{0};
  if (auto error = NeedManifest()) return std::move(*error);
  OtherNames others = FindOtherNames(*previous_.manifest, taken);
  if (!others.is_right || previous_.manifest->failed()) {
    if (auto error = RebuildManifest(&previous_, context_)) {
      return std::move(*error);
    }
    others = FindOtherNames(*previous_.manifest, taken);
  }
  std::unordered_set<std::uint64_t> inodes;
  std::vector<std::string> paths;
  for (const NamedInode& one : taken) inodes.insert(one.ino);
  for (const NamedInode& other : others.names) paths.push_back(other.path);
  const auto is_one = [&](const SplitPath& path, const sys::Stat& stat) {
    const bool found = inodes.contains(stat.ino);
    if (found) taken_along_.push_back({path.path(), stat.ino});
    return found;
  };
  return RemoveNames(work_, SplitPaths(paths), is_one, context_);
}

// Puts back each path together with the names that were removed along with it.
Status ExternalFill::PutBack(const std::vector<std::string>& paths) {
  if (previous_.root == nullptr) return std::nullopt;
  std::vector<std::string> damaged;
  std::vector<std::string> sound;
  for (const std::string& path : paths) {
    (damaged_.contains(path) ? damaged : sound).push_back(path);
  }
  if (auto error = ReportDamaged(std::move(damaged))) return error;
  const PutBackOptions options{previous_.root, work_, context_};
  auto linked = Carry(options, SplitPaths(sound));
  if (!linked.ok()) return std::move(linked.error());
  std::vector<std::string> along;
  for (const NamedInode& one : taken_along_) {
    if (linked.value().contains(one.ino)) along.push_back(one.path);
  }
  auto followed = Carry(options, SplitPaths(along));
  return followed.ok() ? std::nullopt : Status(std::move(followed.error()));
}

Result<Applied> ExternalFill::Finish(const std::vector<std::string>& paths) {
  context_.monitor->Begin(kApplyPhase);
  if (auto error = NeedManifest()) return std::move(*error);
  if (auto error = PutBack(paths)) return std::move(*error);
  context_.monitor->Begin(kScanPhase);
  if (previous_.manifest != nullptr)
    context_.monitor->total_entries = previous_.manifest->entries();
  RecordOptions options;
  options.work = work_;
  options.previous = &previous_;
  options.job = context_;
  return Record(options);
}

Status ExternalFill::Publish(const std::string& work, const std::string& name,
                             const std::string& marker) {
  context_.monitor->Begin(kSyncPhase);
  Publication publication{work, name, marker};
  publication.job = context_;
  return cura::Publish(store_->fd(), publication);
}

}  // namespace cura
