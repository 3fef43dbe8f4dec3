// For tests only: wraps the C library's calls in calls.txt (linker option --wrap), and makes those
// fail that the page names. Linux only.
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>

#include "page.h"

#ifndef FS_IOC_SHUTDOWN
#define FS_IOC_SHUTDOWN _IOR('X', 125, std::uint32_t)
#endif

// The C library's own calls, by the names that the linker gives them.
extern "C" {
int __real_close(int fd);
int __real_ioctl(int fd, unsigned long request, ...);
int __real_kill(pid_t pid, int number);
int __real_nanosleep(const timespec* pause, timespec* left);
int __real_openat64(int dir, const char* name, int flags, ...);
}

namespace cura::faults {

namespace {

Page* MapPage() {
  const char* path = std::getenv("CURA_FAULTS");
  if (path == nullptr) return nullptr;
  const int fd = __real_openat64(AT_FDCWD, path, O_RDWR | O_CLOEXEC);
  if (fd < 0) std::abort();
  void* map = ::mmap(nullptr, kPageSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) std::abort();
  __real_close(fd);
  return static_cast<Page*>(map);
}

Page* page() {
  static Page* const mapped = MapPage();
  return mapped;
}

void Sleep(int milliseconds) {
  const timespec pause{milliseconds / 1000, (milliseconds % 1000) * 1'000'000L};
  __real_nanosleep(&pause, nullptr);
}

void Signal(int number) {
  __real_kill(::getpid(), number);
  while (number == SIGKILL) Sleep(1000);  // makes no further call before the process dies
  constexpr int kUntilHeard_ms = 20;
  Sleep(kUntilHeard_ms);
}

// Shuts the filesystem down. Its journal may be written first (1) or not (2); contents are not.
void CutPower() {
  auto how = static_cast<std::uint32_t>(page()->value);
  const int fd = __real_openat64(AT_FDCWD, page()->mount, O_RDONLY | O_DIRECTORY);
  if (fd < 0 || __real_ioctl(fd, FS_IOC_SHUTDOWN, &how) < 0) std::abort();
  Signal(SIGKILL);
}

enum class Kind : bool { kReading, kMutating };

// Whether the name is in the list, where each name is followed by a space.
bool IsAmong(std::string_view name, std::string_view names) {
  for (size_t at = names.find(' '); at != std::string_view::npos; at = names.find(' ')) {
    if (names.substr(0, at) == name) return true;
    names.remove_prefix(at + 1);
  }
  return false;
}

// Counts the call, and decides what happens to it.
Action Judge(std::string_view name, Kind kind) {
  Page* const shared = page();
  if (shared == nullptr || shared->action == Action::kNone) return Action::kNone;
  if ((shared->flags & kMutatingOnly) != 0 && kind == Kind::kReading) return Action::kNone;
  if (shared->only[0] != '\0' && name != shared->only) return Action::kNone;
  const std::uint64_t number = ++shared->calls;
  if (number < shared->first || number > shared->last) return Action::kNone;
  if (shared->hits++ == 0) std::memcpy(shared->hit, name.data(), name.size());
  switch (shared->action) {
    case Action::kDelay:
      Sleep(shared->value);
      return Action::kNone;
    case Action::kSignal:
      Signal(shared->value);
      return Action::kNone;
    case Action::kPowerCut:
      CutPower();
      return Action::kNone;
    default:
      return shared->action;
  }
}

bool IsWeakened(std::string_view name) {
  return page() != nullptr && IsAmong(name, page()->weaken);
}

// A call that is always skipped counts too, so that steps keep their numbers.
Action Next(std::string_view name, Kind kind) {
  const Action action = Judge(name, kind);
  return IsWeakened(name) ? Action::kSkip : action;
}

// Makes the call or its replacement. Short and weakened calls are made by the wrapper itself.
template <typename Call>
auto Through(std::string_view name, Kind kind, Call call) -> decltype(call(Action::kNone)) {
  const Action action = Next(name, kind);
  if (action == Action::kSkip) return 0;
  if (action != Action::kError) return call(action);
  errno = page()->value;
  return -1;
}

constexpr time_t kAhead_s = 60;

size_t Halved(size_t size, Action action) {
  return action == Action::kShort && size > 1 ? size / 2 : size;
}

Kind KindOfOpen(int flags) {
  const bool reading = (flags & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)) == 0;
  return reading ? Kind::kReading : Kind::kMutating;
}

}  // namespace

}  // namespace cura::faults

using namespace cura::faults;  // NOLINT: what follows has names for the linker

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming,cert-*)
#define WRAP(result, name, parameters, shown, kind, ...)                                        \
  result __real_##name parameters;                                                              \
  result __wrap_##name parameters {                                                             \
    return Through(shown, Kind::kind,                                                           \
                   [&]([[maybe_unused]] Action action) { return __real_##name(__VA_ARGS__); }); \
  }                                                                                             \
  static_assert(true)

extern "C" {

WRAP(ssize_t, read, (int fd, void* to, size_t size), "read", kReading, fd, to,
     Halved(size, action));
WRAP(ssize_t, pread64, (int fd, void* to, size_t size, off64_t offset), "pread", kReading, fd, to,
     Halved(size, action), offset);
WRAP(ssize_t, write, (int fd, const void* from, size_t size), "write", kMutating, fd, from,
     Halved(size, action));
WRAP(off64_t, lseek64, (int fd, off64_t offset, int whence), "lseek", kReading, fd, offset, whence);
WRAP(int, ftruncate64, (int fd, off64_t size), "ftruncate", kMutating, fd, size);
WRAP(int, mkdirat, (int dir, const char* name, mode_t mode), "mkdirat", kMutating, dir, name, mode);
WRAP(int, symlinkat, (const char* to, int dir, const char* name), "symlinkat", kMutating, to, dir,
     name);
WRAP(ssize_t, readlinkat, (int dir, const char* name, char* to, size_t size), "readlinkat",
     kReading, dir, name, to, size);
WRAP(int, linkat, (int from_dir, const char* from, int dir, const char* name, int flags), "linkat",
     kMutating, from_dir, from, dir, name, flags);
WRAP(int, unlinkat, (int dir, const char* name, int flags), "unlinkat", kMutating, dir, name,
     flags);
WRAP(int, renameat, (int from_dir, const char* from, int dir, const char* name), "renameat",
     kMutating, from_dir, from, dir, name);
WRAP(int, fchown, (int fd, uid_t uid, gid_t gid), "fchown", kMutating, fd, uid, gid);
WRAP(int, fchownat, (int dir, const char* name, uid_t uid, gid_t gid, int flags), "fchownat",
     kMutating, dir, name, uid, gid, flags);
WRAP(int, fchmod, (int fd, mode_t mode), "fchmod", kMutating, fd, mode);
WRAP(int, chmod, (const char* path, mode_t mode), "chmod", kMutating, path, mode);
WRAP(int, futimens, (int fd, const timespec* times), "futimens", kMutating, fd, times);
WRAP(int, utimensat, (int dir, const char* name, const timespec* times, int flags), "utimensat",
     kMutating, dir, name, times, flags);
WRAP(ssize_t, flistxattr, (int fd, char* to, size_t size), "flistxattr", kReading, fd, to, size);
WRAP(ssize_t, llistxattr, (const char* path, char* to, size_t size), "llistxattr", kReading, path,
     to, size);
WRAP(ssize_t, fgetxattr, (int fd, const char* key, void* to, size_t size), "fgetxattr", kReading,
     fd, key, to, size);
WRAP(ssize_t, lgetxattr, (const char* path, const char* key, void* to, size_t size), "lgetxattr",
     kReading, path, key, to, size);
WRAP(int, fsetxattr, (int fd, const char* key, const void* from, size_t size, int flags),
     "fsetxattr", kMutating, fd, key, from, size, flags);
WRAP(int, lsetxattr, (const char* path, const char* key, const void* from, size_t size, int flags),
     "lsetxattr", kMutating, path, key, from, size, flags);
WRAP(int, fremovexattr, (int fd, const char* key), "fremovexattr", kMutating, fd, key);
WRAP(int, fsync, (int fd), "fsync", kMutating, fd);
WRAP(int, syncfs, (int fd), "syncfs", kMutating, fd);
WRAP(int, sync_file_range, (int fd, off64_t at, off64_t size, unsigned flags), "sync_file_range",
     kReading, fd, at, size, flags);
WRAP(int, flock, (int fd, int operation), "flock", kReading, fd, operation);
WRAP(int, kill, (pid_t pid, int number), "kill", kReading, pid, number);
WRAP(int, getrlimit64, (__rlimit_resource_t what, struct rlimit64* to), "getrlimit", kReading, what,
     to);
WRAP(int, nanosleep, (const timespec* pause, timespec* left), "nanosleep", kReading, pause, left);

// Cannot fail.
uid_t __real_geteuid();
uid_t __wrap_geteuid() { return __real_geteuid(); }
pid_t __real_getpid();
pid_t __wrap_getpid() { return __real_getpid(); }

// The descriptor is closed even if close fails.
int __wrap_close(int fd) {
  const int closed = __real_close(fd);
  return Through("close", Kind::kReading, [&](Action) { return closed; });
}

int __wrap_openat64(int dir, const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = va_arg(rest, mode_t);
  va_end(rest);
  const Action action = Next("openat", KindOfOpen(flags));
  if (action == Action::kError) {
    errno = page()->value;
    return -1;
  }
  if (action == Action::kFollow) flags &= ~O_NOFOLLOW;
  return __real_openat64(dir, name, flags, mode);
}

// A short clone has half of the bytes, and reports no error.
int Clone(int fd, int from, Action action) {
  const int done = __real_ioctl(fd, FICLONE, from);
  struct stat64 whole {};
  if (done != 0 || action != Action::kShort || ::fstat64(fd, &whole) != 0) return done;
  return __real_ftruncate64(fd, whole.st_size / 2);
}

int __wrap_ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  const long argument = va_arg(rest, long);
  va_end(rest);
  const bool clones = request == FICLONE;
  return Through(clones ? "ficlone" : "ioctl", Kind::kMutating, [&](Action action) {
    return clones ? Clone(fd, static_cast<int>(argument), action)
                  : __real_ioctl(fd, request, argument);
  });
}

// Weakened by "fsid": all filesystems look the same.
int __real_fstatfs64(int fd, struct statfs64* to);
int __wrap_fstatfs64(int fd, struct statfs64* to) {
  return Through("fstatfs", Kind::kReading, [&](Action) {
    const int done = __real_fstatfs64(fd, to);
    if (done == 0 && IsWeakened("fsid")) to->f_fsid = {{1, 1}};
    return done;
  });
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a[6];
  for (long& argument : a) argument = va_arg(rest, long);
  va_end(rest);
  const bool copies = number == SYS_copy_file_range;
  const bool mutates = copies || number == SYS_renameat2 || number == SYS_mknodat;
  const char* const name = copies                            ? "copy_file_range"
                           : number == SYS_renameat2         ? "renameat2"
                           : number == SYS_mknodat           ? "mknodat"
                           : number == SYS_getdents64        ? "getdents64"
                           : number == SYS_statx             ? "statx"
                           : number == SYS_pidfd_open        ? "pidfd_open"
                           : number == SYS_pidfd_send_signal ? "pidfd_send_signal"
                                                             : "syscall";
  // Weakened by "clock": all times are long past.
  if (number == SYS_clock_gettime && IsWeakened("clock")) {
    const long done = __real_syscall(number, a[0], a[1]);
    reinterpret_cast<timespec*>(a[1])->tv_sec += kAhead_s;
    return done;
  }
  return Through(name, mutates ? Kind::kMutating : Kind::kReading, [&](Action action) {
    const auto size = static_cast<size_t>(a[4]);
    const long fifth = copies ? static_cast<long>(Halved(size, action)) : a[4];
    if (number == SYS_statx && action == Action::kFollow) a[2] &= ~AT_SYMLINK_NOFOLLOW;
    return __real_syscall(number, a[0], a[1], a[2], a[3], fifth, a[5]);
  });
}

int __real_pthread_create(pthread_t* thread, const pthread_attr_t* how, void* (*run)(void*),
                          void* with);
int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* how, void* (*run)(void*),
                          void* with) {
  const bool alone = page() != nullptr && (page()->flags & kOneThread) != 0;
  return alone ? EAGAIN : __real_pthread_create(thread, how, run, with);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming,cert-*)
