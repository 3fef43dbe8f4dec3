// System calls on Linux.
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string_view>

#include "platform/fd.h"
#include "platform/kernel.h"
#include "platform/sys.h"

// Functions of OpenSSL, which Node exports. Declared here because not every build has the headers,
// and weak so that the addon loads without them. (dlsym would need a symbol version that older
// versions of glibc lack.)
extern "C" {
struct evp_md_st;
struct evp_md_ctx_st;
struct engine_st;
struct ossl_lib_ctx_st;
[[gnu::weak]] evp_md_st* EVP_MD_fetch(ossl_lib_ctx_st* context, const char* name,
                                      const char* query);
[[gnu::weak]] evp_md_ctx_st* EVP_MD_CTX_new();
[[gnu::weak]] void EVP_MD_CTX_free(evp_md_ctx_st* context);
[[gnu::weak]] int EVP_DigestInit_ex(evp_md_ctx_st* context, const evp_md_st* type,
                                    engine_st* engine);
[[gnu::weak]] int EVP_DigestUpdate(evp_md_ctx_st* context, const void* bytes, size_t size);
[[gnu::weak]] int EVP_DigestFinal_ex(evp_md_ctx_st* context, unsigned char* digest, unsigned* size);
}

namespace cura::kernel {

std::string ReadText(const char* path) {
  const Fd fd(sys::OpenAt(AT_FDCWD, path, O_RDONLY));
  std::string text(64 * 1024, '\0');
  const ssize_t size = fd.valid() ? sys::ReadFull(fd.get(), text.data(), text.size()) : -1;
  text.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return text;
}

}  // namespace cura::kernel

namespace cura::sys {

const int kOpenDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
const int kOpenPath = O_PATH | O_DIRECTORY | O_NOFOLLOW;
const int kOpenFile = O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
const int kNoAccessTime = O_NOATIME;
const bool kReportsAnyHoles = true;

namespace {

int Statx(int dir, const char* name, int flags, Stat* out) {
  kernel::Statx raw{};
  const unsigned wanted = kernel::kStatxBasic | kernel::kStatxMount | kernel::kStatxUniqueMount;
  if (::syscall(SYS_statx, dir, name, flags, wanted, &raw) != 0) return -1;
  out->mode = raw.mode;
  out->nlink = raw.nlink;
  out->uid = raw.uid;
  out->gid = raw.gid;
  out->size = raw.size;
  out->allocated = raw.blocks * 512;
  out->dev = makedev(raw.dev_major, raw.dev_minor);
  out->ino = raw.ino;
  out->rdev = makedev(raw.rdev_major, raw.rdev_minor);
  out->mount_is_unique = (raw.mask & kernel::kStatxUniqueMount) != 0;
  const bool has_mount = out->mount_is_unique || (raw.mask & kernel::kStatxMount) != 0;
  out->mount = has_mount ? raw.mount : 0;
  out->mtime = {raw.mtime.seconds, raw.mtime.nanoseconds};
  out->ctime = {raw.ctime.seconds, raw.ctime.nanoseconds};
  return 0;
}

NameType TypeOf(unsigned char type) {
  if (type == DT_DIR) return NameType::kDirectory;
  return type == DT_UNKNOWN ? NameType::kUnknown : NameType::kOther;
}

// Kernels before Linux 5.4 pass on whatever a server, or a damaged disk, says. False for nonsense.
bool AddNames(const char* batch, size_t size, Names* names) {
  constexpr size_t kHead = offsetof(kernel::Dirent, name);
  for (size_t at = 0; at < size;) {
    const auto* entry = reinterpret_cast<const kernel::Dirent*>(batch + at);
    if (size - at <= kHead || entry->length <= kHead || entry->length > size - at) return false;
    const std::string_view room(entry->name, entry->length - kHead);
    const size_t end = room.find('\0');
    if (end == room.npos) return false;
    if (!names->Add(TypeOf(entry->type), room.substr(0, end), entry->ino)) return false;
    at += entry->length;
  }
  return true;
}

}  // namespace

int StatFd(int fd, Stat* out) { return Statx(fd, "", AT_EMPTY_PATH, out); }

int StatAt(int dir, const char* name, Stat* out) {
  return Statx(dir, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, out);
}

int ReadNames(int fd, Names* names) {
  constexpr size_t kBatchSize = 64 * 1024;
  // On the heap, because a library loaded late gets little thread-local space.
  thread_local const std::unique_ptr<char[]> batch(new char[kBatchSize]);
  for (;;) {
    const long size = ::syscall(SYS_getdents64, fd, batch.get(), kBatchSize);
    if (size < 0) return -1;
    if (size == 0) return 0;
    if (AddNames(batch.get(), static_cast<size_t>(size), names)) continue;
    errno = EIO;
    return -1;
  }
}

int MakeNodeAt(int dir, const char* name, mode_t mode, std::uint64_t rdev) {
  // Not mknodat, because the oldest glibc that we support does not have it.
  if (rdev > UINT32_MAX) {
    errno = EINVAL;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_mknodat, dir, name, mode, static_cast<unsigned>(rdev)));
}

int RenameNoReplace(int from_dir, const char* from, int to_dir, const char* to) {
  return static_cast<int>(::syscall(SYS_renameat2, from_dir, from, to_dir, to, RENAME_NOREPLACE));
}

int CreateClone(int from_fd, int dir, const char* name, int* refused) {
  const int fd = CreateAt(dir, name);
  if (fd < 0) return -1;
  constexpr int kMostTries = 5;
  for (int tries = 1;; ++tries) {
    *refused = ::ioctl(fd, FICLONE, from_fd) == 0 ? 0 : errno;
    if (*refused != EINTR || tries == kMostTries) break;
  }
  const bool untouched = *refused == 0 || *refused == EXDEV || *refused == EOPNOTSUPP;
  // Drop any blocks that were shared before the clone failed.
  if (untouched || Truncate(fd, 0) == 0) return fd;
  const int error = errno;
  Close(fd);
  UnlinkAt(dir, name);
  errno = error;
  return -1;
}

ssize_t CopyRange(int from_fd, int to_fd, size_t size) {
  return ::syscall(SYS_copy_file_range, from_fd, nullptr, to_fd, nullptr, size, 0);
}

void DropCached(int fd, std::uint64_t offset, std::uint64_t size) {
  ::syscall(SYS_fadvise64, fd, offset, size, POSIX_FADV_DONTNEED);
}

void SetIdleReads(bool is_idle) {
  // Of linux/ioprio.h, which old headers lack. 0 means: by the thread's nice value.
  constexpr int kThread = 1;
  constexpr int kIdleClass = 3 << 13;
  ::syscall(SYS_ioprio_set, kThread, 0, is_idle ? kIdleClass : 0);
}

void StartWriteback(int fd) { ::sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); }

namespace {

// The algorithm, looked up once because the lookup costs more than hashing a small file; null if
// there is none. Never freed, because OpenSSL shuts down before our destructors run.
const evp_md_st* Algorithm() {
  static const evp_md_st* const found = [] {
    const bool is_there = EVP_MD_fetch != nullptr && EVP_MD_CTX_new != nullptr &&
                          EVP_MD_CTX_free != nullptr && EVP_DigestInit_ex != nullptr &&
                          EVP_DigestUpdate != nullptr && EVP_DigestFinal_ex != nullptr;
    return is_there ? EVP_MD_fetch(nullptr, "SHA2-256", nullptr) : nullptr;
  }();
  return found;
}

evp_md_ctx_st* ContextOf(void* state) { return static_cast<evp_md_ctx_st*>(state); }

}  // namespace

bool Sha256::IsThere() { return Algorithm() != nullptr; }

Sha256::~Sha256() {
  if (state_ != nullptr) EVP_MD_CTX_free(ContextOf(state_));
}

bool Sha256::Start() {
  if (Algorithm() == nullptr) return false;
  if (state_ == nullptr) state_ = EVP_MD_CTX_new();
  return state_ != nullptr && EVP_DigestInit_ex(ContextOf(state_), Algorithm(), nullptr) == 1;
}

bool Sha256::Add(const void* bytes, size_t size) {
  return state_ != nullptr && EVP_DigestUpdate(ContextOf(state_), bytes, size) == 1;
}

bool Sha256::Finish(Digest* digest) {
  return state_ != nullptr && EVP_DigestFinal_ex(ContextOf(state_), digest->data(), nullptr) == 1;
}

int SyncFilesystem(int fd) { return ::syncfs(fd); }

int SyncFile(int fd) { return ::fsync(fd); }

// Since Linux 5.8. False if the kernel release is unknown.
bool SyncsReportErrors() {
  static const bool reports = [] {
    const std::string release = kernel::ReadText("/proc/sys/kernel/osrelease");
    char* rest = nullptr;
    const long major = std::strtol(release.c_str(), &rest, 10);
    const long minor = *rest == '.' ? std::strtol(rest + 1, nullptr, 10) : 0;
    return major > 5 || (major == 5 && minor >= 8);
  }();
  return reports;
}

// Bypasses the C library, whose clock may be faked, because ctimes come from the kernel. The kernel
// stamps files by its coarse clock.
int Now(Timestamp* out) {
  struct {
    std::int64_t seconds;
    std::int64_t nanoseconds;
  } time{};
  static_assert(sizeof(long) == 8, "the kernel's timespec has two longs");
  if (::syscall(SYS_clock_gettime, CLOCK_REALTIME_COARSE, &time) != 0) return -1;
  *out = {time.seconds, static_cast<std::uint32_t>(time.nanoseconds)};
  return 0;
}

std::uint64_t SteadyMs() {
  struct {
    std::uint64_t seconds;
    std::uint64_t nanoseconds;
  } time{};
  ::syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
  constexpr std::uint64_t kThousand = 1000;
  constexpr std::uint64_t kMillion = 1'000'000;
  return time.seconds * kThousand + time.nanoseconds / kMillion;
}

int TryRecordLock(int fd) {
  struct flock64 whole {};
  whole.l_type = F_WRLCK;
  return static_cast<int>(::syscall(SYS_fcntl, fd, F_OFD_SETLK, &whole));
}

// The kernel breaks a lease after this time. Without /proc this returns the kernel's default.
long LeaseBreakTime() {
  constexpr long kUsual_s = 45;
  constexpr long kMost_s = 600;
  const std::string text = kernel::ReadText("/proc/sys/fs/lease-break-time");
  if (text.empty()) return kUsual_s;
  return std::clamp(std::strtol(text.c_str(), nullptr, 10), 0L, kMost_s);
}

std::string PathOf(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

bool IsPrivileged() { return EffectiveUser() == 0; }

std::string BootId() {
  std::string id = kernel::ReadText("/proc/sys/kernel/random/boot_id");
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

// machine-id(5): 32 hexadecimal digits, or "uninitialized" during the first boot.
std::string MachineId() {
  constexpr size_t kDigits = 32;
  for (const char* path : {"/etc/machine-id", "/var/lib/dbus/machine-id"}) {
    const std::string id = kernel::ReadText(path).substr(0, kDigits);
    const bool is_hex = id.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (id.size() == kDigits && is_hex) return id;
  }
  return {};
}

// Field 22 of /proc/PID/stat, counted from the last ')' because the command name may contain
// anything. A zombie counts as ended.
std::string ProcessStart(pid_t pid) {
  std::array<char, 64> path{};
  std::snprintf(path.data(), path.size(), "/proc/%d/stat", static_cast<int>(pid));
  const std::string stat = kernel::ReadText(path.data());
  size_t at = stat.rfind(')');
  if (at == std::string::npos || at + 2 >= stat.size()) return {};
  at += 2;
  if (stat[at] == 'Z' || stat[at] == 'X') return {};
  constexpr int kFieldsBeforeStart = 19;
  for (int field = 0; field < kFieldsBeforeStart; ++field) {
    at = stat.find(' ', at);
    if (at == std::string::npos) return {};
    ++at;
  }
  return stat.substr(at, stat.find(' ', at) - at);
}

// Reads the start time again once the pidfd pins the process, so that its ID cannot be reused in
// between. Before Linux 5.3 there is no pidfd, and a short gap remains.
int SignalProcess(pid_t pid, const std::string& start, int signal) {
  const Fd pinned(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pinned.valid() && errno == ESRCH) return 0;
  if (start.empty() || ProcessStart(pid) != start) return 0;
  const long sent = pinned.valid()
                        ? ::syscall(SYS_pidfd_send_signal, pinned.get(), signal, nullptr, 0)
                        : ::kill(pid, signal);
  if (sent == 0) return 1;
  return errno == ESRCH ? 0 : -1;
}

}  // namespace cura::sys
