// Extended attributes on macOS. Flags, birth times and ACLs appear as further attributes, so that
// code for attributes keeps them too. Compile-checked on Linux, never run on a Mac.
#include <fcntl.h>
#include <sys/acl.h>
#include <sys/attr.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "platform/darwin.h"
#include "platform/fd.h"
#include "platform/sys.h"

// The compiler of scripts/check-darwin.mjs lacks this header; Apple's SDK has it.
#if __has_include(<sys/xattr.h>)
#include <sys/xattr.h>
#else
extern "C" {
ssize_t fgetxattr(int fd, const char* name, void* value, size_t size, std::uint32_t position,
                  int options);
ssize_t flistxattr(int fd, char* names, size_t size, int options);
int fsetxattr(int fd, const char* name, const void* value, size_t size, std::uint32_t position,
              int options);
int fremovexattr(int fd, const char* name, int options);
}
#endif

namespace cura::sys {

namespace {

// No dots, so that each name is its own kind of note.
constexpr std::string_view kFlags = "cura-flags";
constexpr std::string_view kBirth = "cura-birth";
constexpr std::string_view kAcl = "cura-acl";

// Flags that are harmless in a store: they prevent neither linking nor removing.
constexpr std::uint32_t kHarmless = UF_NODUMP | UF_OPAQUE | UF_HIDDEN;
// Flags that a user sets, not the system. Other flags become a note.
constexpr std::uint32_t kChosen =
    kHarmless | UF_IMMUTABLE | UF_APPEND | SF_ARCHIVED | SF_IMMUTABLE | SF_APPEND | SF_NOUNLINK;

int Refused() {
  errno = EPERM;
  return -1;
}

int SetFlags(int fd, std::uint32_t wanted) {
  struct stat raw {};
  if (::fstat(fd, &raw) != 0) return -1;
  const std::uint32_t flags = (raw.st_flags & ~kHarmless) | (wanted & kHarmless);
  if (flags != raw.st_flags && ::fchflags(fd, flags) != 0) return -1;
  return (wanted & ~kHarmless) == 0 ? 0 : Refused();
}

// Set the birth time before the modification time: an earlier modification time moves the birth
// time back.
int SetBirth(int fd, struct timespec birth) {
  struct attrlist what {};
  what.bitmapcount = ATTR_BIT_MAP_COUNT;
  what.commonattr = ATTR_CMN_CRTIME;
  return ::fsetattrlist(fd, &what, &birth, sizeof birth, 0);
}

// Owns a libSystem ACL, or nothing.
class Acl {
 public:
  explicit Acl(acl_t acl) : acl_(acl) {}
  Acl(const Acl&) = delete;
  Acl& operator=(const Acl&) = delete;
  ~Acl() {
    if (acl_ != nullptr) ::acl_free(acl_);
  }
  [[nodiscard]] acl_t get() const { return acl_; }
  [[nodiscard]] bool IsEmpty() const {
    acl_entry_t entry = nullptr;
    return acl_ == nullptr || ::acl_get_entry(acl_, ACL_FIRST_ENTRY, &entry) != 0;
  }
  // The system gives the folders of a home directory the ACL "everyone may not delete", which would
  // keep their copies from being pruned.
  [[nodiscard]] bool Denies() const {
    acl_entry_t entry = nullptr;
    int next = ACL_FIRST_ENTRY;
    for (; ::acl_get_entry(acl_, next, &entry) == 0; next = ACL_NEXT_ENTRY) {
      acl_tag_t tag = ACL_UNDEFINED_TAG;
      if (::acl_get_tag_type(entry, &tag) != 0 || tag != ACL_EXTENDED_ALLOW) return true;
    }
    return false;
  }

 private:
  acl_t acl_;
};

// Empty if there is no ACL. Uses numeric users and groups, so that no name service is asked.
std::string AclOf(int fd) {
  const Acl acl(::acl_get_fd_np(fd, ACL_TYPE_EXTENDED));
  if (acl.IsEmpty()) return {};
  const ssize_t size = ::acl_size(acl.get());
  std::string bytes(size > 0 ? static_cast<size_t>(size) : 0, '\0');
  const ssize_t length = ::acl_copy_ext(bytes.data(), acl.get(), size);
  bytes.resize(length > 0 ? static_cast<size_t>(length) : 0);
  return bytes;
}

int SetAcl(int fd, const std::string& bytes) {
  const Acl acl(::acl_copy_int(bytes.data()));
  if (acl.get() == nullptr) return -1;
  if (!IsPrivileged() && acl.Denies()) return Refused();
  return ::acl_set_fd_np(fd, acl.get(), ACL_TYPE_EXTENDED);
}

int RemoveAcl(int fd) {
  if (AclOf(fd).empty()) {
    errno = ENODATA;
    return -1;
  }
  filesec_t change = ::filesec_init();
  if (change == nullptr) return -1;
  int done = ::filesec_set_property(change, FILESEC_ACL, _FILESEC_REMOVE_ACL);
  if (done == 0) done = ::fchmodx_np(fd, change);
  const int error = errno;
  ::filesec_free(change);
  errno = error;
  return done;
}

bool IsOurs(std::string_view key) { return key == kFlags || key == kBirth || key == kAcl; }

// The value of one of our attributes, as it is hashed and set; empty if there is none.
std::string ValueOf(int fd, std::string_view key) {
  struct stat raw {};
  if (key == kAcl) return AclOf(fd);
  if (::fstat(fd, &raw) != 0) return {};
  std::array<char, 48> text{};
  if (key == kFlags) {
    const std::uint32_t chosen = raw.st_flags & kChosen;
    if (chosen == 0) return {};
    std::snprintf(text.data(), text.size(), "%x", static_cast<unsigned>(chosen));
    return text.data();
  }
  const struct timespec& birth = raw.st_birthtimespec;
  if (birth.tv_sec == 0 && birth.tv_nsec == 0) return {};  // the filesystem has no birth times
  std::snprintf(text.data(), text.size(), "%lld.%09ld", static_cast<long long>(birth.tv_sec),
                birth.tv_nsec);
  return text.data();
}

int SetOurs(int fd, std::string_view key, const std::string& value) {
  if (key == kAcl) return SetAcl(fd, value);
  unsigned flags = 0;
  if (key == kFlags && std::sscanf(value.c_str(), "%x", &flags) == 1) return SetFlags(fd, flags);
  long long seconds = 0;
  long nanoseconds = 0;
  if (std::sscanf(value.c_str(), "%lld.%ld", &seconds, &nanoseconds) != 2) {
    errno = EINVAL;
    return -1;
  }
  return SetBirth(fd, {static_cast<time_t>(seconds), nanoseconds});
}

// Copies to the caller's buffer like the attribute calls do: without a buffer it only returns the
// size.
ssize_t Deliver(std::string_view bytes, void* buffer, size_t size) {
  if (size > 0 && size < bytes.size()) {
    errno = ERANGE;
    return -1;
  }
  if (size > 0) std::memcpy(buffer, bytes.data(), bytes.size());
  return static_cast<ssize_t>(bytes.size());
}

// Opens an entry for its extended attributes, because the attribute calls have no *at form. A
// read-only descriptor is enough to set them. O_SYMLINK opens a symlink itself, where O_NOFOLLOW
// would fail. Opens only files, directories and symlinks.
Fd OpenForXattrs(int dir, const char* name) {
  Stat stat;
  if (StatAt(dir, name, &stat) != 0) return Fd();
  if (!S_ISREG(stat.mode) && !S_ISDIR(stat.mode) && !S_ISLNK(stat.mode)) {
    errno = ENOTSUP;
    return Fd();
  }
  return Fd(OpenAt(dir, name, O_RDONLY | O_SYMLINK | O_NOCTTY | O_NONBLOCK));
}

}  // namespace

const std::array<const char*, 2> kAclKeys = {kAcl.data(), kAcl.data()};

// All real attributes need write permission here, which the mode may take away.
bool NeedsWritePermission(std::string_view key) { return !IsOurs(key); }

ssize_t ListXattrFd(int fd, char* names, size_t size) {
  std::string all;
  ssize_t length = ::flistxattr(fd, nullptr, 0, 0);
  if (length < 0 && errno != ENOTSUP) return -1;
  if (length > 0) {
    all.resize(static_cast<size_t>(length));
    length = ::flistxattr(fd, all.data(), all.size(), 0);
    if (length < 0) return -1;
    all.resize(static_cast<size_t>(length));
  }
  for (const std::string_view key : {kFlags, kBirth, kAcl}) {
    if (!ValueOf(fd, key).empty()) all.append(key).push_back('\0');
  }
  return Deliver(all, names, size);
}

ssize_t ListXattrAt(int dir, const char* name, char* names, size_t size) {
  const Fd held = OpenForXattrs(dir, name);
  return held.valid() ? ListXattrFd(held.get(), names, size) : -1;
}

ssize_t GetXattrFd(int fd, const char* key, void* value, size_t size) {
  if (IsOurs(key)) {
    const std::string ours = ValueOf(fd, key);
    if (!ours.empty()) return Deliver(ours, value, size);
    errno = ENODATA;
    return -1;
  }
  const ssize_t got = Translated(::fgetxattr(fd, key, value, size, 0, 0), ENOATTR, ENODATA);
  if (got < 0 || static_cast<size_t>(got) < size) return got;
  // fgetxattr truncates a resource fork to the buffer without an error.
  if (::fgetxattr(fd, key, nullptr, 0, 0, 0) > got) {
    errno = ERANGE;
    return -1;
  }
  return got;
}

ssize_t GetXattrAt(int dir, const char* name, const char* key, void* value, size_t size) {
  const Fd held = OpenForXattrs(dir, name);
  return held.valid() ? GetXattrFd(held.get(), key, value, size) : -1;
}

int SetXattrFd(int fd, const char* key, const void* value, size_t size) {
  if (!IsOurs(key)) return ::fsetxattr(fd, key, value, size, 0, 0);
  return SetOurs(fd, key, std::string(static_cast<const char*>(value), size));
}

int SetXattrAt(int dir, const char* name, const char* key, const void* value, size_t size) {
  const Fd held = OpenForXattrs(dir, name);
  return held.valid() ? SetXattrFd(held.get(), key, value, size) : -1;
}

// Every file has a birth time, so it cannot be removed.
int RemoveXattrFd(int fd, const char* key) {
  if (key == kFlags) return SetFlags(fd, 0);
  if (key == kAcl) return RemoveAcl(fd);
  if (key == kBirth) return 0;
  return Translated(::fremovexattr(fd, key, 0), ENOATTR, ENODATA);
}

// Later reads of the file bypass the cache.
void DropCached(int fd, std::uint64_t /*offset*/, std::uint64_t /*size*/) {
  ::fcntl(fd, F_NOCACHE, 1);
}

void SetIdleReads(bool is_idle) {
  ::setiopolicy_np(IOPOL_TYPE_DISK, IOPOL_SCOPE_THREAD, is_idle ? IOPOL_THROTTLE : IOPOL_DEFAULT);
}

std::uint64_t SteadyMs() {
  struct timespec time {};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  constexpr std::uint64_t kThousand = 1000;
  constexpr std::uint64_t kMillion = 1'000'000;
  return static_cast<std::uint64_t>(time.tv_sec) * kThousand +
         static_cast<std::uint64_t>(time.tv_nsec) / kMillion;
}

}  // namespace cura::sys
