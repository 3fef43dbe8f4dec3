// Links single names from the previous snapshot.
#include "external/put_back.h"

#include "base/entry.h"

namespace cura {

namespace {

constexpr mode_t kPermissionBits = 07777;

// Whether an errno means that the disk is in trouble and not only this entry.
bool IsStoreTrouble(int error) {
  return error == ENOSPC || error == EDQUOT || error == EIO || error == EROFS || error == ENOMEM;
}

class Carrier {
 public:
  explicit Carrier(const PutBackOptions& options)
      : options_(options),
        work_(options.work, options.job.failures),
        stored_(options.stored, options.job.failures) {}

  Result<std::unordered_set<std::uint64_t>> Run(const std::vector<SplitPath>& paths);

 private:
  Status PutBack(const SplitPath& path);
  Status Link(const SplitPath& path, const sys::Stat& stored);
  Status Reopen(const SplitPath& path, const sys::Stat& work, const sys::Stat& stored) const;

  const PutBackOptions options_;
  Editor work_;
  Editor stored_;  // never changes the stored tree
  std::unordered_set<std::uint64_t> linked_;
};

Result<std::unordered_set<std::uint64_t>> Carrier::Run(const std::vector<SplitPath>& paths) {
  for (const SplitPath& path : paths) {
    if (options_.job.monitor->abort) return Aborted();
    if (auto error = PutBack(path)) return std::move(*error);
  }
  if (auto error = work_.Reseal()) return std::move(*error);
  return std::move(linked_);
}

Status Carrier::PutBack(const SplitPath& path) {
  auto work = work_.Find(path);
  if (!work.ok()) return std::move(work.error());
  const auto& [has_parent, made] = work.value();
  const bool is_made = made && TypeOf(made->mode) != Type::kDirectory;
  if (!has_parent || is_made) return std::nullopt;
  auto stored = stored_.Find(path);
  if (!stored.ok()) return std::move(stored.error());
  if (!stored.value().stat) return std::nullopt;
  const sys::Stat& before = *stored.value().stat;
  if (TypeOf(before.mode) != Type::kDirectory) return made ? std::nullopt : Link(path, before);
  return made ? Reopen(path, *made, before) : std::nullopt;
}

Status Carrier::Link(const SplitPath& path, const sys::Stat& stored) {
  const std::string name(path.name);
  if (auto error = work_.Unseal()) return error;
  if (sys::LinkAt(stored_.fd(), name.c_str(), work_.fd(), name.c_str()) == 0) {
    linked_.insert(stored.ino);
    ++options_.job.monitor->entries;
    return std::nullopt;
  }
  OsError error = LastError("linkat", path.path());
  if (IsStoreTrouble(error.code)) return error;
  options_.job.failures->Add(std::move(error));
  return std::nullopt;
}

Status Carrier::Reopen(const SplitPath& path, const sys::Stat& work,
                       const sys::Stat& stored) const {
  constexpr mode_t kEnter = 0500;
  const bool is_closed = (work.mode & kEnter) != kEnter && (stored.mode & kEnter) == kEnter;
  if (!is_closed || sys::IsPrivileged()) return std::nullopt;
  const std::string name(path.name);
  if (sys::ChmodAt(work_.fd(), name.c_str(), stored.mode & kPermissionBits) != 0) {
    return LastError("fchmod", path.path());
  }
  if (sys::SetTimesAt(work_.fd(), name.c_str(), stored.mtime) == 0) return std::nullopt;
  return LastError("utimensat", path.path());
}

}  // namespace

Result<std::unordered_set<std::uint64_t>> Carry(const PutBackOptions& options,
                                                const std::vector<SplitPath>& paths) {
  return Carrier(options).Run(paths);
}

}  // namespace cura
