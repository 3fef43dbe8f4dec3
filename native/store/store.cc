// Opens and reads a store safely.
#include "store/store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "tree/trusted_path.h"

namespace cura {

namespace {

bool IsPlainName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('\0') == std::string_view::npos;
}

}  // namespace

Result<Store> Store::Open(const std::string& path) {
  auto walked = OpenTrusted(path);
  if (!walked.ok()) {
    const bool is_link = walked.error().code == kForeignLinkCode;
    if (is_link) return OsError{kStoreLinkCode, "open", path, {}};
    return std::move(walked.error());
  }
  if (!walked.value().missing.empty()) return OsError{ENOENT, "statx", path, {}};
  Fd fd(sys::OpenAt(walked.value().fd.get(), ".", sys::kOpenDirectory));
  if (!fd.valid()) return LastError("open", path);
  sys::Stat stat;
  if (sys::StatFd(fd.get(), &stat) != 0) return LastError("statx", path);
  if (stat.uid != sys::EffectiveUser()) return OsError{kStoreOwnerCode, "open", path, {}};
  if ((stat.mode & (S_IWGRP | S_IWOTH)) != 0) return OsError{kStoreWritableCode, "open", path, {}};
  return Store(std::move(fd), Identity{stat.dev, stat.ino});
}

Result<std::vector<StoreEntry>> Store::List(const std::string& directory) const {
  const char* name = directory.empty() ? "." : directory.c_str();
  const Fd dir(sys::OpenAt(fd_.get(), name, sys::kOpenDirectory));
  if (!dir.valid()) return LastError("openat", directory);
  sys::Names names;
  if (sys::ReadNames(dir.get(), &names) != 0) return LastError("getdents", directory);
  std::vector<StoreEntry> entries;
  for (const sys::Name listed : names) {
    const std::string entry(listed.text);
    sys::Stat stat;
    if (sys::StatAt(dir.get(), entry.c_str(), &stat) != 0) {
      if (errno == ENOENT) continue;
      return LastError("statx", entry);
    }
    entries.push_back({entry, TypeOf(stat.mode)});
  }
  return entries;
}

bool IsNamed(const Fd& store, const char* name, const Fd& file) {
  sys::Stat named, open;
  return sys::StatAt(store.get(), name, &named) == 0 && sys::StatFd(file.get(), &open) == 0 &&
         Identity{named.dev, named.ino} == Identity{open.dev, open.ino};
}

// Falls back to a check and a rename on filesystems without RENAME_NOREPLACE. This is safe, because
// the lock excludes other runs and rename never replaces a directory that is not empty.
int RenameNew(const Fd& store, const std::string& from, const std::string& to) {
  const int renamed = sys::RenameNoReplace(store.get(), from.c_str(), store.get(), to.c_str());
  if (renamed == 0 || (errno != EINVAL && errno != ENOSYS)) return renamed;
  sys::Stat stat;
  if (sys::StatAt(store.get(), to.c_str(), &stat) == 0) {
    errno = EEXIST;
    return -1;
  }
  return sys::RenameAt(store.get(), from.c_str(), store.get(), to.c_str());
}

Result<std::string> ReadSome(const Fd& file, size_t limit) {
  std::string bytes(limit, '\0');
  const ssize_t got = sys::ReadFull(file.get(), bytes.data(), limit);
  if (got < 0) return LastError("read");
  bytes.resize(static_cast<size_t>(got));
  return bytes;
}

// Opens the last name of the path with other flags than those above it. No path: the directory.
Result<Fd> Store::Walk(const std::string& directory, const std::string& path, int flags) const {
  Fd at(sys::OpenAt(fd_.get(), directory.c_str(), path.empty() ? flags : sys::kOpenPath));
  for (size_t begin = 0; at.valid() && !path.empty() && begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    if (!IsPlainName(name)) return OsError{EINVAL, "openat", path, {}};
    at = Fd(sys::OpenAt(at.get(), name.c_str(), end == path.size() ? flags : sys::kOpenPath));
    begin = end + 1;
  }
  if (!at.valid()) return LastError("openat", path.empty() ? directory : path);
  return at;
}

Result<Fd> Store::OpenDirectoryBelow(const std::string& directory, const std::string& path) const {
  return Walk(directory, path, sys::kOpenDirectory);
}

Result<Fd> Store::OpenBelow(const std::string& directory, const std::string& path) const {
  if (path.empty()) return OsError{EINVAL, "openat", path, {}};
  auto file = Walk(directory, path, sys::kOpenFile);
  if (!file.ok()) return file;
  sys::Stat stat;
  if (sys::StatFd(file.value().get(), &stat) != 0) return LastError("openat", path);
  if (TypeOf(stat.mode) != Type::kFile) return OsError{EINVAL, "openat", path, {}};
  return file;
}

Result<std::optional<std::string>> Store::ReadBelow(const std::string& directory,
                                                    const std::string& path, size_t limit) const {
  const auto file = OpenBelow(directory, path);
  if (!file.ok()) return file.error();
  sys::Stat stat;
  if (sys::StatFd(file.value().get(), &stat) != 0) return LastError("fstat", path);
  if (stat.size > limit) return std::optional<std::string>();
  auto bytes = ReadSome(file.value(), stat.size);
  if (!bytes.ok()) return std::move(bytes.error());
  return std::optional<std::string>(std::move(bytes.value()));
}

Result<std::optional<std::string>> ReadFileIn(const Fd& dir, const std::string& file,
                                              size_t limit) {
  const Fd fd(sys::OpenAt(dir.get(), file.c_str(), sys::kOpenFile));
  if (!fd.valid() && errno == ENOENT) return std::optional<std::string>();
  sys::Stat stat;
  if (!fd.valid() || sys::StatFd(fd.get(), &stat) != 0) return LastError("openat", file);
  if (TypeOf(stat.mode) != Type::kFile) return OsError{EINVAL, "openat", file, {}};
  if (stat.size > limit) return OsError{EFBIG, "openat", file, {}};
  auto bytes = ReadSome(fd, stat.size);
  if (!bytes.ok()) return std::move(bytes.error());
  return std::optional<std::string>(std::move(bytes.value()));
}

}  // namespace cura
