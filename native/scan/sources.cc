// Opens the operands, and refuses those inside the store.
#include "scan/sources.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <type_traits>

#include "tree/trusted_path.h"

namespace cura {

namespace {

// "a/b/c//" is "a/b" and "c"; "c" is "." and "c".
std::pair<std::string, std::string> SplitPath(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

// Follows a symlink, because the user typed this path and means its target.
Fd OpenOperand(const std::string& path) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_NOCTTY;
  Fd fd(sys::OpenAt(AT_FDCWD, path.c_str(), kFlags | sys::kNoAccessTime));
  if (!fd.valid() && errno == EPERM) fd = Fd(sys::OpenAt(AT_FDCWD, path.c_str(), kFlags));
  return fd;
}

// Opens the directory that holds a file. `path` may be a symlink to it. `base` becomes the name of
// the file in that directory.
Result<Fd> OpenParent(std::string path, std::string* base) {
  constexpr int kMostLinks = 40;
  for (int links = 0; links < kMostLinks; ++links) {
    std::string top;
    std::tie(top, *base) = SplitPath(path);
    Fd fd = OpenOperand(top);
    if (!fd.valid()) return LastError("open", top);
    sys::Stat stat;
    if (sys::StatAt(fd.get(), base->c_str(), &stat) != 0) return LastError("statx", path);
    if (TypeOf(stat.mode) == Type::kFile) return fd;
    if (TypeOf(stat.mode) != Type::kSymlink) return OsError{kSourceTypeCode, "statx", path, {}};
    std::array<char, 4097> buffer{};
    const ssize_t size = sys::ReadLinkAt(fd.get(), base->c_str(), buffer.data(), buffer.size() - 1);
    if (size < 0) return LastError("readlinkat", path);
    const std::string target(buffer.data(), static_cast<size_t>(size));
    path = target.starts_with('/') ? target : top.append("/").append(target);
  }
  return OsError{ELOOP, "open", path, {}};
}

// Errors of the command line or of this process, not of the operand.
bool IsOurTrouble(int code) {
  return code == kSourceInStoreCode || code == kSourceTypeCode || code == EMFILE ||
         code == ENFILE || code == ENOMEM;
}

// Inserts an operand in the order of names.
template <typename Operand>
void Insert(std::vector<Operand>* list, std::type_identity_t<Operand> operand) {
  const auto before = [](const Operand& a, const Operand& b) { return a.name < b.name; };
  list->insert(std::lower_bound(list->begin(), list->end(), operand, before), std::move(operand));
}

struct IsCalled {
  std::string_view name;
  template <typename Operand>
  bool operator()(const Operand& operand) const {
    return operand.name == name;
  }
};

}  // namespace

bool IsMountPoint(int dir) {
  const Fd parent(sys::OpenAt(dir, "..", sys::kOpenPath));
  sys::Stat above, stat;
  if (!parent.valid() || sys::StatFd(parent.get(), &above) != 0) return false;
  if (sys::StatFd(dir, &stat) != 0) return false;
  if (stat.dev == above.dev && stat.ino == above.ino) return true;
  // A btrfs subvolume has another device than the directory above it, but the same mount.
  return stat.mount != 0 ? stat.mount != above.mount : stat.dev != above.dev;
}

bool IsMountPoint(const std::string& path) {
  const Fd fd = OpenOperand(path);
  return fd.valid() && IsMountPoint(fd.get());
}

Status Sources::Open(std::string name, const std::string& path, Identity store) {
  const int flags = sys::kOpenDirectory | sys::kNoAccessTime;
  Fd fd = OpenOperand(path);
  std::string base;
  if (!fd.valid()) {
    if (errno != ENOTDIR) return LastError("open", path);
    auto parent = OpenParent(path, &base);
    if (!parent.ok()) return std::move(parent.error());
    fd = std::move(parent.value());
  }
  Fd start(sys::OpenAt(fd.get(), ".", sys::kOpenPath));
  const int inside = start.valid() ? IsInside(std::move(start), {store}) : -1;
  if (inside < 0) return LastError("open", path);
  if (inside > 0) return OsError{kSourceInStoreCode, "open", path, {}};
  const bool is_mounted = base.empty() && IsMountPoint(fd.get());
  auto dir =
      Dir::Root(&resources_->dirs, std::move(fd), flags, base.empty() ? name : std::string());
  Insert(&list_, {std::move(name), path, std::move(dir), std::move(base), is_mounted});
  return std::nullopt;
}

Status Sources::Add(const std::string& name, const std::string& path, Identity store) {
  auto error = Open(name, path, store);
  if (!error || IsOurTrouble(error->code)) return error;
  error->path = path;
  Insert(&failed_, {name, std::move(*error)});
  return std::nullopt;
}

void Sources::Drop(std::string_view name) {
  const auto found = std::find_if(list_.begin(), list_.end(), IsCalled{name});
  if (found == list_.end()) return;
  Insert(&failed_, {found->name, {ENODEV, "read", found->path, {}}});
  list_.erase(found);
}

const Source* Sources::Find(std::string_view name) const {
  const auto found = std::find_if(list_.begin(), list_.end(), IsCalled{name});
  return found != list_.end() ? &*found : nullptr;
}

const Source& Sources::Named(std::string_view name) const { return *Find(name); }

bool Sources::Overlap() const {
  std::vector<Identity> tops;
  for (const Source& source : list_) {
    auto lease = source.dir->Open();
    sys::Stat stat;
    if (!lease.ok() || sys::StatFd(lease.value().fd(), &stat) != 0) return true;
    const Identity top{stat.dev, stat.ino};
    // The same directory twice, or the directory of two files.
    if (std::find(tops.begin(), tops.end(), top) != tops.end()) return true;
    tops.push_back(top);
  }
  return std::any_of(list_.begin(), list_.end(), [&](const Source& source) {
    auto lease = source.dir->Open();
    Fd start(lease.ok() ? sys::OpenAt(lease.value().fd(), ".", sys::kOpenPath) : -1);
    return !start.valid() || IsInside(std::move(start), tops, 1) != 0;
  });
}

std::shared_ptr<Dir> Sources::Find(const std::vector<std::string>& names) const {
  std::shared_ptr<Dir> dir = Named(names.front()).dir;
  for (size_t i = 1; i < names.size(); ++i) dir = Dir::Child(dir, names[i], std::nullopt);
  return dir;
}

}  // namespace cura
