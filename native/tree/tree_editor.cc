// Validates paths, and restores directories after changes.
#include "tree/tree_editor.h"

#include <algorithm>

namespace cura {

namespace {

bool IsPlainName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('\0') == std::string_view::npos;
}

std::optional<SplitPath> Split(std::string_view path) {
  if (path.starts_with(kReserved)) return std::nullopt;
  for (size_t at = 0;;) {
    const size_t end = path.find('/', at);
    if (!IsPlainName(path.substr(at, end - at))) return std::nullopt;
    if (end == std::string_view::npos) {
      return SplitPath{path.substr(0, at == 0 ? 0 : at - 1), path.substr(at)};
    }
    at = end + 1;
  }
}

}  // namespace

std::string SplitPath::path() const {
  std::string path(above);
  if (!path.empty()) path += '/';
  return path.append(name);
}

SplitPath SplitLast(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {{}, path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

std::vector<SplitPath> SplitPaths(const std::vector<std::string>& paths) {
  std::vector<SplitPath> split;
  split.reserve(paths.size());
  for (const std::string& path : paths) {
    if (const auto parts = Split(path)) split.push_back(*parts);
  }
  std::sort(split.begin(), split.end(), [](const SplitPath& a, const SplitPath& b) {
    return a.above != b.above ? a.above < b.above : a.name < b.name;
  });
  split.erase(std::unique(split.begin(), split.end()), split.end());
  return split;
}

bool IsAbsent(int code) {
  return code == ENOENT || code == ENOTDIR || code == ELOOP || code == ENAMETOOLONG ||
         code == EILSEQ || code == EINVAL;
}

Result<DirLease> Finder::Open(std::string_view path) {
  size_t depth = 0;
  for (size_t at = 0; at < path.size(); ++depth) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view name = path.substr(at, end - at);
    at = end + 1;
    if (depth < steps_.size() && steps_[depth].name == name) continue;
    steps_.resize(depth);
    const std::shared_ptr<Dir>& above = depth == 0 ? root_ : steps_.back().dir;
    auto dir = Dir::Child(above, name, std::nullopt);
    steps_.push_back({std::string(name), std::move(dir)});
  }
  steps_.resize(depth);
  return depth == 0 ? root_->Open() : steps_.back().dir->Open();
}

Result<DirLease> Finder::OpenAbove() {
  const size_t depth = steps_.size();
  return depth < 2 ? root_->Open() : steps_[depth - 2].dir->Open();
}

Result<Editor::Found> Editor::Find(const SplitPath& path) {
  if (!lease_.valid() || path.above != path_) {
    if (auto error = Reseal()) return std::move(*error);
    auto lease = finder_.Open(path.above);
    if (!lease.ok()) return NotFound(std::move(lease.error()), false);
    path_ = path.above;
    lease_ = std::move(lease.value());
  }
  sys::Stat stat;
  if (sys::StatAt(fd(), std::string(path.name).c_str(), &stat) == 0) return Found{true, stat};
  return NotFound(LastError("statx", path.path()), true);
}

Result<Editor::Found> Editor::NotFound(OsError error, bool has_directory) {
  if (IsAbsent(error.code)) return Found{has_directory, std::nullopt};
  if (error.code != EACCES) return error;
  failures_->Add(std::move(error));
  return Found{};
}

// Saves the directory's metadata, and gives this user permission to change its entries.
Status Editor::Unseal() {
  constexpr mode_t kOpen = 0700;
  if (changed_ || path_.empty()) return std::nullopt;  // the top is in no manifest
  if (sys::StatFd(lease_.fd(), &before_) != 0) return LastError("statx", path_);
  changed_ = true;
  if (sys::IsPrivileged() || (before_.mode & kOpen) == kOpen) return std::nullopt;
  auto above = finder_.OpenAbove();
  if (!above.ok()) return std::move(above.error());
  if (sys::ChmodAt(above.value().fd(), finder_.name().c_str(), kOpen) == 0) return std::nullopt;
  return LastError("fchmod", path_);
}

Status Editor::Reseal() {
  lease_ = DirLease();
  if (!changed_) return std::nullopt;
  changed_ = false;
  constexpr mode_t kPermissionBits = 07777;
  constexpr mode_t kOpen = 0700;
  auto above = finder_.OpenAbove();
  if (!above.ok()) return std::move(above.error());
  const char* name = finder_.name().c_str();
  if (sys::SetTimesAt(above.value().fd(), name, before_.mtime) != 0) {
    return LastError("utimensat", path_);
  }
  if (sys::IsPrivileged() || (before_.mode & kOpen) == kOpen) return std::nullopt;
  if (sys::ChmodAt(above.value().fd(), name, before_.mode & kPermissionBits) == 0) {
    return std::nullopt;
  }
  return LastError("fchmod", path_);
}

Result<std::uint64_t> RemoveNames(const std::shared_ptr<Dir>& root,
                                  const std::vector<SplitPath>& paths, const Accept& accept,
                                  const JobContext& job) {
  Editor editor(root, job.failures);
  std::uint64_t removed = 0;
  for (const SplitPath& path : paths) {
    if (job.monitor->abort) return Aborted();
    auto found = editor.Find(path);
    if (!found.ok()) return std::move(found.error());
    const auto& stat = found.value().stat;
    if (!stat || TypeOf(stat->mode) == Type::kDirectory || !accept(path, *stat)) continue;
    if (auto error = editor.Unseal()) return std::move(*error);
    if (sys::UnlinkAt(editor.fd(), std::string(path.name).c_str()) != 0 && errno != ENOENT) {
      return LastError("unlinkat", path.path());
    }
    ++removed;
    ++job.monitor->entries;
  }
  if (auto error = editor.Reseal()) return std::move(*error);
  return removed;
}

}  // namespace cura
