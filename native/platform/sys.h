// The seam to the system: every system call of native/ goes through here, so that tests can make
// any one of them fail. Calls keep their POSIX shape: -1 and errno on failure, no exceptions.
// posix.cc holds what both systems share, linux.cc and the files for darwin the rest.
#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace cura::sys {

// A point in time as the filesystem keeps it; nanoseconds never leave C++.
struct Timestamp {
  std::int64_t sec = 0;
  std::uint32_t nsec = 0;
  auto operator<=>(const Timestamp&) const = default;
};

// What stat says of an inode.
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
  std::uint64_t mount = 0;  // tells mounts of one filesystem apart; 0 where the system does not
  bool mount_is_unique = false;  // no other mount of this boot has had or will have that number
  Timestamp mtime;
  Timestamp ctime;
};

// How far a filesystem keeps what its inodes say.
enum class InodeTrust : std::uint8_t {
  kNothing,  // nothing is known
  kMount,    // inode numbers hold until it is unmounted
  kServer,   // a server keeps inode numbers as long as it keeps the filesystem
  kInodes,   // inode numbers are kept for good, and every change moves the ctime
};

// Which filesystem an open file is on.
struct Volume {
  InodeTrust trust = InodeTrust::kNothing;
  std::string id;  // the same at each mount; with kMount only while it is mounted
};

// What statfs says of a filesystem.
struct Space {
  std::string filesystem;  // "ext4"
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;  // for this user
  std::uint64_t total_inodes = 0;
  std::uint64_t free_inodes = 0;  // for this user
  bool can_reflink = false;
  bool tells_holes = false;      // SEEK_DATA finds all data, even what is not on disk yet
  bool syncs_whole = false;      // SyncFilesystem reaches what keeps the data
  std::uint64_t most_links = 0;  // names that one inode can have; 0: not known, or no limit
};

// Flags for opening a directory that is to be listed, for one that only serves as the `dir` of
// other calls, and for reading a regular file: none of them follows a symlink or blocks.
extern const int kOpenDirectory;
extern const int kOpenPath;
extern const int kOpenFile;
// Leaves the access time alone; EPERM for a file of somebody else. 0 where it does not exist.
extern const int kNoAccessTime;

// Whether SEEK_HOLE can be believed.
extern const bool kKnowsHoles;

int OpenAt(int dir, const char* name, int flags);
// A new file, open for reading and writing: 0600, so that nobody looks into it before its owner and
// mode are final. EEXIST for whatever has that name, even a symlink.
int CreateAt(int dir, const char* name);
int Close(int fd);
ssize_t Read(int fd, void* buffer, size_t size);
// Until the buffer is full or the file ends: bytes read.
ssize_t ReadFull(int fd, char* buffer, size_t size);
ssize_t Write(int fd, const void* buffer, size_t size);
off_t Seek(int fd, off_t offset, int whence);
int Truncate(int fd, off_t size);

int StatFd(int fd, Stat* out);
int StatAt(int dir, const char* name, Stat* out);  // never follows

// Appends one record per entry, '.' and '..' left out: a byte for the type ('d' directory,
// 'f' anything else that is known, '?' unknown), the name, a NUL. `fd` is a directory at its start.
int ReadNames(int fd, std::string* records);

int MakeDirectoryAt(int dir, const char* name, mode_t mode);
int MakeNodeAt(int dir, const char* name, mode_t mode, std::uint64_t rdev);
int SymlinkAt(const char* target, int dir, const char* name);
ssize_t ReadLinkAt(int dir, const char* name, char* buffer, size_t size);
int LinkAt(int from_dir, const char* from, int to_dir, const char* to);  // never follows
int UnlinkAt(int dir, const char* name);
int RemoveDirectoryAt(int dir, const char* name);
int RenameAt(int from_dir, const char* from, int to_dir, const char* to);
// EINVAL or ENOSYS where the filesystem cannot promise it.
int RenameNoReplace(int from_dir, const char* from, int to_dir, const char* to);

int ChownFd(int fd, std::uint32_t uid, std::uint32_t gid);
int ChownAt(int dir, const char* name, std::uint32_t uid, std::uint32_t gid);  // never follows
int ChmodFd(int fd, mode_t mode);
int ChmodAt(int dir, const char* name, mode_t mode);  // ELOOP for a symlink
int SetTimesFd(int fd, Timestamp mtime);
int SetTimesAt(int dir, const char* name, Timestamp mtime);  // never follows

// Extended attributes; the At forms never follow a symlink. On macOS an inode's flags, birth time
// and ACL are among them. ENOTTY from an At form: there is no way to this inode, since there is no
// /proc and the kernel is older than Linux 6.13.
ssize_t ListXattrFd(int fd, char* names, size_t size);
ssize_t ListXattrAt(int dir, const char* name, char* names, size_t size);
ssize_t GetXattrFd(int fd, const char* key, void* value, size_t size);
ssize_t GetXattrAt(int dir, const char* name, const char* key, void* value, size_t size);
int SetXattrFd(int fd, const char* key, const void* value, size_t size);
int SetXattrAt(int dir, const char* name, const char* key, const void* value, size_t size);
int RemoveXattrFd(int fd, const char* key);
// Under which names an inode has the ACLs that it may have inherited.
extern const std::array<const char*, 2> kAclKeys;
// Whether the mode of an inode can forbid its owner to set this one.
bool NeedsWritePermission(std::string_view key);

// As CreateAt, but the file shares the blocks of `from_fd` where that can be: `refused` is 0 then,
// else the errno of the clone, and the file is empty.
int CreateClone(int from_fd, int dir, const char* name, int* refused);
// Copies at both files' offsets inside the kernel; EXDEV, ENOSYS, EOPNOTSUPP or EINVAL where it
// cannot, 0 at the end of the file.
ssize_t CopyRange(int from_fd, int to_fd, size_t size);
// Starts writing back what a file's writer left dirty; only a hint.
void StartWriteback(int fd);

// SHA-256 by the implementation that Node brings (OpenSSL) or the system has (CommonCrypto). Calls
// are false where it fails.
class Sha256 {
 public:
  using Digest = std::array<std::uint8_t, 32>;
  // Whether there is an implementation at all; without one every call fails.
  static bool IsThere();

  Sha256() = default;
  Sha256(Sha256&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Sha256& operator=(Sha256&&) = delete;
  ~Sha256();

  bool Start();  // anew, whatever was added before
  bool Add(const void* bytes, size_t size);
  bool Finish(Digest* digest);

 private:
  void* state_ = nullptr;  // the implementation's own
};

int SyncFilesystem(int fd);  // all data and metadata of the filesystem that holds fd
bool SyncsReportErrors();    // whether SyncFilesystem says what could not be written
int SyncFile(int fd);
int SpaceOf(int fd, Space* out);
Volume VolumeOf(int fd);
int TryFlock(int fd);       // exclusive, EWOULDBLOCK when another holds it
int TryShareFlock(int fd);  // shared, EWOULDBLOCK when another holds it exclusively
// The same of a record lock, which servers of NFS and SMB hold for their clients: EAGAIN or EACCES.
int TryRecordLock(int fd);
// Whether the filesystem is one of this machine alone, so that all its users are seen by flock.
// FUSE may be anything, and is not.
bool IsLocal(int fd);

// Seconds after which whoever holds a lease on a file has lost it to others that want to open it.
long LeaseBreakTime();

// A path by which a child process of ours gets to an open directory.
std::string PathOf(int fd);

void Pause(long milliseconds);  // below a second
// The kernel's time, by which it stamps what is written.
int Now(Timestamp* out);
std::uint32_t EffectiveUser();
size_t DescriptorLimit();
bool IsPrivileged();  // may change owners

std::string BootId();
// What stays from boot to boot; empty where the system has no such thing.
std::string MachineId();
// When a process started, as opaque text; empty when there is none.
std::string ProcessStart(pid_t pid);
// 1 when sent, 0 when the process is gone or did not start at `start`, -1 on error.
int SignalProcess(pid_t pid, const std::string& start, int signal);

}  // namespace cura::sys
