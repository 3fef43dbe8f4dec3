// The seam to the system: every system call of native/ goes through here, so that tests can make
// any call fail. Calls keep their POSIX shape: -1 and errno on failure, no exceptions. posix.cc has
// the calls that both systems share; linux*.cc and darwin*.cc have the rest.
#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "platform/names.h"

namespace cura::sys {

// A file time in full resolution. Nanoseconds never leave C++.
struct Timestamp {
  std::int64_t sec = 0;
  std::uint32_t nsec = 0;
  auto operator<=>(const Timestamp&) const = default;
};

// The result of stat.
struct Stat {
  std::uint32_t mode = 0;  // type and permission bits
  std::uint32_t nlink = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;
  std::uint64_t allocated = 0;  // bytes on disk
  std::uint64_t dev = 0;
  std::uint64_t ino = 0;
  std::uint64_t rdev = 0;
  std::uint64_t mount = 0;       // tells mounts of one filesystem apart; 0 if the system does not
  bool mount_is_unique = false;  // no other mount of this boot ever has this number
  Timestamp mtime;
  Timestamp ctime;
};

// How long a filesystem keeps inode numbers and ctimes.
enum class InodeTrust : std::uint8_t {
  kNothing,  // unknown
  kMount,    // inode numbers stay the same until it is unmounted
  kServer,   // inode numbers stay the same as long as the server keeps the filesystem
  kInodes,   // inode numbers never change, and every change updates the ctime
};

// The filesystem of an open file.
struct Volume {
  InodeTrust trust = InodeTrust::kNothing;
  std::string id;  // the same after every mount; with kMount only until it is unmounted
};

// The result of statfs.
struct Space {
  std::string filesystem;  // "ext4"
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;       // for this user
  std::uint64_t available_bytes = 0;  // for ordinary users
  std::uint64_t total_inodes = 0;
  std::uint64_t free_inodes = 0;  // for this user
  bool can_reflink = false;
  bool reports_holes = false;    // SEEK_DATA finds all data, even if it is not on disk yet
  bool syncs_whole = false;      // SyncFilesystem reaches the disk
  std::uint64_t most_links = 0;  // names per inode; 0: unknown, or no limit
};

// Flags for opening a directory to list it, a directory as the `dir` of other calls, and a regular
// file to read it. None of them follows a symlink or blocks.
extern const int kOpenDirectory;
extern const int kOpenPath;
extern const int kOpenFile;
// Leaves the access time alone. EPERM for files of other users. 0 where the flag does not exist.
extern const int kNoAccessTime;

// Whether SEEK_HOLE works on any filesystem.
extern const bool kReportsAnyHoles;

int OpenAt(int dir, const char* name, int flags);
// Creates a file, open for reading and writing, with mode 0600 so that nobody can read it before
// its owner and mode are final. EEXIST if the name exists, even as a symlink.
int CreateAt(int dir, const char* name);
int Close(int fd);
ssize_t Read(int fd, void* buffer, size_t size);
// Reads until the buffer is full or the file ends. Returns the number of bytes.
ssize_t ReadFull(int fd, char* buffer, size_t size);
// The same from `offset` on; the file's own offset stays.
ssize_t ReadAt(int fd, char* buffer, size_t size, std::uint64_t offset);
ssize_t Write(int fd, const void* buffer, size_t size);
off_t Seek(int fd, off_t offset, int whence);
int Truncate(int fd, off_t size);

int StatFd(int fd, Stat* out);
int StatAt(int dir, const char* name, Stat* out);  // never follows

// Appends the names of a directory except '.' and '..'. `fd` is the directory at its start. EIO
// means that the listing is damaged: a name that is a path, for instance, must not be looked up.
int ReadNames(int fd, Names* names);

int MakeDirectoryAt(int dir, const char* name, mode_t mode);
int MakeNodeAt(int dir, const char* name, mode_t mode, std::uint64_t rdev);
int SymlinkAt(const char* target, int dir, const char* name);
ssize_t ReadLinkAt(int dir, const char* name, char* buffer, size_t size);
int LinkAt(int from_dir, const char* from, int to_dir, const char* to);  // never follows
int UnlinkAt(int dir, const char* name);
int RemoveDirectoryAt(int dir, const char* name);
int RenameAt(int from_dir, const char* from, int to_dir, const char* to);
// EINVAL or ENOSYS if the filesystem cannot guarantee it.
int RenameNoReplace(int from_dir, const char* from, int to_dir, const char* to);

int ChownFd(int fd, std::uint32_t uid, std::uint32_t gid);
int ChownAt(int dir, const char* name, std::uint32_t uid, std::uint32_t gid);  // never follows
int ChmodFd(int fd, mode_t mode);
int ChmodAt(int dir, const char* name, mode_t mode);  // ELOOP for a symlink
int SetTimesFd(int fd, Timestamp mtime);
int SetTimesAt(int dir, const char* name, Timestamp mtime);  // never follows

// Extended attributes; the At forms never follow a symlink. On macOS they include flags, birth time
// and ACL. An At form fails with ENOTTY if it cannot reach the inode: without /proc before Linux
// 6.13.
ssize_t ListXattrFd(int fd, char* names, size_t size);
ssize_t ListXattrAt(int dir, const char* name, char* names, size_t size);
ssize_t GetXattrFd(int fd, const char* key, void* value, size_t size);
ssize_t GetXattrAt(int dir, const char* name, const char* key, void* value, size_t size);
int SetXattrFd(int fd, const char* key, const void* value, size_t size);
int SetXattrAt(int dir, const char* name, const char* key, const void* value, size_t size);
int RemoveXattrFd(int fd, const char* key);
// The attributes that hold ACLs, which an inode may have inherited.
extern const std::array<const char*, 2> kAclKeys;
// Whether the mode of an inode can keep its owner from setting this attribute.
bool NeedsWritePermission(std::string_view key);

// Like CreateAt, but the file shares the blocks of `from_fd` if possible. `refused` is then 0;
// otherwise it is the errno of the clone, and the file is empty.
int CreateClone(int from_fd, int dir, const char* name, int* refused);
// Copies inside the kernel at both files' offsets. EXDEV, ENOSYS, EOPNOTSUPP or EINVAL if it
// cannot, 0 at the end of the file.
ssize_t CopyRange(int from_fd, int to_fd, size_t size);
// Starts writing back the dirty pages of a file; only a hint.
void StartWriteback(int fd);
// Frees the cached pages of a part of a file that will not be read again soon; only a hint.
void DropCached(int fd, std::uint64_t offset, std::uint64_t size);
// Lets the calling thread read only when nobody else does, or as usual again; only a hint.
void SetIdleReads(bool is_idle);

// SHA-256 from the library that Node ships (OpenSSL) or the system has (CommonCrypto). Calls return
// false on failure.
class Sha256 {
 public:
  using Digest = std::array<std::uint8_t, 32>;
  // Whether an implementation exists. Without one every call fails.
  static bool IsThere();

  Sha256() = default;
  Sha256(Sha256&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Sha256& operator=(Sha256&&) = delete;
  ~Sha256();

  bool Start();  // discards what was added before
  bool Add(const void* bytes, size_t size);
  bool Finish(Digest* digest);

 private:
  void* state_ = nullptr;  // owned by the implementation
};

int SyncFilesystem(int fd);  // all data and metadata of the filesystem that holds fd
bool SyncsReportErrors();    // whether SyncFilesystem reports failed writes
int SyncFile(int fd);
int SpaceOf(int fd, Space* out);
Volume VolumeOf(int fd);
int TryFlock(int fd);       // exclusive; EWOULDBLOCK if another process holds it
int TryShareFlock(int fd);  // shared; EWOULDBLOCK if another process holds it exclusively
// The same as TryFlock for a record lock, which NFS and SMB servers hold for their clients: EAGAIN
// or EACCES.
int TryRecordLock(int fd);
// Whether only this machine uses the filesystem, so that flock reaches all users. False for FUSE,
// which may be anything.
bool IsLocal(int fd);

// Seconds after which the kernel revokes a lease that blocks another open.
long LeaseBreakTime();

// A path by which our child process can reach an open directory.
std::string PathOf(int fd);

void Pause(long milliseconds);  // less than a second
// The kernel's clock, which timestamps files.
int Now(Timestamp* out);
// Milliseconds of a clock that nobody sets.
std::uint64_t SteadyMs();
std::uint32_t EffectiveUser();
pid_t OwnProcess();
size_t DescriptorLimit();
bool IsPrivileged();  // may change owners

std::string BootId();
// An ID that survives reboots; empty if the system has none.
std::string MachineId();
// The start time of a process as opaque text; empty if there is no such process.
std::string ProcessStart(pid_t pid);
// 1 if sent, 0 if the process is gone or did not start at `start`, -1 on error.
int SignalProcess(pid_t pid, const std::string& start, int signal);

}  // namespace cura::sys
