// System calls that Linux and macOS share.
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "platform/sys.h"

namespace cura::sys {

namespace {

// Restarts a slow call that a signal handler without SA_RESTART interrupted before it did anything.
template <typename Call>
auto Retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace

int OpenAt(int dir, const char* name, int flags) {
  return Retry([&] { return ::openat(dir, name, flags | O_CLOEXEC, 0); });
}

int CreateAt(int dir, const char* name) {
  constexpr int kFlags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  return Retry([&] { return ::openat(dir, name, kFlags, 0600); });
}

// Never retries after EINTR: the descriptor is closed, and another thread may already have reused
// its number.
int Close(int fd) {
  const int result = ::close(fd);
  return result < 0 && errno == EINTR ? 0 : result;
}

ssize_t Read(int fd, void* buffer, size_t size) {
  return Retry([&] { return ::read(fd, buffer, size); });
}

ssize_t ReadFull(int fd, char* buffer, size_t size) {
  size_t filled = 0;
  while (filled < size) {
    const ssize_t got = Read(fd, buffer + filled, size - filled);
    if (got < 0) return -1;
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  return static_cast<ssize_t>(filled);
}

ssize_t ReadAt(int fd, char* buffer, size_t size, std::uint64_t offset) {
  size_t filled = 0;
  while (filled < size) {
    const auto at = static_cast<off_t>(offset + filled);
    const ssize_t got = Retry([&] { return ::pread(fd, buffer + filled, size - filled, at); });
    if (got < 0) return -1;
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  return static_cast<ssize_t>(filled);
}

ssize_t Write(int fd, const void* buffer, size_t size) {
  const ssize_t written = Retry([&] { return ::write(fd, buffer, size); });
  if (written != 0 || size == 0) return written;
  errno = EIO;  // the filesystem wrote nothing and reported nothing; retrying would never end
  return -1;
}

off_t Seek(int fd, off_t offset, int whence) { return ::lseek(fd, offset, whence); }

int Truncate(int fd, off_t size) {
  return Retry([&] { return ::ftruncate(fd, size); });
}

int MakeDirectoryAt(int dir, const char* name, mode_t mode) { return ::mkdirat(dir, name, mode); }

int SymlinkAt(const char* target, int dir, const char* name) {
  return ::symlinkat(target, dir, name);
}

ssize_t ReadLinkAt(int dir, const char* name, char* buffer, size_t size) {
  return ::readlinkat(dir, name, buffer, size);
}

int LinkAt(int from_dir, const char* from, int to_dir, const char* to) {
  return ::linkat(from_dir, from, to_dir, to, 0);
}

int UnlinkAt(int dir, const char* name) { return ::unlinkat(dir, name, 0); }

int RemoveDirectoryAt(int dir, const char* name) { return ::unlinkat(dir, name, AT_REMOVEDIR); }

int RenameAt(int from_dir, const char* from, int to_dir, const char* to) {
  return ::renameat(from_dir, from, to_dir, to);
}

int ChownFd(int fd, std::uint32_t uid, std::uint32_t gid) { return ::fchown(fd, uid, gid); }

int ChownAt(int dir, const char* name, std::uint32_t uid, std::uint32_t gid) {
  return ::fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

int ChmodFd(int fd, mode_t mode) { return ::fchmod(fd, mode); }

namespace {

// The two times for utimensat, which leave the access time alone.
struct TimePair {
  struct timespec values[2];
  explicit TimePair(Timestamp mtime) : values{} {
    values[0].tv_nsec = UTIME_OMIT;
    values[1].tv_sec = static_cast<time_t>(mtime.sec);
    values[1].tv_nsec = static_cast<long>(mtime.nsec);
  }
};

}  // namespace

int SetTimesFd(int fd, Timestamp mtime) { return ::futimens(fd, TimePair(mtime).values); }

int SetTimesAt(int dir, const char* name, Timestamp mtime) {
  return ::utimensat(dir, name, TimePair(mtime).values, AT_SYMLINK_NOFOLLOW);
}

int TryFlock(int fd) {
  return Retry([&] { return ::flock(fd, LOCK_EX | LOCK_NB); });
}

int TryShareFlock(int fd) {
  return Retry([&] { return ::flock(fd, LOCK_SH | LOCK_NB); });
}

void Pause(long milliseconds) {
  const timespec pause{0, milliseconds * 1'000'000};
  ::nanosleep(&pause, nullptr);
}

std::uint32_t EffectiveUser() { return ::geteuid(); }

pid_t OwnProcess() { return ::getpid(); }

size_t DescriptorLimit() {
  struct rlimit limit {};
  constexpr size_t kUnlimited = 1U << 20U;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > kUnlimited) return kUnlimited;
  return static_cast<size_t>(limit.rlim_cur);
}

}  // namespace cura::sys
