// Modes and extended attributes on Linux, by descriptor or by name in an open directory.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "platform/fd.h"
#include "platform/sys.h"

namespace cura::sys {

namespace {

// A path to a name in an open directory, for calls that have no *at form. The kernel resolves it
// through the descriptor, and the l… calls do not follow the name itself.
class ProcPath {
 public:
  ProcPath(int dir, const char* name) {
    const int length = std::snprintf(path_.data(), path_.size(), "/proc/self/fd/%d/%s", dir, name);
    fits_ = length > 0 && static_cast<size_t>(length) < path_.size();
  }
  // The path to the descriptor itself, which may be O_PATH.
  explicit ProcPath(int fd) {
    std::snprintf(path_.data(), path_.size(), "/proc/self/fd/%d", fd);
    fits_ = true;
  }
  [[nodiscard]] const char* get() const { return fits_ ? path_.data() : "\0"; }

 private:
  // Some filesystems allow 255 characters in a name instead of 255 bytes.
  std::array<char, 32 + 4 * NAME_MAX> path_{};
  bool fits_ = false;
};

// Whether /proc shows this process. A chroot may have no /proc, or that of another PID namespace.
bool HasProc(int dir) {
  Stat stat;
  return StatAt(AT_FDCWD, ProcPath(dir).get(), &stat) == 0;
}

// System calls of Linux 6.6 (fchmodat2) and 6.13, with the same numbers on every architecture.
constexpr long kFchmodat2 = 452;
constexpr long kSetxattrat = 463;
constexpr long kGetxattrat = 464;
constexpr long kListxattrat = 465;

struct XattrArgs {
  alignas(8) std::uint64_t value;
  std::uint32_t size;
  std::uint32_t flags;
};

// Opens files and directories only, because opening a device may have side effects.
Fd OpenPlain(int dir, const char* name) {
  Stat stat;
  if (StatAt(dir, name, &stat) != 0) return Fd();
  if (!S_ISREG(stat.mode) && !S_ISDIR(stat.mode)) {
    errno = ENOTTY;
    return Fd();
  }
  return Fd(OpenAt(dir, name, kOpenFile));
}

// Tries the path through /proc first. Without /proc it uses the newer call, and on older kernels a
// descriptor.
template <typename ByPath, typename ByCall, typename ByFd>
long AtName(int dir, const char* name, ByPath by_path, ByCall by_call, ByFd by_fd) {
  const auto done = by_path(ProcPath(dir, name).get());
  if (done >= 0 || (errno != ENOENT && errno != ENOTDIR)) return done;
  const int error = errno;
  if (HasProc(dir)) {
    errno = error;
    return -1;
  }
  const long called = by_call();
  if (called >= 0 || errno != ENOSYS) return called;
  const Fd fd = OpenPlain(dir, name);
  return fd.valid() ? by_fd(fd.get()) : -1;
}

}  // namespace

// Opens the inode first, because fchmodat has no working AT_SYMLINK_NOFOLLOW before Linux 6.6.
int ChmodAt(int dir, const char* name, mode_t mode) {
  const Fd held(OpenAt(dir, name, O_PATH | O_NOFOLLOW));
  if (!held.valid()) return -1;
  Stat stat;
  if (StatFd(held.get(), &stat) != 0) return -1;
  if (S_ISLNK(stat.mode)) {
    errno = ELOOP;
    return -1;
  }
  if (::chmod(ProcPath(held.get()).get(), mode) == 0) return 0;
  if (errno != ENOENT && errno != ENOTDIR) return -1;
  return static_cast<int>(::syscall(kFchmodat2, dir, name, mode, AT_SYMLINK_NOFOLLOW));
}

ssize_t ListXattrFd(int fd, char* names, size_t size) { return ::flistxattr(fd, names, size); }

ssize_t ListXattrAt(int dir, const char* name, char* names, size_t size) {
  return AtName(
      dir, name, [&](const char* path) { return ::llistxattr(path, names, size); },
      [&] { return ::syscall(kListxattrat, dir, name, AT_SYMLINK_NOFOLLOW, names, size); },
      [&](int fd) { return ListXattrFd(fd, names, size); });
}

ssize_t GetXattrFd(int fd, const char* key, void* value, size_t size) {
  return ::fgetxattr(fd, key, value, size);
}

ssize_t GetXattrAt(int dir, const char* name, const char* key, void* value, size_t size) {
  const XattrArgs args{reinterpret_cast<std::uintptr_t>(value), static_cast<std::uint32_t>(size),
                       0};
  return AtName(
      dir, name, [&](const char* path) { return ::lgetxattr(path, key, value, size); },
      [&] {
        return ::syscall(kGetxattrat, dir, name, AT_SYMLINK_NOFOLLOW, key, &args, sizeof args);
      },
      [&](int fd) { return GetXattrFd(fd, key, value, size); });
}

int SetXattrFd(int fd, const char* key, const void* value, size_t size) {
  return ::fsetxattr(fd, key, value, size, 0);
}

int SetXattrAt(int dir, const char* name, const char* key, const void* value, size_t size) {
  const XattrArgs args{reinterpret_cast<std::uintptr_t>(value), static_cast<std::uint32_t>(size),
                       0};
  return static_cast<int>(AtName(
      dir, name, [&](const char* path) { return ::lsetxattr(path, key, value, size, 0); },
      [&] {
        return ::syscall(kSetxattrat, dir, name, AT_SYMLINK_NOFOLLOW, key, &args, sizeof args);
      },
      [&](int fd) { return SetXattrFd(fd, key, value, size); }));
}

const std::array<const char*, 2> kAclKeys = {"system.posix_acl_default", "system.posix_acl_access"};

bool NeedsWritePermission(std::string_view key) { return key.starts_with("user."); }

int RemoveXattrFd(int fd, const char* key) { return ::fremovexattr(fd, key); }

}  // namespace cura::sys
