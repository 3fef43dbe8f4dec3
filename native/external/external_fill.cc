// Runs the stages of a snapshot that another program fills: link, unshare, (the program), finish,
// publish.
#include "external/external_fill.h"

#include <unordered_set>

#include "external/link_siblings.h"
#include "external/link_tree.h"
#include "external/put_back.h"
#include "external/record.h"
#include "store/publish.h"
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
  return taken.value() + along.value();
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
  const PutBackOptions options{previous_.root, work_, context_};
  auto linked = Carry(options, SplitPaths(paths));
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
