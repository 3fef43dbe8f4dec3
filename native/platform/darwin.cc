// System calls on macOS, except for attributes, flags, birth times and ACLs, which are in
// darwin_metadata.cc. Compile-checked on Linux with Apple's headers, never run on a Mac.
#include "platform/darwin.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/attr.h>
#include <sys/clonefile.h>
#include <sys/ioccom.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "platform/fd.h"
#include "platform/sys.h"

#if __has_include(<CommonCrypto/CommonDigest.h>)
#include <CommonCrypto/CommonDigest.h>
#else
extern "C" {
struct CC_SHA256_CTX {
  std::uint32_t count[2];
  std::uint32_t hash[8];
  std::uint32_t wbuf[16];
};
int CC_SHA256_Init(CC_SHA256_CTX* context);
int CC_SHA256_Update(CC_SHA256_CTX* context, const void* bytes, std::uint32_t size);
int CC_SHA256_Final(unsigned char* digest, CC_SHA256_CTX* context);
}
#endif

namespace cura::sys {

const int kOpenDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
// O_SEARCH came with the macOS 13 SDK. An older kernel should ignore its bit and ask for read
// permission, like the other line.
#ifdef O_SEARCH
const int kOpenPath = O_SEARCH | O_DIRECTORY | O_NOFOLLOW;
#else
const int kOpenPath = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
#endif
const int kOpenFile = O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
const int kNoAccessTime = 0;
const bool kReportsAnyHoles = false;  // see Fill

namespace {

bool IsUnsupported(int error) {
  return error == ENOTSUP || error == EOPNOTSUPP || error == ENOTTY || error == EINVAL ||
         error == ENOSYS;
}

Timestamp TimestampOf(const struct timespec& time) {
  return {time.tv_sec, static_cast<std::uint32_t>(time.tv_nsec)};
}

// dev_t is signed here. The cast keeps its sign out of the upper half.
std::uint64_t DeviceOf(dev_t device) { return static_cast<std::uint32_t>(device); }

void Fill(const struct stat& raw, Stat* out) {
  out->mode = raw.st_mode;
  out->nlink = raw.st_nlink;
  out->uid = raw.st_uid;
  out->gid = raw.st_gid;
  out->size = static_cast<std::uint64_t>(raw.st_size);
  out->allocated = static_cast<std::uint64_t>(raw.st_blocks) * 512;
  // Pretends that a file with holes is full, so that it is read from end to end: on APFS, SEEK_DATA
  // has reported holes where data was not yet on disk (bug-coreutils 61386), and it ignores files
  // that the system compresses.
  if (S_ISREG(raw.st_mode)) out->allocated = std::max(out->allocated, out->size);
  out->dev = DeviceOf(raw.st_dev);
  out->ino = raw.st_ino;
  out->rdev = DeviceOf(raw.st_rdev);
  out->mtime = TimestampOf(raw.st_mtimespec);
  out->ctime = TimestampOf(raw.st_ctimespec);
}

NameType TypeOf(unsigned char type) {
  if (type == DT_DIR) return NameType::kDirectory;
  return type == DT_UNKNOWN ? NameType::kUnknown : NameType::kOther;
}

// A function that only newer systems have, or nullptr. The lookup by name lets the addon build with
// any SDK and load on any system.
template <typename Function>
Function* FindFunction(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, name));
}

using MakeFifo = int(int dir, const char* name, mode_t mode);
using MakeNode = int(int dir, const char* name, mode_t mode, dev_t device);

int MissingFunction() {
  errno = ENOSYS;
  return -1;
}

}  // namespace

int StatFd(int fd, Stat* out) {
  struct stat raw {};
  if (::fstat(fd, &raw) != 0) return -1;
  Fill(raw, out);
  return 0;
}

int StatAt(int dir, const char* name, Stat* out) {
  struct stat raw {};
  if (::fstatat(dir, name, &raw, AT_SYMLINK_NOFOLLOW) != 0) return -1;
  Fill(raw, out);
  return 0;
}

// getdirentries is not a public call here, and closedir closes its descriptor, so this duplicates
// it.
int ReadNames(int fd, Names* names) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return -1;
  DIR* dir = ::fdopendir(copy);
  if (dir == nullptr) {
    const int error = errno;
    Close(copy);
    errno = error;
    return -1;
  }
  errno = 0;
  while (const struct dirent* entry = ::readdir(dir)) {
    errno = names->Add(TypeOf(entry->d_type), entry->d_name, entry->d_ino) ? 0 : EIO;
    if (errno != 0) break;
  }
  const int error = errno;
  ::closedir(dir);
  errno = error;
  return error == 0 ? 0 : -1;
}

// Both came with macOS 13.
int MakeNodeAt(int dir, const char* name, mode_t mode, std::uint64_t rdev) {
  if (S_ISFIFO(mode)) {
    static const auto make_fifo = FindFunction<MakeFifo>("mkfifoat");
    if (make_fifo == nullptr) return MissingFunction();
    return Translated(make_fifo(dir, name, mode & ALLPERMS), ENOTSUP, EOPNOTSUPP);
  }
  static const auto make_node = FindFunction<MakeNode>("mknodat");
  if (make_node == nullptr) return MissingFunction();
  return Translated(make_node(dir, name, mode, static_cast<dev_t>(rdev)), ENOTSUP, EOPNOTSUPP);
}

int RenameNoReplace(int from_dir, const char* from, int to_dir, const char* to) {
  return Translated(::renameatx_np(from_dir, from, to_dir, to, RENAME_EXCL), ENOTSUP, EINVAL);
}

// Symlinks have a mode here, which callers do not want to change. A symlink that replaces the file
// meanwhile gets the mode itself: the call never follows it.
int ChmodAt(int dir, const char* name, mode_t mode) {
  Stat stat;
  if (StatAt(dir, name, &stat) != 0) return -1;
  if (S_ISLNK(stat.mode)) {
    errno = ELOOP;
    return -1;
  }
  return ::fchmodat(dir, name, mode, AT_SYMLINK_NOFOLLOW);
}

namespace {

// A clone inherits these flags, which would keep even its owner from changing or removing it.
bool IsLocked(int fd) {
  struct stat raw {};
  constexpr unsigned kLocks = UF_IMMUTABLE | UF_APPEND | SF_IMMUTABLE | SF_APPEND | SF_NOUNLINK;
  return ::fstat(fd, &raw) == 0 && (raw.st_flags & kLocks) != 0;
}

// Keeps the attributes that the system sets and nobody may remove (com.apple.provenance).
void RemoveXattrs(int fd) {
  const ssize_t size = ListXattrFd(fd, nullptr, 0);
  if (size <= 0) return;
  std::string names(static_cast<size_t>(size), '\0');
  const ssize_t length = ListXattrFd(fd, names.data(), names.size());
  if (length <= 0) return;
  names.resize(static_cast<size_t>(length));
  for (size_t at = 0; at < names.size();) {
    const std::string key(names.c_str() + at);
    at += key.size() + 1;
    RemoveXattrFd(fd, key.c_str());
  }
}

// Makes a clone look like a new file on Linux: mode 0600, no attributes, open for writing. Sets the
// mode first, because a clone of a read-only file is read-only too.
int OpenClone(int dir, const char* name) {
  if (::fchmodat(dir, name, 0600, AT_SYMLINK_NOFOLLOW) != 0) return -1;
  const int fd = OpenAt(dir, name, O_RDWR | O_NOFOLLOW | O_NOCTTY);
  if (fd >= 0) RemoveXattrs(fd);
  return fd;
}

// Returns the errno that Linux has for a filesystem without clones. An ACL that a clone inherits is
// a limit of that one file.
int NoClone(int error) { return error == ENOTSUP ? EOPNOTSUPP : error; }

}  // namespace

int CreateClone(int from_fd, int dir, const char* name, int* refused) {
  *refused = EOPNOTSUPP;
  if (!IsLocked(from_fd)) {
    const bool cloned = ::fclonefileat(from_fd, dir, name, CLONE_NOFOLLOW | CLONE_NOOWNERCOPY) == 0;
    const int fd = cloned ? OpenClone(dir, name) : -1;
    *refused = fd >= 0 ? 0 : NoClone(errno);
    if (fd >= 0) return fd;
    if (cloned) UnlinkAt(dir, name);
  }
  return CreateAt(dir, name);
}

// macOS has no such call. fcopyfile copies whole files and cannot be stopped.
ssize_t CopyRange(int /*from_fd*/, int /*to_fd*/, size_t /*size*/) {
  errno = ENOSYS;
  return -1;
}

// macOS has no such call.
void StartWriteback(int /*fd*/) {}

bool Sha256::IsThere() { return true; }

Sha256::~Sha256() { delete static_cast<CC_SHA256_CTX*>(state_); }

bool Sha256::Start() {
  if (state_ == nullptr) state_ = new CC_SHA256_CTX;
  return CC_SHA256_Init(static_cast<CC_SHA256_CTX*>(state_)) == 1;
}

bool Sha256::Add(const void* bytes, size_t size) {
  auto* const context = static_cast<CC_SHA256_CTX*>(state_);
  return context != nullptr &&
         CC_SHA256_Update(context, bytes, static_cast<std::uint32_t>(size)) == 1;
}

bool Sha256::Finish(Digest* digest) {
  auto* const context = static_cast<CC_SHA256_CTX*>(state_);
  return context != nullptr && CC_SHA256_Final(digest->data(), context) == 1;
}

namespace {

// From sys/fsctl.h, which the compiler of scripts/check-darwin.mjs lacks.
constexpr unsigned long kSyncVolume = _IOW('A', 1, std::uint32_t);
constexpr std::uint32_t kSyncToPlatter = 1;
constexpr std::uint32_t kSyncAndWait = 2;

}  // namespace

// Does not use fsync_volume_np, because Apple's published source passes a command without its size,
// which the kernel does not know. If the filesystem has no such command (SMB), sync starts the
// writing and the full sync of `fd` is all that can be done.
int SyncFilesystem(int fd) {
  std::uint32_t how = kSyncToPlatter | kSyncAndWait;
  if (::ffsctl(fd, kSyncVolume, &how, 0) == 0) return 0;
  if (!IsUnsupported(errno)) return -1;
  ::sync();
  return SyncFile(fd);
}

// fsync leaves the data in the drive's cache, where a power cut loses it. Network filesystems have
// nothing better.
int SyncFile(int fd) {
  if (::fcntl(fd, F_FULLFSYNC) == 0) return 0;
  return IsUnsupported(errno) ? ::fsync(fd) : -1;
}

// APFS and HFS+ have a UUID. Nothing is known about other filesystems, since mounts have no numbers
// here.
Volume VolumeOf(int fd) {
  struct statfs raw {};
  if (::fstatfs(fd, &raw) != 0) return {};
  const std::string_view type = raw.f_fstypename;
  if (type != "apfs" && type != "hfs") return {};
  struct attrlist wanted {};
  wanted.bitmapcount = ATTR_BIT_MAP_COUNT;
  wanted.volattr = ATTR_VOL_INFO | ATTR_VOL_UUID;
  struct [[gnu::packed]] {
    std::uint32_t length;
    unsigned char uuid[16];
  } found{};
  if (::fgetattrlist(fd, &wanted, &found, sizeof(found), 0) != 0) return {};
  std::string id(type);
  bool is_set = false;
  for (const unsigned char byte : found.uuid) {
    is_set = is_set || byte != 0;
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", byte);
    id += digits.data();
  }
  return is_set ? Volume{InodeTrust::kInodes, id} : Volume{};
}

int Now(Timestamp* out) {
  struct timespec time {};
  if (::clock_gettime(CLOCK_REALTIME, &time) != 0) return -1;
  *out = {time.tv_sec, static_cast<std::uint32_t>(time.tv_nsec)};
  return 0;
}

// The public headers have no record locks per open file, and closing any descriptor of a file drops
// the locks of the process.
int TryRecordLock(int) { return 0; }

bool IsLocal(int fd) {
  struct statfs raw {};
  return ::fstatfs(fd, &raw) == 0 && (raw.f_flags & MNT_LOCAL) != 0;
}

bool SyncsReportErrors() { return true; }

int SpaceOf(int fd, Space* out) {
  struct statfs raw {};
  if (::fstatfs(fd, &raw) != 0) return -1;
  const auto unit = static_cast<std::uint64_t>(raw.f_bsize);
  out->filesystem = raw.f_fstypename;
  out->can_reflink = out->filesystem == "apfs";
  out->syncs_whole = out->filesystem == "apfs" || out->filesystem == "hfs";
  out->total_bytes = raw.f_blocks * unit;
  out->available_bytes = raw.f_bavail * unit;
  // Root may use the reserved blocks.
  out->free_bytes = EffectiveUser() == 0 ? raw.f_bfree * unit : out->available_bytes;
  out->total_inodes = raw.f_files;
  out->free_inodes = raw.f_ffree;
  return 0;
}

// macOS has no leases that an open waits for.
long LeaseBreakTime() { return 0; }

// macOS cannot pass a descriptor by path, so this returns the current path of the directory.
std::string PathOf(int fd) {
  std::array<char, PATH_MAX> path{};
  return fcntl(fd, F_GETPATH, path.data()) == 0 ? std::string(path.data()) : ".";
}

bool IsPrivileged() { return EffectiveUser() == 0; }

std::string BootId() {
  std::array<char, 64> id{};
  size_t size = id.size() - 1;  // keeps the final NUL
  if (::sysctlbyname("kern.bootsessionuuid", id.data(), &size, nullptr, 0) != 0) return {};
  return id.data();
}

// The IOPlatformUUID, from libc.
std::string MachineId() {
  uuid_t id{};
  const struct timespec wait = {5, 0};
  if (::gethostuuid(id, &wait) != 0) return {};
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : id) text.append({kDigits[byte >> 4U], kDigits[byte & 15U]});
  return text;
}

// If no process has this ID, the call succeeds and returns nothing. A zombie counts as ended.
std::string ProcessStart(pid_t pid) {
  std::array<int, 4> query = {CTL_KERN, KERN_PROC, KERN_PROC_PID, pid};
  struct kinfo_proc process {};
  size_t size = sizeof process;
  if (::sysctl(query.data(), query.size(), &process, &size, nullptr, 0) != 0) return {};
  if (size < sizeof process || process.kp_proc.p_stat == SZOMB) return {};
  const struct timeval& start = process.kp_proc.p_starttime;
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%lld.%06d", static_cast<long long>(start.tv_sec),
                static_cast<int>(start.tv_usec));
  return text.data();
}

// macOS has no pidfd, so a short gap remains between the check and the signal.
int SignalProcess(pid_t pid, const std::string& start, int signal) {
  if (start.empty() || ProcessStart(pid) != start) return 0;
  if (::kill(pid, signal) == 0) return 1;
  return errno == ESRCH ? 0 : -1;
}

}  // namespace cura::sys
